// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>Which patches pre-training hides.</summary>
public enum VideoMaskingStrategy
{
    /// <summary>The same patches in every frame, so that no patch can be copied from another time.</summary>
    Tube,

    /// <summary>Patches drawn at random in space and time.</summary>
    Random,
}
