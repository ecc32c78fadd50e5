// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Probabilities of classes that a candidate gave to rows which it was not trained on.</summary>
internal sealed class OutOfFold
{
    private const double Least = 1e-7;

    private readonly float[]?[] _scores;
    private readonly IReadOnlyList<int> _classes;

    /// <param name="scores">The probabilities of every row, as the model gives them; null for rows that were not scored.</param>
    /// <param name="classes">The class of every row.</param>
    /// <param name="sharpness">The power that probabilities are raised to: the inverse of a temperature.</param>
    private OutOfFold(float[]?[] scores, IReadOnlyList<int> classes, float sharpness)
    {
        (_scores, _classes, Sharpness) = (scores, classes, sharpness);
        Losses = [.. scores.Select((s, i) => s is null ? double.NaN : 0 - Math.Log(Math.Max(s[classes[i]], Least)))];
    }

    /// <summary>The probabilities; null for rows that were not scored.</summary>
    public IReadOnlyList<float[]?> Probabilities => _scores;

    /// <summary>The power that the model's probabilities are raised to; 1 changes nothing.</summary>
    public float Sharpness { get; }

    /// <summary>The log-loss of every row; not a number where it was not scored.</summary>
    public IReadOnlyList<double> Losses { get; }

    /// <summary>The mean log-loss of the scored rows.</summary>
    public double LogLoss => Losses.Where(double.IsFinite).Average();

    /// <summary>The number of scored rows.</summary>
    public int Count => Losses.Count(double.IsFinite);

    /// <summary>Scores with the temperature at which their log-loss is least.</summary>
    /// <param name="scores">Probabilities; null for rows that were not scored.</param>
    /// <param name="classes">The class of every row.</param>
    public static OutOfFold Calibrated(float[]?[] scores, IReadOnlyList<int> classes)
    {
        // Golden section over the logarithm of the power: the loss has one valley.
        double low = Math.Log(1.0 / 16), high = Math.Log(16), ratio = (Math.Sqrt(5) - 1) / 2;
        // Where every row is right, the sharpest would be best. A power far from 1 has to be worth it: its logarithm has the prior of a
        // normal distribution of deviation 1.
        int count = scores.Count(s => s is not null);
        double Loss(double log) => Sharpened(scores, classes, (float)Math.Exp(log)).LogLoss + (log * log / (2 * count));
        double left = high - (ratio * (high - low)), right = low + (ratio * (high - low));
        double leftLoss = Loss(left), rightLoss = Loss(right);
        while (high - low > 0.01)
        {
            if (leftLoss <= rightLoss)
            {
                (high, right, rightLoss) = (right, left, leftLoss);
                left = high - (ratio * (high - low));
                leftLoss = Loss(left);
            }
            else
            {
                (low, left, leftLoss) = (left, right, rightLoss);
                right = low + (ratio * (high - low));
                rightLoss = Loss(right);
            }
        }

        return Sharpened(scores, classes, (float)Math.Exp((low + high) / 2));
    }

    /// <summary>The mean of several candidates' probabilities, on the rows that all have scored.</summary>
    public static OutOfFold Mean(IReadOnlyList<OutOfFold> members)
    {
        var mean = new float[]?[members[0]._scores.Length];
        for (int row = 0; row < mean.Length; row++)
        {
            if (members.All(m => m._scores[row] is not null))
                mean[row] = [.. members[0]._scores[row]!.Select((_, c) => members.Average(m => m._scores[row]![c]))];
        }

        return new OutOfFold(mean, members[0]._classes, 1);
    }

    /// <summary>The probabilities p of a row become p^sharpness, divided by their sum.</summary>
    public static void Sharpen(ReadOnlySpan<float> scores, float sharpness, Span<float> result)
    {
        double sum = 0;
        for (int c = 0; c < scores.Length; c++)
            sum += result[c] = (float)Math.Pow(Math.Max(scores[c], Least), sharpness);
        for (int c = 0; c < scores.Length; c++)
            result[c] = (float)(result[c] / sum);
    }

    /// <summary>The share of the scored rows whose most probable class is theirs.</summary>
    public double Accuracy() => Rows().Average(i => IsRight(i) ? 1.0 : 0);

    /// <summary>The mean over the classes of the share that is right.</summary>
    public double MacroAccuracy() => Rows().GroupBy(i => _classes[i]).Average(g => g.Average(i => IsRight(i) ? 1.0 : 0));

    /// <summary>The deviation of the folds' mean log-losses; 0 for a single fold.</summary>
    public double Deviation(IReadOnlyList<int> folds)
    {
        double[] means = [.. Rows().GroupBy(i => folds[i]).Select(g => g.Average(i => Losses[i]))];
        double mean = means.Average();
        return means.Length < 2 ? 0 : Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (means.Length - 1));
    }

    /// <summary>Whether the most probable class of a row is its own.</summary>
    public bool IsRight(int row) => _scores[row].AsSpan().IndexOf(_scores[row]!.Max()) == _classes[row];

    /// <summary>The rows that are scored.</summary>
    public IEnumerable<int> Rows() => Enumerable.Range(0, _scores.Length).Where(i => _scores[i] is not null);

    private static OutOfFold Sharpened(float[]?[] scores, IReadOnlyList<int> classes, float sharpness) =>
        new([.. scores.Select(s => s is null ? null : Sharp(s, sharpness))], classes, sharpness);

    private static float[] Sharp(float[] scores, float sharpness)
    {
        var result = new float[scores.Length];
        Sharpen(scores, sharpness, result);
        return result;
    }
}
