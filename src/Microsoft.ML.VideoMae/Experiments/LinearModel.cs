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

    // From the strongest to the weakest. Losses of neighbours fall to one least value and rise again.
    private static readonly float[] s_strengths = [10000, 1000, 100, 10, 1, 0.1f];

    // After this many strengths in a row that are worse than the best, the rest is worse still.
    private const int WorseInARow = 2;

    /// <summary>The probabilities out of fold, at the strength whose log-loss is least.</summary>
    /// <param name="stop">Ends the search.</param>
    /// <returns>The strength, and the scores.</returns>
    public (float L2, OutOfFold Scores) Search(CancellationToken stop)
    {
        (float L2, OutOfFold Scores)? best = null;
        int worse = 0;
        foreach (float strength in s_strengths)
        {
            var scores = OutOfFold.Calibrated(ScoreFolds(strength, stop), rows.Classes);
            (best, worse) = best is null || scores.LogLoss < best.Value.Scores.LogLoss ? ((strength, scores), 0) : (best, worse + 1);
            if (worse == WorseInARow)
                break;
        }

        return best!.Value;
    }

    /// <summary>Trains on all rows.</summary>
    /// <param name="strength">The weight of the squares of the weights.</param>
    /// <param name="column">The column of the features.</param>
    /// <returns>A model that reads this column, and gives Score and PredictedLabel.</returns>
    public ITransformer Train(float strength, string column) =>
        Fit(Known(_ => true), strength, column);

    private float[]?[] ScoreFolds(float strength, CancellationToken stop)
    {
        var scores = new float[]?[rows.Count];
        Parallel.For(0, rows.FoldCount, new ParallelOptions { CancellationToken = stop }, fold =>
        {
            int[] held = Known(i => rows.Folds[i] == fold), learned = Known(i => rows.Folds[i] != fold);
            if (held.Length == 0 || learned.Length == 0)
                return;
            ITransformer model = Fit(learned, strength, Column);
            float[][] result = [.. model.Transform(rows.View(held, features, Column)).GetColumn<float[]>(DefaultColumnNames.Score)];
            for (int i = 0; i < held.Length; i++)
                scores[held[i]] = result[i];
        });
        return scores;
    }

    private int[] Known(Func<int, bool> isWanted) =>
        [.. Enumerable.Range(0, rows.Count).Where(i => features[i] is not null && isWanted(i))];

    private ITransformer Fit(int[] learned, float strength, string column)
    {
        var ml = new MLContext(seed);
        return ml.Transforms.NormalizeMeanVariance(column, fixZero: false)
            .Append(ml.Transforms.Expression(column, "x => min(8f, max(-8f, x))", column))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                LabelColumnName = rows.LabelColumn,
                FeatureColumnName = column,
                ExampleWeightColumnName = WeightColumn,
                L1Regularization = 0,
                L2Regularization = strength,
                OptimizationTolerance = 1e-5f,
                MaximumNumberOfIterations = 300,
                NumberOfThreads = 1,
            }))
            .Fit(rows.View(learned, features, column));
    }
}
