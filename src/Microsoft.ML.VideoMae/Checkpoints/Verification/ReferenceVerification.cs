// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>How a model compares with a reference.</summary>
public sealed class ReferenceVerification
{
    internal ReferenceVerification(IReadOnlyList<ReferenceComparison> comparisons, IReadOnlyList<string> skipped, KeyReport loadReport)
    {
        Comparisons = comparisons;
        Skipped = skipped;
        LoadReport = loadReport;
    }

    /// <summary>Every expected tensor that was compared, in the order of their names; at least one.</summary>
    public IReadOnlyList<ReferenceComparison> Comparisons { get; }

    /// <summary>The names in the file of expected tensors that this model does not produce.</summary>
    public IReadOnlyList<string> Skipped { get; }

    /// <summary>What was loaded from the checkpoint.</summary>
    public KeyReport LoadReport { get; }

    /// <summary>Whether everything that was compared is within its tolerance.</summary>
    public bool Passed => Comparisons.All(comparison => comparison.Passed);
}
