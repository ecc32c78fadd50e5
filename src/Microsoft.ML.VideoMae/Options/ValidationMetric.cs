// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What decides which epoch was the best.</summary>
public enum ValidationMetric
{
    /// <summary>The share of validation clips that are classified correctly. Where it is equal, the lower loss wins.</summary>
    Accuracy,

    /// <summary>
    /// The mean over the classes of the share of their clips that are classified correctly. Where it is equal, the lower loss wins.
    /// </summary>
    MacroAccuracy,

    /// <summary>The mean loss of the validation clips.</summary>
    Loss,
}
