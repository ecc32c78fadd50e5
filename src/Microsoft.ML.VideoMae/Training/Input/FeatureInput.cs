// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The features of a frozen encoder for the head that is trained on them.</summary>
/// <param name="data">The clips.</param>
/// <param name="model">The model.</param>
/// <param name="recipe">The recipe of the run.</param>
/// <param name="training">The features of the training clips, view by view: clip i's views are at i * views and following.</param>
/// <param name="validation">The features of the validation clips.</param>
/// <param name="scaling">What brings pooled features to mean 0 and deviation 1; null for tokens, which the pooler normalises.</param>
internal sealed class FeatureInput(TrainingData data, ClassificationModel model, FineTuningRecipe recipe, FeatureStore training,
    FeatureStore? validation, FeatureScaling? scaling) : TrainingInput(data, model, recipe)
{
    public override (int Height, int Width)? Frame => null;

    public override BatchLoader Read(int epoch, IReadOnlyList<int> order, int first) =>
        new(
            order, Recipe.Options.BatchSize, training.RowLength,
            (index, _, features, _) =>
            {
                int view = Recipe.Streams.Create(RandomStreams.Purpose.Clip, epoch, index).Next(Recipe.Options.FeatureViews);
                training.Read(index * Recipe.Options.FeatureViews + view, features);
            },
            Data.Skipped.TrySkip, Recipe.DecodingThreads, Recipe.CancellationToken, split: Recipe.Split);

    public override BatchLoader ReadValidation(int[] clips) => new(clips, Recipe.Options.BatchSize, training.RowLength,
        (index, _, features, _) => validation!.Read(index, features),
        Data.SkippedValidation.TrySkip, Recipe.DecodingThreads, Recipe.CancellationToken);

    public override Tensor Forward(VideoMaeForVideoClassification network, ClipBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        int width = Model.Config.HiddenSize;
        long[] shape = scaling is null ? [batch.Count, training.RowLength / width, width] : [batch.Count, training.RowLength];
        Tensor features = ArrayTensors.Share(batch.PixelValues, shape).to(Model.Device); // [B, N, D] or [B, D]
        return network.Classify(scaling?.Apply(features) ?? features).MoveToOuterDisposeScope();
    }

    public override void Finish() => scaling?.FoldInto(Model.Network);

    public override void Dispose()
    {
        training.Dispose();
        validation?.Dispose();
        scaling?.Dispose();
    }
}
