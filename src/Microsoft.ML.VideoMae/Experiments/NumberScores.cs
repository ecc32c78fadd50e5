// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Numbers that a candidate gave to rows which it was not trained on. The loss is the squared error.</summary>
internal sealed class NumberScores : OutOfFold
{
    private readonly IReadOnlyList<float> _numbers;
    private readonly double _variance;

    /// <param name="scores">A vector of one for every row; null for rows that were not scored.</param>
    /// <param name="numbers">The right number of every row.</param>
    public NumberScores(float[]?[] scores, IReadOnlyList<float> numbers)
        : base(scores, [.. scores.Select((s, i) => s is null ? double.NaN : (s[0] - (double)numbers[i]) * (s[0] - (double)numbers[i]))])
    {
        _numbers = numbers;
        // Of all rows, so that candidates that scored other rows have the same unit.
        double mean = numbers.Average(n => (double)n);
        _variance = numbers.Average(n => (n - mean) * (n - mean));
    }

    /// <summary>1 less the squared error as a share of the variance: its mean is R squared.</summary>
    public override double Quality(int row) => 1 - (Losses[row] / _variance);

    public override string Say(double quality) =>
        string.Create(CultureInfo.InvariantCulture, $"explains {quality:0.000} of the variance");

    public override VideoExperimentRunDetail Describe(VideoExperimentRunDetail detail, IReadOnlyList<int> folds) => detail with
    {
        RSquared = 1 - (Loss / _variance),
        RootMeanSquaredError = Math.Sqrt(Loss),
        MeanAbsoluteError = Rows().Average(i => Math.Abs(Scores[i]![0] - (double)_numbers[i])),
    };
}
