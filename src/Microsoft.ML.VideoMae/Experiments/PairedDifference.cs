// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae;

/// <summary>How much lower one model's loss is than another's, on the rows that both have scored.</summary>
/// <param name="Mean">The mean difference of the rows: above 0 where the second is better.</param>
/// <param name="Error">The standard error of the mean. Rows of a group count as one: they are alike.</param>
/// <param name="Rows">The number of rows.</param>
public readonly record struct PairedDifference(double Mean, double Error, int Rows)
{
    /// <summary>Half of a 95 % interval.</summary>
    public double HalfInterval => 1.96 * Error;

    /// <summary>Compares losses.</summary>
    /// <param name="first">A number for every row, such as a loss; not a number where there is none.</param>
    /// <param name="second">The same of the other.</param>
    /// <param name="groups">
    /// The group of every row, such as the recording that it is cut from: rows of a group are alike. A row without one is a group of its own;
    /// null where no row has one.
    /// </param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static PairedDifference Of(
        IReadOnlyList<double> first, IReadOnlyList<double> second, IReadOnlyList<string?>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count || (groups is not null && groups.Count != first.Count))
            throw new ArgumentException($"{first.Count} and {second.Count} numbers were given, and {groups?.Count} groups; all need one number.");
        int[] rows = [.. Enumerable.Range(0, first.Count).Where(i => double.IsFinite(first[i]) && double.IsFinite(second[i]))];
        if (rows.Length == 0)
            return new PairedDifference(0, double.PositiveInfinity, 0);
        double mean = rows.Average(i => first[i] - second[i]);
        // The ratio estimator of a mean over clusters: sums of the deviations of each.
        double[] sums = [.. rows.GroupBy(i => groups?[i] ?? $"row {i}", StringComparer.Ordinal)
            .Select(g => g.Sum(i => first[i] - second[i] - mean))];
        double error = sums.Length < 2
            ? double.PositiveInfinity
            : Math.Sqrt(sums.Sum(s => s * s) * sums.Length / (sums.Length - 1.0)) / rows.Length;
        return new PairedDifference(mean, error, rows.Length);
    }
}
