// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>A linear model on features of videos: standardised, limited to 8 deviations, with the strength that suits best.</summary>
/// <param name="rows">The rows.</param>
/// <param name="features">Their features; null for rows without.</param>
/// <param name="seed">The seed.</param>
internal sealed class LinearModel(ExperimentRows rows, IReadOnlyList<float[]?> features, int seed)
{
    /// <summary>The weight of a row in training.</summary>
    public const string WeightColumn = "VideoExperiment.Weight";

    /// <summary>Standardised features are limited to it, on both sides.</summary>
    public const float Clamp = 8;

    private const string Column = "VideoExperiment.Features";

    /// <summary>A fold to be scored.</summary>
    private sealed record Fold(IDataView Learned, int[] HeldRows, IDataView Held);

    /// <summary>The scores out of fold, at the strength whose loss is least.</summary>
    /// <param name="stop">Ends the search.</param>
    /// <returns>The strength, and the scores.</returns>
    public (float L2, OutOfFold Scores) Search(CancellationToken stop)
    {
        Fold[] folds = [.. Enumerable.Range(0, rows.FoldCount).Select(FoldOf).OfType<Fold>()];
        IReadOnlyList<float> strengths = rows.Task.Strengths;
        float[]?[][] scores = [.. strengths.Select(_ => new float[]?[rows.Count])];
        Parallel.For(0, folds.Length * strengths.Count, new ParallelOptions { CancellationToken = stop }, i =>
        {
            int strength = i / folds.Length;
            Score(folds[i % folds.Length], strengths[strength], scores[strength]);
        });
        return strengths.Select((l2, i) => (l2, rows.Task.Judge(scores[i]))).MinBy(s => s.Item2.Loss);
    }

    /// <summary>Trains on all rows.</summary>
    /// <param name="strength">How strong the penalty on the squares of the weights is.</param>
    /// <param name="column">The column of the features.</param>
    /// <returns>A model that reads this column, and gives its scores.</returns>
    public ITransformer Train(float strength, string column)
    {
        var ml = new MLContext(seed);
        int[] known = Known(_ => true);
        IDataView data = rows.View(known, [.. known.Select(i => features[i]!)], column);
        ITransformer standard = ml.Transforms.NormalizeMeanVariance(column, fixZero: false)
            .Append(ml.Transforms.Expression(column, string.Create(CultureInfo.InvariantCulture, $"x => min({Clamp}f, max(-{Clamp}f, x))"), column))
            .Fit(data);
        return new TransformerChain<ITransformer>(
            standard, rows.Task.TrainLinear(ml, standard.Transform(data), strength, rows.LabelColumn, column));
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
        ITransformer model = rows.Task.TrainLinear(ml, fold.Learned, strength, rows.LabelColumn, Column);
        int i = 0;
        foreach (float[] score in rows.Task.ReadScores(model.Transform(fold.Held)))
            scores[fold.HeldRows[i++]] = score;
    }

    private int[] Known(Func<int, bool> isWanted) =>
        [.. Enumerable.Range(0, rows.Count).Where(i => features[i] is not null && isWanted(i))];
}
