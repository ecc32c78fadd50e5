// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The clips of a pre-training run: augmented to train on, as scoring sees them to measure.</summary>
internal sealed class PretrainingData
{
    private readonly IReadOnlyList<ClipExample> _validation;
    private readonly PreTrainingModel _model;
    private readonly PretrainingRecipe _recipe;
    private readonly TrainingClips _clips;

    public PretrainingData(IExceptionContext context, IReadOnlyList<ClipExample> training, IReadOnlyList<ClipExample> validation, PreTrainingModel model, PretrainingRecipe recipe)
    {
        Training = training;
        _validation = validation;
        _model = model;
        _recipe = recipe;
        VideoMaePretrainingOptions options = recipe.Options;
        Skipped = new SkippedClips(context, "training", training, options.OnVideoError, options.MaxSkippedShare);
        _clips = new TrainingClips(training, model, recipe, Skipped.Notes, options.ProgressCallback);
        SkippedValidation = new SkippedClips(context, "held-out", validation, options.OnVideoError, options.MaxSkippedShare);
    }

    public IReadOnlyList<ClipExample> Training { get; }

    public SkippedClips Skipped { get; }

    public SkippedClips SkippedValidation { get; }

    public int ValidationCount => _validation.Count;

    public bool HasValidation => ValidationCount > 0;

    public int LabelledCount => Labelled.Length;

    private int[] Labelled => [.. Skipped.Remaining().Where(i => !float.IsNaN(Training[i].Target))];

    /// <summary>The order of an epoch: shuffled, with the clips of a video side by side.</summary>
    public int[] Order(Random random)
    {
        int[] order = Skipped.Remaining();
        random.Shuffle(order);
        return [.. order.SelectMany(index => Enumerable.Repeat(index, _recipe.Copies))];
    }

    public BatchLoader Read(int epoch, IReadOnlyList<int> order, int first)
    {
        int copies = _recipe.Copies;
        return new BatchLoader(order, _recipe.BatchLength, _model.ClipLength,
            (index, position, pixels, token) => _clips.Fill(epoch * copies + (first + position) % copies, index, pixels, token),
            Skipped.TrySkip, _recipe.DecodingThreads, _recipe.Options.CancellationToken);
    }

    public BatchLoader ReadValidation() => ReadAsScored(_validation, SkippedValidation.Remaining(), SkippedValidation);

    /// <summary>The training clips that have a class.</summary>
    public BatchLoader ReadLabelled() => ReadAsScored(Training, Labelled, Skipped);

    private BatchLoader ReadAsScored(IReadOnlyList<ClipExample> examples, int[] order, SkippedClips skipped) => new(order, _model.BatchSize, _model.ClipLength,
        (index, _, pixels, token) => _model.ReadPixelValues(examples[index].Video, pixels, skipped.Notes, token), skipped.TrySkip, _recipe.DecodingThreads, _recipe.Options.CancellationToken);
}
