// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a run of pre-training does.</summary>
internal sealed record PretrainingRecipe : TrainingRecipe
{
    private const double OriginalRate = 1.5e-4 / 256;
    private const double ScratchRate = 1e-3 / 32;
    private const double LargestScratchRate = 2e-3;

    /// <summary>A rate this much above the usual one is worth a note.</summary>
    private const double RateWorthANote = 4;

    private readonly double _usualRate;

    /// <param name="options">The options.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="streams">The random side of the run.</param>
    public PretrainingRecipe(VideoMaePretrainingOptions options, int clips, RandomStreams streams)
        : base(options, streams, clips, options.RepeatedAugmentation)
    {
        Options = options;
        // Corner crops of several scales, and no mirroring, as the original pre-trains.
        Augmentation = new() { Crop = ClipCrop.MultiScale, SmallestEdge = options.MinCropScale, FlipProbability = 0 };
        ValidationName = "held-out";
        Beta2 = 0.95; // As the original pre-trains.
        _usualRate = !options.StartsFromWeights
            ? Math.Min(ScratchRate * MaskedClipsPerStep, LargestScratchRate)
            : OriginalRate * MaskedClipsPerStep;
        PeakLearningRate = options.LearningRate ?? _usualRate;
    }

    /// <inheritdoc/>
    public override string Name => "Pre-training";

    public VideoMaePretrainingOptions Options { get; }

    /// <summary>All clips of a step: a copy has a mask of its own, and counts.</summary>
    public int MaskedClipsPerStep => ClipsPerStep * Copies;

    /// <summary>What is odd about the learning rate; null where nothing is.</summary>
    public string? Warning => PeakLearningRate <= RateWorthANote * _usualRate ? null
        : FormattableString.Invariant($"LearningRate is {PeakLearningRate:0.0e+0}, and {MaskedClipsPerStep} clips a step ") +
            FormattableString.Invariant($"usually bear {_usualRate:0.0e+0}: expect the loss to stay near 1 or to diverge. ") +
            "Use more clips a step (BatchSize, GradientAccumulation, RepeatedAugmentation), or a lower rate.";

    public override string ToString() => FormattableString.Invariant(
        $"Pre-training for {NumberOfEpochs} epochs of {StepsPerEpoch} steps: {MaskedClipsPerStep} clips a step, ") +
        FormattableString.Invariant($"{Options.MaskRatio:0.##} of the patches hidden, ") +
        FormattableString.Invariant($"peak learning rate {PeakLearningRate:0.0e+0}, seed {Streams.Seed}.");
}
