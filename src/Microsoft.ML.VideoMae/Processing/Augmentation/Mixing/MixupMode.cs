// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>What shares one draw of mixup or cutmix.</summary>
public enum MixupMode
{
    /// <summary>All clips of a batch.</summary>
    Batch,

    /// <summary>A clip and its partner.</summary>
    Pair,

    /// <summary>Nothing: every clip is mixed in its own way.</summary>
    Element,
}
