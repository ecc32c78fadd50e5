// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>What a candidate said of rows that it was not trained on, and what that is worth.</summary>
internal abstract class OutOfFold
{
    /// <param name="scores">What it said of every row; null for rows that were not scored.</param>
    /// <param name="losses">The loss of every row; not a number for rows that were not scored.</param>
    private protected OutOfFold(IReadOnlyList<float[]?> scores, IReadOnlyList<double> losses) => (Scores, Losses) = (scores, losses);

    /// <summary>What was said of every row: probabilities of classes, or one number; null for rows that were not scored.</summary>
    public IReadOnlyList<float[]?> Scores { get; }

    /// <summary>The loss of every row, by which candidates are compared; not a number where it was not scored.</summary>
    public IReadOnlyList<double> Losses { get; }

    /// <summary>The mean loss of the scored rows.</summary>
    public double Loss => Losses.Where(double.IsFinite).Average();

    /// <summary>The number of scored rows.</summary>
    public int Count => Losses.Count(double.IsFinite);

    /// <summary>The power that probabilities were raised to: the inverse of a temperature. 1 changes nothing.</summary>
    public virtual float Sharpness => 1;

    /// <summary>How good a row is, in the unit of <see cref="Say"/>: the mean of rows is what people read.</summary>
    public abstract double Quality(int row);

    /// <summary>Says how good a candidate is, after its name.</summary>
    /// <param name="quality">The mean of <see cref="Quality"/>.</param>
    public abstract string Say(double quality);

    /// <summary>Writes the figures into the description of a candidate.</summary>
    /// <param name="detail">The description.</param>
    /// <param name="folds">The fold of every row.</param>
    public abstract VideoExperimentRunDetail Describe(VideoExperimentRunDetail detail, IReadOnlyList<int> folds);

    /// <summary>The mean of several candidates' scores, on the rows that all have scored; null for all others.</summary>
    public static float[]?[] Mean(IReadOnlyList<OutOfFold> members)
    {
        var mean = new float[]?[members[0].Scores.Count];
        for (int row = 0; row < mean.Length; row++)
        {
            if (members.All(m => m.Scores[row] is not null))
                mean[row] = [.. members[0].Scores[row]!.Select((_, c) => members.Average(m => m.Scores[row]![c]))];
        }

        return mean;
    }

    /// <summary>The rows that are scored.</summary>
    public IEnumerable<int> Rows() => Enumerable.Range(0, Scores.Count).Where(i => Scores[i] is not null);

    /// <summary>The deviation of the folds' mean losses; 0 for a single fold.</summary>
    public double Deviation(IReadOnlyList<int> folds)
    {
        double[] means = [.. Rows().GroupBy(i => folds[i]).Select(g => g.Average(i => Losses[i]))];
        double mean = means.Average();
        return means.Length < 2 ? 0 : Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (means.Length - 1));
    }
}
