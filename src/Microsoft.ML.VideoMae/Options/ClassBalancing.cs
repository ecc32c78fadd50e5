// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What is done about classes that have more clips than others.</summary>
public enum ClassBalancing
{
    /// <summary>Nothing: every clip counts alike.</summary>
    None,

    /// <summary>The loss of a clip is weighted by the inverse of its class's share, so that classes count alike.</summary>
    Weights,

    /// <summary>Every epoch draws as many clips as there are, with replacement, from all classes alike.</summary>
    Sampling,
}
