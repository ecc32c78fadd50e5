// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The settings of one training run, with everything that was left to choose chosen.</summary>
internal sealed record FineTuningSettings
{
    public required string? PretrainedModel { get; init; }

    public required int NumberOfEpochs { get; init; }

    public required int BatchSize { get; init; }

    public required int GradientAccumulation { get; init; }

    public required int RepeatedAugmentation { get; init; }

    public required int FeatureViews { get; init; }

    public required int StepsPerEpoch { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    public required double PeakLearningRate { get; init; }

    public required double LayerDecay { get; init; }

    public required double InitialWeightDecay { get; init; }

    public required double FinalWeightDecay { get; init; }

    public required double GradientClipNorm { get; init; }

    public required double EmaDecay { get; init; }

    public required ClassBalancing ClassBalancing { get; init; }

    public required ClipAugmenterOptions Augmentation { get; init; }

    public required long FrameCacheBytes { get; init; }

    public required string? FrameCacheFolder { get; init; }

    public required int DecodingThreads { get; init; }

    public required VideoErrorPolicy OnVideoError { get; init; }

    public required double MaxSkippedShare { get; init; }

    public required ValidationMetric? ValidationMetric { get; init; }

    public required bool KeepBestWeights { get; init; }

    public required int? EarlyStoppingPatience { get; init; }

    public required TimeSpan StateInterval { get; init; }

    public required CancellationBehavior OnCancellation { get; init; }

    public required RandomStreams Streams { get; init; }

    public required string? TensorBoardFolder { get; init; }

    public required Action<VideoMaeMetrics>? MetricsCallback { get; init; }

    public required Action<VideoMaeStepMetrics>? StepCallback { get; init; }

    public required Action<VideoMaeProgress>? ProgressCallback { get; init; }

    public required System.Threading.CancellationToken CancellationToken { get; init; }

    /// <summary>The learning rate for a batch of 256 clips when a pretrained model is fine-tuned, as in the original.</summary>
    private const double PretrainedRate = 1e-3 / 256;

    /// <summary>From scratch, and for probes: 1e-3 for 16 clips, which trained every small model in docs/from-scratch.md without diverging.</summary>
    private const double ScratchRate = 1e-3 / 16;

    /// <summary>Settles what the options leave open.</summary>
    /// <param name="options">The options.</param>
    /// <param name="isProbe">Whether only a fresh head is trained.</param>
    /// <param name="mirrors">Whether clips are mirrored.</param>
    /// <param name="examples">The number of training clips.</param>
    /// <param name="streams">The random side of the run.</param>
    public static FineTuningSettings Create(VideoMaeTrainerOptions options, bool isProbe, bool mirrors, int examples, RandomStreams streams)
    {
        bool changesWeights = options.PretrainedModel is not null && !isProbe;
        int batches = (examples + options.BatchSize - 1) / options.BatchSize;
        int steps = (batches + options.GradientAccumulation - 1) / options.GradientAccumulation;
        int total = steps * options.NumberOfEpochs;
        int clips = Math.Min(options.BatchSize * options.GradientAccumulation, examples);
        double peak = options.LearningRate ?? (changesWeights ? PretrainedRate : ScratchRate) * clips;
        return new FineTuningSettings
        {
            PretrainedModel = options.PretrainedModel,
            NumberOfEpochs = options.NumberOfEpochs,
            BatchSize = options.BatchSize,
            GradientAccumulation = options.GradientAccumulation,
            RepeatedAugmentation = isProbe ? 1 : options.RepeatedAugmentation,
            FeatureViews = options.FeatureViews,
            StepsPerEpoch = steps,
            PeakLearningRate = peak,
            Schedule = new LearningRateSchedule(0, peak, peak * options.FinalLearningRateRatio, (int)(total * options.WarmupRatio), total),
            LayerDecay = options.LayerDecay ?? (changesWeights ? 0.75 : 1),
            InitialWeightDecay = options.WeightDecay,
            FinalWeightDecay = options.FinalWeightDecay ?? options.WeightDecay,
            GradientClipNorm = options.GradientClipNorm,
            EmaDecay = options.EmaDecay,
            ClassBalancing = options is VideoMaeTrainer.Options classifier ? classifier.ClassBalancing : ClassBalancing.None,
            Augmentation = AugmentationOf(options, mirrors),
            FrameCacheBytes = options.FrameCacheMegabytes is int megabytes
                ? megabytes * 1024L * 1024
                : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4,
            FrameCacheFolder = options.FrameCacheFolder,
            DecodingThreads = options.DecodingThreads ?? Environment.ProcessorCount,
            OnVideoError = options.OnVideoError,
            MaxSkippedShare = options.MaxSkippedShare,
            ValidationMetric = options.ValidationMetric,
            KeepBestWeights = options.KeepBestWeights,
            EarlyStoppingPatience = options.EarlyStoppingPatience,
            StateInterval = TimeSpan.FromSeconds(options.StateInterval),
            OnCancellation = options.OnCancellation,
            Streams = streams,
            TensorBoardFolder = options.TensorBoardFolder,
            MetricsCallback = options.MetricsCallback,
            StepCallback = options.StepCallback,
            ProgressCallback = options.ProgressCallback,
            CancellationToken = options.CancellationToken,
        };
    }

    /// <summary>What the options ask of training clips.</summary>
    public static ClipAugmenterOptions AugmentationOf(VideoMaeTrainerOptions options, bool mirrors) => new()
    {
        MinScale = options.MinCropArea,
        MinRatio = 1 / options.MaxCropRatio,
        MaxRatio = options.MaxCropRatio,
        FlipProbability = mirrors ? 0.5 : 0,
        RandAugment = options.RandAugment,
        ErasingProbability = options.RandomErasing,
    };

    /// <summary>What the loop has to know of it.</summary>
    public LoopSettings ForLoop() =>
        new("Training", NumberOfEpochs, BatchSize * RepeatedAugmentation, GradientAccumulation, Schedule, TensorBoardFolder, StepCallback, OnCancellation, CancellationToken);

    /// <summary>The weight decay of a step: half a cosine from the first value to the last, as the original's <c>wd_schedule_values</c>.</summary>
    public double WeightDecay(int step)
    {
        int total = StepsPerEpoch * NumberOfEpochs;
        return FinalWeightDecay + 0.5 * (InitialWeightDecay - FinalWeightDecay) * (1 + Math.Cos(Math.PI * Math.Min(step, total) / total));
    }

    public override string ToString() => FormattableString.Invariant(
        $"Training for {NumberOfEpochs} epochs of {StepsPerEpoch} steps: {BatchSize * GradientAccumulation} clips a step, peak learning rate {PeakLearningRate:0.0e+0}, ") +
        FormattableString.Invariant($"layer decay {LayerDecay:0.00}, weight decay {InitialWeightDecay:0.00}, seed {Streams.Seed}.");
}
