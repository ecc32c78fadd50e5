// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Data;

/// <summary>Divides rows into folds for cross-validation: the rows of a group stay together, and classes in proportion.</summary>
internal static class GroupedFolds
{
    /// <summary>Divides rows.</summary>
    /// <param name="classes">The class of every row.</param>
    /// <param name="groups">The group of every row; a row without one is a group of its own.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="random">Draws the order of the groups.</param>
    /// <returns>The fold of every row.</returns>
    public static int[] Draw(IReadOnlyList<int> classes, IReadOnlyList<string?> groups, int folds, Random random)
    {
        int[] rows = [.. Enumerable.Range(0, classes.Count)];
        int[][] drawn = [.. rows.GroupBy(i => groups[i] ?? $"row {i}", StringComparer.Ordinal).Select(g => g.ToArray())];
        random.Shuffle(drawn);
        Dictionary<int, double> totals = classes.GroupBy(c => c).ToDictionary(c => c.Key, c => (double)c.Count());
        Dictionary<int, int>[] counts = [.. Enumerable.Range(0, folds).Select(_ => new Dictionary<int, int>())];
        var result = new int[classes.Count];
        // The largest groups first: small ones fill what they leave uneven.
        foreach (int[] group in drawn.OrderByDescending(g => g.Length))
        {
            (int Class, int Count)[] brings = [.. group.GroupBy(i => classes[i]).Select(g => (g.Key, g.Count()))];
            int fold = Enumerable.Range(0, folds).MinBy(f => (Cost(counts[f], brings, totals), counts[f].Values.Sum()));
            foreach ((int @class, int count) in brings)
                counts[fold][@class] = counts[fold].GetValueOrDefault(@class) + count;
            foreach (int row in group)
                result[row] = fold;
        }

        return result;
    }

    /// <summary>How much more uneven a fold becomes: the growth of squared shares of classes.</summary>
    private static double Cost(Dictionary<int, int> fold, (int Class, int Count)[] brings, Dictionary<int, double> totals) =>
        brings.Sum(b =>
        {
            double before = fold.GetValueOrDefault(b.Class), after = before + b.Count;
            return ((after * after) - (before * before)) / (totals[b.Class] * totals[b.Class]);
        });
}
