// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.ML.VideoMae.Scoring;
using static TorchSharp.torch;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Clips for the whole model, augmented anew in every epoch; the validation clips are as scoring sees them.</summary>
internal sealed class ClipInput(TrainingData data, ClassificationModel model, FineTuningRecipe recipe) : TrainingInput(data, model, recipe)
{
    private readonly TrainingClips _clips = new(
        data.Training, model, recipe, data.Skipped.Notes, recipe.Options.ProgressCallback);
    private readonly float[]?[] _validation = new float[]?[data.Validation.Count];
    // A quarter of what training frames get; beyond it clips are decoded again in every epoch.
    private readonly long _keptValidation = recipe.FrameCacheBytes / 4 / (model.ClipLength * sizeof(float));

    public override (int Height, int Width)? Frame => (Scorer.Config.ImageSize.Height, Scorer.Config.ImageSize.Width);

    public override BatchLoader Read(int epoch, IReadOnlyList<int> order, int first)
    {
        int copies = Recipe.Copies;
        return new BatchLoader(order, Recipe.BatchLength, Scorer.ClipLength,
            // Every copy of a clip is an epoch of its own to the augmentation.
            (index, position, pixels, token) => _clips.Fill(epoch * copies + (first + position) % copies, index, pixels, token),
            Data.Skipped.TrySkip, Recipe.DecodingThreads, Recipe.Options.CancellationToken);
    }

    public override BatchLoader ReadValidation() => new(Data.SkippedValidation.Remaining(), Scorer.BatchSize, Scorer.ClipLength, FillValidation,
        Data.SkippedValidation.TrySkip, Recipe.DecodingThreads, Recipe.Options.CancellationToken);

    public override Tensor Forward(ClipBatch batch) => Model.forward(Scorer.ToTensor(batch.PixelValues, batch.Count)).Logits;

    private void FillValidation(int index, int position, Span<float> pixelValues, CancellationToken cancellationToken)
    {
        float[] clip = _validation[index] ?? Scorer.ReadPixelValues(Data.Validation[index].Video, Data.SkippedValidation.Notes, cancellationToken);
        if (index < _keptValidation)
            _validation[index] = clip;
        clip.CopyTo(pixelValues);
    }
}
