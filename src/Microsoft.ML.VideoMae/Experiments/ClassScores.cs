// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Probabilities of classes that a candidate gave to rows which it was not trained on. The loss is the log-loss.</summary>
internal sealed class ClassScores : OutOfFold
{
    private const double Least = 1e-7;

    private readonly IReadOnlyList<int> _classes;

    /// <param name="scores">The probabilities of every row, as the model gives them; null for rows that were not scored.</param>
    /// <param name="classes">The class of every row.</param>
    /// <param name="sharpness">The power that probabilities are raised to: the inverse of a temperature.</param>
    private ClassScores(float[]?[] scores, IReadOnlyList<int> classes, float sharpness)
        : base(scores, [.. scores.Select((s, i) => s is null ? double.NaN : 0 - Math.Log(Math.Max(s[classes[i]], Least)))]) =>
        (_classes, Sharpness) = (classes, sharpness);

    /// <inheritdoc/>
    public override float Sharpness { get; }

    /// <summary>Scores with the temperature at which their log-loss is least.</summary>
    /// <param name="scores">Probabilities; null for rows that were not scored.</param>
    /// <param name="classes">The class of every row.</param>
    public static ClassScores Calibrated(float[]?[] scores, IReadOnlyList<int> classes)
    {
        // Golden section over the logarithm of the power: the loss has one valley.
        double low = Math.Log(1.0 / 16), high = Math.Log(16), ratio = (Math.Sqrt(5) - 1) / 2;
        // Where every row is right, the sharpest would be best. A power far from 1 has to be worth it: its logarithm has the prior of a
        // normal distribution of deviation 1.
        int count = scores.Count(s => s is not null);
        double Loss(double log) => Sharpened(scores, classes, (float)Math.Exp(log)).Loss + (log * log / (2 * count));
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

    /// <summary>The probabilities p of a row become p^sharpness, divided by their sum.</summary>
    public static void Sharpen(ReadOnlySpan<float> scores, float sharpness, Span<float> result)
    {
        double sum = 0;
        for (int c = 0; c < scores.Length; c++)
            sum += result[c] = (float)Math.Pow(Math.Max(scores[c], Least), sharpness);
        for (int c = 0; c < scores.Length; c++)
            result[c] = (float)(result[c] / sum);
    }

    /// <summary>1 where the most probable class is the row's own.</summary>
    public override double Quality(int row) => IsRight(row) ? 1 : 0;

    public override string Say(double quality) => string.Create(CultureInfo.InvariantCulture, $"is right for {quality:0.000}");

    public override VideoExperimentRunDetail Describe(VideoExperimentRunDetail detail, IReadOnlyList<int> folds) => detail with
    {
        LogLoss = Loss,
        LogLossStandardDeviation = Deviation(folds),
        MicroAccuracy = Rows().Average(i => IsRight(i) ? 1.0 : 0),
        MacroAccuracy = Rows().GroupBy(i => _classes[i]).Average(g => g.Average(i => IsRight(i) ? 1.0 : 0)),
    };

    private bool IsRight(int row) => Scores[row].AsSpan().IndexOf(Scores[row]!.Max()) == _classes[row];

    private static ClassScores Sharpened(float[]?[] scores, IReadOnlyList<int> classes, float sharpness) =>
        new([.. scores.Select(s => s is null ? null : Sharp(s, sharpness))], classes, sharpness);

    private static float[] Sharp(float[] scores, float sharpness)
    {
        var result = new float[scores.Length];
        Sharpen(scores, sharpness, result);
        return result;
    }
}
