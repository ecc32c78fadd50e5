// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Reads the clips of a run: augmented anew in every epoch to train on, as scoring sees them to measure.</summary>
/// <param name="data">The clips.</param>
/// <param name="model">Says how a clip is made of a video.</param>
/// <param name="recipe">The recipe of the run.</param>
internal sealed class ClipReader(TrainingData data, VideoModel model, TrainingRecipe recipe)
{
    private readonly TrainingClips _clips = new(data.Training, model, recipe, data.Skipped.Notes, recipe.Shared.ProgressCallback);
    private readonly float[]?[] _validation = new float[]?[data.Validation.Count];

    /// <summary>A quarter of what training frames get; beyond it clips are decoded again in every epoch.</summary>
    private readonly long _keptValidation = recipe.FrameCacheBytes / 4 / (model.ClipLength * sizeof(float));

    /// <summary>Reads training clips.</summary>
    /// <param name="epoch">The epoch, which decides how clips are augmented.</param>
    /// <param name="order">The clips; copies of one clip stand side by side.</param>
    /// <param name="first">The place in the order of an epoch that <paramref name="order"/> starts at.</param>
    public BatchLoader Read(int epoch, IReadOnlyList<int> order, int first)
    {
        // Every copy of a clip is an epoch of its own to the augmentation.
        int CopyOf(int position) => (first + position) % recipe.Copies;
        int EpochOf(int position) => epoch * recipe.Copies + CopyOf(position);
        return BatchLoader.WithReadsAhead(order, recipe.BatchLength, model.ClipLength,
            (_clips.Reader, _clips.ReadOptions, (index, position) => _clips.Plan(EpochOf(position), index)),
            (index, position, ahead, pixels, token) => _clips.Fill(
                EpochOf(position), index, ahead, ahead with { Position = ahead.Position - CopyOf(position) }, pixels, token),
            data.Skipped.TrySkip, recipe.DecodingThreads, recipe.CancellationToken, recipe.Split);
    }

    /// <summary>Reads validation clips in order.</summary>
    public BatchLoader ReadValidation(int[] clips) => ReadAsScored(clips, data.SkippedValidation,
        (index, _) => _validation[index] is null ? model.PlanRead(data.Validation[index].Video) : null, FillValidation);

    /// <summary>Reads training clips as scoring sees them.</summary>
    public BatchLoader ReadLabelled(int[] clips) => ReadAsScored(clips, data.Skipped,
        (index, _) => model.PlanRead(data.Training[index].Video),
        (index, _, ahead, pixels, token) => model.ReadPixelValues(data.Training[index].Video, ahead, pixels, data.Skipped.Notes, token));

    private BatchLoader ReadAsScored(int[] order, SkippedClips skipped, BatchLoader.ReadPlanner plan, BatchLoader.FrameFiller fill) =>
        BatchLoader.WithReadsAhead(order, model.BatchSize, model.ClipLength, (VideoReader.Default, model.ReadOptions, plan), fill,
            skipped.TrySkip, recipe.DecodingThreads, recipe.CancellationToken);

    private void FillValidation(int index, int position, ReadAhead ahead, Span<float> pixelValues, CancellationToken cancellationToken)
    {
        if (_validation[index] is float[] kept)
        {
            kept.CopyTo(pixelValues);
            return;
        }

        model.ReadPixelValues(data.Validation[index].Video, ahead, pixelValues, data.SkippedValidation.Notes, cancellationToken);
        if (index < _keptValidation)
            _validation[index] = pixelValues.ToArray();
    }
}
