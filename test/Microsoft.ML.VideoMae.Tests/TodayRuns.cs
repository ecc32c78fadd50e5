// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>
/// The clips, the model and the options of the files in Reference/today. Nothing here may change: a model or a state that was saved once
/// has to be found and read by every later version.
/// </summary>
internal static class TodayRuns
{
    /// <summary>The step of the stored states.</summary>
    public const int LastStep = 5;

    private const int Frames = 8;
    private const int Height = 10;
    private const int Width = 14;

    public sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        [KeyType(2)]
        public uint Label { get; set; }

        public string Group { get; set; } = "";
    }

    /// <summary>Four frames of 8x8 in 8 tokens, as <see cref="TestClips.Config"/> has them, in smaller patches.</summary>
    public static VideoMaeConfig Config { get; } = new()
    {
        ImageSize = 8,
        PatchSize = 4,
        NumFrames = 4,
        HiddenSize = 16,
        NumHiddenLayers = 2,
        NumAttentionHeads = 2,
        IntermediateSize = 32,
        DecoderHiddenSize = 8,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 16,
        DecoderNumHiddenLayers = 1,
        InitializerRange = 0.1,
    };

    /// <summary>The model of the runs, smaller still: a state has four copies of it.</summary>
    private static VideoMaeConfig RunConfig { get; } = Config with { HiddenSize = 8, NumHiddenLayers = 1, IntermediateSize = 16 };

    /// <summary>Pixels by a rule: a gradient that moves, steeper in odd clips, with a bit of noise.</summary>
    public static MLVideo Clip(int number)
    {
        var pixels = new byte[Frames * Height * Width * VideoFrames.Channels];
        uint noise = (uint)number + 1;
        for (int i = 0; i < pixels.Length; i++)
        {
            noise = noise * 1664525 + 1013904223;
            int channel = i % 3, x = i / 3 % Width, y = i / (3 * Width) % Height, t = i / (3 * Width * Height);
            pixels[i] = (byte)(number % 2 == 0 ? 40 + 9 * x + 5 * t + (noise >> 28) : 200 - 12 * y - 7 * t + 10 * channel + (noise >> 28));
        }

        return MLVideo.CreateFromFrames(new VideoFrames(pixels, Frames, Height, Width), $"clip {number}");
    }

    /// <summary>Ten clips of two classes, in five groups.</summary>
    public static IDataView Rows(MLContext ml) => ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, 10).Select(i => new Row { Video = Clip(i), Label = (uint)(i % 2), Group = $"group {i / 2}" }).ToArray());

    /// <summary>
    /// Fine-tuning with as many options as possible off their defaults, so that the name of its folder depends on all of them.
    /// </summary>
    public static VideoMaeTrainer.Options FineTuning(string workspace) => new()
    {
        Config = RunConfig,
        Sampler = new DenseFrameSampler(4, 2),
        Resizing = FrameResizing.Fill,
        FineTuning = FineTuningMode.Full,
        TrainedBlocks = 3,
        FeatureViews = 2,
        NumberOfEpochs = 3,
        BatchSize = 2,
        GradientAccumulation = 2,
        RepeatedAugmentation = 2,
        LearningRate = 0.004f,
        FinalLearningRateRatio = 0.02f,
        WarmupRatio = 0.2f,
        LayerDecay = 0.9f,
        WeightDecay = 0.1f,
        FinalWeightDecay = 0.2f,
        GradientClipNorm = 0.7f,
        EmaDecay = 0.9f,
        DropPathRate = 0.2f,
        HeadDropout = 0.15f,
        MinCropArea = 0.6f,
        MaxCropRatio = 1.25f,
        HorizontalFlip = true,
        RandAugment = "rand-m5-n1-mstd0.5-inc1",
        RandomErasing = 0.3f,
        LabelSmoothing = 0.05f,
        ClassBalancing = ClassBalancing.Sampling,
        Mixup = 0.8f,
        Cutmix = 0.9f,
        MixupProbability = 0.7f,
        MixupSwitchProbability = 0.4f,
        MixupMode = MixupMode.Pair,
        ValidationFraction = 0.25f,
        GroupColumnName = "Group",
        ValidationMetric = ValidationMetric.Loss,
        EarlyStoppingPatience = 10,
        ActivationCheckpointing = true,
        WeightStorage = WeightStorage.Float16,
        MaxSkippedFraction = 0.3f,
        OnVideoError = VideoErrorPolicy.Throw,
        OnScoringVideoError = VideoErrorPolicy.Skip,
        FlipTest = true,
        Seed = 7,
        WorkspacePath = workspace,
        StateInterval = TimeSpan.FromDays(12), // Only cancelling writes the state.
    };

    /// <summary>Pre-training, likewise.</summary>
    public static VideoMaePretrainingEstimator.Options Pretraining(string workspace) => new()
    {
        Config = RunConfig with { NormPixLoss = false },
        Sampler = new UniformFrameSampler(4, SegmentPoint.Start),
        Resizing = FrameResizing.Fill,
        NumberOfEpochs = 3,
        BatchSize = 2,
        Masking = VideoMaskingStrategy.Random,
        MaskRatio = 0.625f,
        MinCropScale = 0.75f,
        RepeatedAugmentation = 2,
        GradientAccumulation = 2,
        LearningRate = 0.003f,
        FinalLearningRateRatio = 0.03f,
        WarmupRatio = 0.15f,
        WeightDecay = 0.04f,
        GradientClipNorm = 0.8f,
        ValidationFraction = 0.2f,
        ProbeLabelColumnName = "Label",
        ProbeInterval = 2,
        NumberOfTestMasks = 3,
        MaxSkippedFraction = 0.3f,
        OnVideoError = VideoErrorPolicy.Throw,
        OnScoringVideoError = VideoErrorPolicy.Skip,
        ActivationCheckpointing = true,
        OutputColumnName = "Tokens",
        ReconstructionLossColumnName = "Loss",
        Seed = 8,
        WorkspacePath = workspace,
        StateInterval = TimeSpan.FromDays(12),
    };

    /// <summary>Cancels after a step.</summary>
    public static (CancellationToken Token, Action<VideoMaeStepMetrics> Callback) StopAfter(int step)
    {
        var source = new CancellationTokenSource();
        void Stop(VideoMaeStepMetrics metrics)
        {
            if (metrics.Step == step)
                source.Cancel();
        }

        return (source.Token, Stop);
    }

    /// <summary>The folder of a stored workspace, copied, since a run that goes on writes to it.</summary>
    public static string CopyOf(string name)
    {
        string source = ReferenceFiles.Path($"today/{name}"), target = TestClips.NewFolder();
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    /// <summary>What a model of the given kind says of some clips, in one row of numbers.</summary>
    public static float[] Scores(MLContext ml, ITransformer model, string kind)
    {
        IDataView scored = model.Transform(Rows(ml));
        IEnumerable<float> Column(string name) => scored.Schema[name].Type is VectorDataViewType
            ? scored.GetColumn<float[]>(name).SelectMany(v => v)
            : scored.GetColumn<float>(name);
        string[] columns = kind switch
        {
            "features" => ["Features"],
            "pretrained" => ["Features", "ReconstructionLoss"],
            "binary" => ["Score", "Probability"],
            _ => ["Score"],
        };
        return [.. columns.SelectMany(Column)];
    }
}
