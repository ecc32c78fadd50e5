// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The settings of one training run, with everything that was left to choose chosen.</summary>
internal sealed record FineTuningSettings
{
    public required int NumberOfEpochs { get; init; }

    public required int BatchSize { get; init; }

    public required int StepsPerEpoch { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    public required double PeakLearningRate { get; init; }

    public required double LayerDecay { get; init; }

    public required double WeightDecay { get; init; }

    public required double GradientClipNorm { get; init; }

    public required double LabelSmoothing { get; init; }

    public required ClipAugmenterOptions Augmentation { get; init; }

    public required long FrameCacheBytes { get; init; }

    public required int DecodingThreads { get; init; }

    public required VideoErrorPolicy OnVideoError { get; init; }

    public required double MaxSkippedShare { get; init; }

    public required RandomStreams Streams { get; init; }

    public required Action<VideoMaeMetrics>? MetricsCallback { get; init; }

    public required System.Threading.CancellationToken CancellationToken { get; init; }

    /// <summary>The learning rate for a batch of 256 clips when a pretrained model is fine-tuned, as in the original.</summary>
    private const double PretrainedRate = 1e-3 / 256;

    /// <summary>From scratch: 1e-3 for 16 clips, which trained every small model in docs/from-scratch.md without diverging.</summary>
    private const double ScratchRate = 1e-3 / 16;

    public static FineTuningSettings Create(VideoMaeTrainer.Options options, VideoMaeConfig config, int examples, RandomStreams streams)
    {
        bool pretrained = options.PretrainedModel is not null;
        int steps = (examples + options.BatchSize - 1) / options.BatchSize;
        int total = steps * options.NumberOfEpochs;
        double peak = options.LearningRate ?? (pretrained ? PretrainedRate : ScratchRate) * Math.Min(options.BatchSize, examples);
        return new FineTuningSettings
        {
            NumberOfEpochs = options.NumberOfEpochs,
            BatchSize = options.BatchSize,
            StepsPerEpoch = steps,
            PeakLearningRate = peak,
            Schedule = new LearningRateSchedule(0, peak, peak * options.FinalLearningRateRatio, (int)(total * options.WarmupRatio), total),
            LayerDecay = options.LayerDecay ?? (pretrained ? 0.75 : 1),
            WeightDecay = options.WeightDecay,
            GradientClipNorm = options.GradientClipNorm,
            LabelSmoothing = options.LabelSmoothing,
            Augmentation = AugmentationOf(options),
            FrameCacheBytes = options.FrameCacheMegabytes is int megabytes
                ? megabytes * 1024L * 1024
                : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4,
            DecodingThreads = options.DecodingThreads ?? Environment.ProcessorCount,
            OnVideoError = options.OnVideoError,
            MaxSkippedShare = options.MaxSkippedShare,
            Streams = streams,
            MetricsCallback = options.MetricsCallback,
            CancellationToken = options.CancellationToken,
        };
    }

    /// <summary>What the options ask of training clips.</summary>
    public static ClipAugmenterOptions AugmentationOf(VideoMaeTrainer.Options options) => new()
    {
        MinScale = options.MinCropArea,
        MinRatio = 1 / options.MaxCropRatio,
        MaxRatio = options.MaxCropRatio,
        FlipProbability = options.HorizontalFlip ? 0.5 : 0,
        RandAugment = options.RandAugment,
        ErasingProbability = options.RandomErasing,
    };

    public override string ToString() => FormattableString.Invariant(
        $"Training for {NumberOfEpochs} epochs of {StepsPerEpoch} steps: {BatchSize} clips a step, peak learning rate {PeakLearningRate:0.0e+0}, ") +
        FormattableString.Invariant($"layer decay {LayerDecay:0.00}, weight decay {WeightDecay:0.00}, seed {Streams.Seed}.");
}
