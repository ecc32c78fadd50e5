// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Data;

/// <summary>Keeps a share of every class apart, with the rows of a group on one side.</summary>
internal static class GroupedSplit
{
    /// <summary>Draws the rows that are kept apart.</summary>
    /// <param name="classes">The class of every row; all the same where shares of classes do not matter.</param>
    /// <param name="groups">The group of every row; a row without one is a group of its own.</param>
    /// <param name="fraction">The share to keep apart.</param>
    /// <param name="random">Draws the groups.</param>
    /// <returns>The indices of the rows.</returns>
    public static HashSet<int> Draw(IReadOnlyList<int> classes, IReadOnlyList<string?> groups, double fraction, Random random)
    {
        int[] rows = [.. Enumerable.Range(0, classes.Count)];
        int[][] drawn = [.. rows.GroupBy(i => groups[i] ?? $"row {i}", StringComparer.Ordinal).Select(g => g.ToArray())];
        random.Shuffle(drawn);
        // Classes with one group only stay whole on the larger side.
        Dictionary<int, int> missing = rows.GroupBy(i => classes[i]).ToDictionary(
            c => c.Key,
            c => drawn.Count(g => g.Any(i => classes[i] == c.Key)) < 2 ? 0 : Math.Max(1, (int)Math.Round(fraction * c.Count())));
        var kept = new HashSet<int>();
        foreach (int[] group in drawn.Concat(drawn.OrderBy(g => g.Length)))
            TryKeep(group, classes, missing, kept);
        return kept;
    }

    /// <summary>Keeps a group where it fills more of what is missing than it brings too much.</summary>
    private static void TryKeep(int[] group, IReadOnlyList<int> classes, Dictionary<int, int> missing, HashSet<int> kept)
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
