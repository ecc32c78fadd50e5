// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>A linear classifier on features of videos: standardised, limited to 8 deviations, with the strength that suits best.</summary>
/// <param name="rows">The rows.</param>
/// <param name="features">Their features; null for rows without.</param>
/// <param name="seed">The seed.</param>
internal sealed class LinearModel(ExperimentRows rows, IReadOnlyList<float[]?> features, int seed)
{
    /// <summary>The weight of a row in training.</summary>
    public const string WeightColumn = "VideoExperiment.Weight";

    private const string Column = "VideoExperiment.Features";

    private static readonly float[] s_strengths = [10000, 1000, 100, 10, 1, 0.1f];

    /// <summary>A fold to be scored.</summary>
    private sealed record Fold(IDataView Learned, int[] HeldRows, IDataView Held);

    /// <summary>The probabilities out of fold, at the strength whose log-loss is least.</summary>
    /// <param name="stop">Ends the search.</param>
    /// <returns>The strength, and the scores.</returns>
    public (float L2, OutOfFold Scores) Search(CancellationToken stop)
    {
        Fold[] folds = [.. Enumerable.Range(0, rows.FoldCount).Select(FoldOf).OfType<Fold>()];
        float[]?[][] scores = [.. s_strengths.Select(_ => new float[]?[rows.Count])];
        Parallel.For(0, folds.Length * s_strengths.Length, new ParallelOptions { CancellationToken = stop }, i =>
        {
            int strength = i / folds.Length;
            Score(folds[i % folds.Length], s_strengths[strength], scores[strength]);
        });
        return s_strengths.Select((l2, i) => (l2, OutOfFold.Calibrated(scores[i], rows.Classes))).MinBy(s => s.Item2.LogLoss);
    }

    /// <summary>Trains on all rows.</summary>
    /// <param name="strength">The weight of the squares of the weights.</param>
    /// <param name="column">The column of the features.</param>
    /// <returns>A model that reads this column, and gives Score and PredictedLabel.</returns>
    public ITransformer Train(float strength, string column)
    {
        var ml = new MLContext(seed);
        int[] known = Known(_ => true);
        return ml.Transforms.NormalizeMeanVariance(column, fixZero: false)
            .Append(ml.Transforms.Expression(column, "x => min(8f, max(-8f, x))", column))
            .Append(Trainer(ml, strength, column))
            .Fit(rows.View(known, [.. known.Select(i => features[i]!)], column));
    }

    /// <summary>Null where it has no rows that can be read.</summary>
    private Fold? FoldOf(int fold)
    {
        int[] held = Known(i => rows.Folds[i] == fold), learned = Known(i => rows.Folds[i] != fold);
        if (held.Length == 0 || learned.Length == 0)
            return null;
        (float[][] one, float[][] other) = RowSpace.Of([.. learned.Select(i => features[i]!)], [.. held.Select(i => features[i]!)]);
        return new Fold(rows.View(learned, one, Column), held, rows.View(held, other, Column));
    }

    private void Score(Fold fold, float strength, float[]?[] scores)
    {
        var ml = new MLContext(seed);
        ITransformer model = Trainer(ml, strength, Column).Fit(fold.Learned);
        int i = 0;
        foreach (float[] score in model.Transform(fold.Held).GetColumn<float[]>(DefaultColumnNames.Score))
            scores[fold.HeldRows[i++]] = score;
    }

    private int[] Known(Func<int, bool> isWanted) =>
        [.. Enumerable.Range(0, rows.Count).Where(i => features[i] is not null && isWanted(i))];

    private LbfgsMaximumEntropyMulticlassTrainer Trainer(MLContext ml, float strength, string column) =>
        ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = rows.LabelColumn,
            FeatureColumnName = column,
            ExampleWeightColumnName = WeightColumn,
            L1Regularization = 0,
            L2Regularization = strength,
            OptimizationTolerance = 1e-5f,
            MaximumNumberOfIterations = 300,
            NumberOfThreads = 1,
        });
}
