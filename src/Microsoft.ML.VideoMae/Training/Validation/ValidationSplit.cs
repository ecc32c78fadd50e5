// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Data;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Keeps a share of every class for validation, with the clips of a group on one side.</summary>
internal static class ValidationSplit
{
    /// <summary>Splits clips.</summary>
    /// <param name="examples">All clips.</param>
    /// <param name="fraction">The share to keep for validation.</param>
    /// <param name="stratify">Whether targets are classes whose shares are to be equal on both sides.</param>
    /// <param name="random">Draws the groups.</param>
    /// <returns>Both sides in the order of <paramref name="examples"/>.</returns>
    public static (List<ClipExample> Training, List<ClipExample> Validation) Split(
        IReadOnlyList<ClipExample> examples, double fraction, bool stratify, Random random)
    {
        HashSet<int> kept = GroupedSplit.Draw(
            [.. examples.Select(e => stratify ? e.ClassIndex : 0)], [.. examples.Select(e => e.Group)], fraction, random);
        return ([.. examples.Where((_, i) => !kept.Contains(i))], [.. examples.Where((_, i) => kept.Contains(i))]);
    }
}
