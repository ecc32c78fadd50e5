// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a run of a trainer does.</summary>
internal sealed record FineTuningRecipe : TrainingRecipe
{
    /// <summary>The learning rate for a clip of a step when a pretrained model is fine-tuned, as in the original.</summary>
    private const double PretrainedRate = 1e-3 / 256;

    /// <summary>
    /// From scratch, and for probes: 1e-3 for 16 clips, which trained every small model in docs/from-scratch.md without diverging.
    /// </summary>
    private const double ScratchRate = 1e-3 / 16;

    /// <param name="options">The options.</param>
    /// <param name="isProbe">Whether only a fresh head is trained.</param>
    /// <param name="mirrors">Whether clips are mirrored.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="streams">The random side of the run.</param>
    public FineTuningRecipe(VideoMaeTrainerOptions options, bool isProbe, bool mirrors, int clips, RandomStreams streams)
        : base(options, streams, clips, copies: isProbe ? 1 : options.RepeatedAugmentation)
    {
        bool changesWeights = options.StartsFromWeights && !isProbe;
        Options = options;
        Augmentation = AugmentationOf(options, mirrors);
        PeakLearningRate = options.LearningRate ?? (changesWeights ? PretrainedRate : ScratchRate) * ClipsPerStep;
        LayerDecay = options.LayerDecay ?? (changesWeights ? 0.75 : 1);
        FinalWeightDecay = options.FinalWeightDecay ?? options.WeightDecay;
        AverageDecay = options.EmaDecay;
        DrawsClassesAlike = options.Balancing == ClassBalancing.Sampling;
    }

    /// <inheritdoc/>
    public override string Name => "Training";

    public VideoMaeTrainerOptions Options { get; }

    /// <inheritdoc/>
    public override bool MixesClips => Options.MixesClips;

    /// <summary>Whether the model gets the weights of the best epoch.</summary>
    public bool KeepsBest => Options.KeepBestWeights ?? true;

    /// <summary>What the options ask of training clips.</summary>
    public static ClipAugmenterOptions AugmentationOf(VideoMaeTrainerOptions options, bool mirrors) => new()
    {
        MinScale = options.MinCropArea ?? TrainingDefaults.MinCropArea,
        MinRatio = 1 / (options.MaxCropRatio ?? TrainingDefaults.MaxCropRatio),
        MaxRatio = options.MaxCropRatio ?? TrainingDefaults.MaxCropRatio,
        MaxShift = options.MaxShift ?? 0,
        Brightness = options.BrightnessJitter ?? 0,
        FlipProbability = mirrors ? 0.5 : 0,
        RandAugment = options.RandAugment,
        ErasingProbability = options.RandomErasing,
    };

    public override string ToString() => FormattableString.Invariant(
        $"Training for {NumberOfEpochs} epochs of {StepsPerEpoch} steps: {Options.BatchSize * Options.GradientAccumulation} clips a step, ") +
        FormattableString.Invariant($"peak learning rate {PeakLearningRate:0.0e+0}, ") +
        FormattableString.Invariant($"layer decay {LayerDecay:0.00}, weight decay {Options.WeightDecay:0.00}, seed {Streams.Seed}.");
}
