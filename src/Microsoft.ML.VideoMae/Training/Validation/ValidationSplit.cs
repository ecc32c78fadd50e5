// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

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
        int[] classes = [.. examples.Select(e => stratify ? e.ClassIndex : 0)];
        int[][] groups = [.. Enumerable.Range(0, examples.Count).GroupBy(i => examples[i].Group ?? $"row {i}", StringComparer.Ordinal).Select(g => g.ToArray())];
        random.Shuffle(groups);
        // Classes with one group only stay whole in training.
        Dictionary<int, int> missing = Enumerable.Range(0, examples.Count).GroupBy(i => classes[i]).ToDictionary(
            c => c.Key,
            c => groups.Count(g => g.Any(i => classes[i] == c.Key)) < 2 ? 0 : Math.Max(1, (int)Math.Round(fraction * c.Count())));
        var kept = new HashSet<int>();
        foreach (int[] group in groups.Concat(groups.OrderBy(g => g.Length)))
            TryKeep(group, classes, missing, kept);
        return ([.. examples.Where((_, i) => !kept.Contains(i))], [.. examples.Where((_, i) => kept.Contains(i))]);
    }

    /// <summary>Keeps a group where it fills more of what is missing than it brings too much.</summary>
    private static void TryKeep(int[] group, int[] classes, Dictionary<int, int> missing, HashSet<int> kept)
    {
        if (kept.Contains(group[0]))
            return;
        (int Class, int Count)[] counts = [.. group.GroupBy(i => classes[i]).Select(g => (g.Key, g.Count()))];
        int filled = counts.Sum(c => Math.Min(c.Count, Math.Max(0, missing[c.Class])));
        int tooMuch = counts.Sum(c => Math.Max(0, c.Count - Math.Max(0, missing[c.Class])));
        if (filled == 0 || tooMuch > filled)
            return;
        kept.UnionWith(group);
        foreach ((int @class, int count) in counts)
            missing[@class] -= count;
    }
}
