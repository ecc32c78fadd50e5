// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;
using Microsoft.ML.CommandLine;
using Microsoft.ML.Trainers;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>The options of self-supervised pre-training. They are copied and checked once, when an estimator is made.</summary>
/// <remarks>Defaults are those of the original VideoMAE's pre-training, except where a summary says otherwise.</remarks>
public abstract class VideoMaePretrainingOptions : TrainerInputBase
{
    private protected VideoMaePretrainingOptions() => FeatureColumnName = VideoMaeTrainer.Defaults.FeatureColumnName;

    /// <summary>
    /// The weights to start from, as for the other trainers; a decoder that the checkpoint lacks starts afresh. The default, null, starts from
    /// scratch.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Checkpoint to start from", SortOrder = 13)]
    public string? PretrainedModel;

    /// <summary>
    /// A model in memory to start from, in place of <see cref="PretrainedModel"/>: what pre-training, or an earlier trainer, made. It is read when Fit is
    /// called, and stays its owner's to dispose of. The default is none.
    /// </summary>
    public VideoMaeScoringTransformer? PretrainedTransformer;

    /// <summary>
    /// The shape of a model trained from scratch. The default, null, is a small model for a CPU (<see cref="VideoMaeTrainer.Defaults.Config"/>). Not to
    /// be set together with <see cref="PretrainedModel"/>.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Model configuration", SortOrder = 14)]
    public VideoMaeConfig? Config;

    /// <summary>Which frames of a video make a clip. The default, null, spreads the model's number of frames uniformly over the video.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Frame sampling", SortOrder = 15)]
    public FrameSampler? Sampler;

    /// <inheritdoc cref="VideoMaeTrainerOptions.Resizing"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Resizing of frames", SortOrder = 15)]
    public FrameResizing? Resizing;

    /// <summary>What the model is for, in words, for its <see cref="VideoMaeModelCard"/>. The default, null, says what the model does.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "What the model is for", SortOrder = 69)]
    public string? IntendedUse;

    /// <summary>The number of passes over the clips. The default is 200; the original takes 800 and more.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Number of epochs", SortOrder = 16)]
    public int NumberOfEpochs = 200;

    /// <summary>The number of videos in a batch. The default is 32.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Videos per batch", SortOrder = 17)]
    public int BatchSize = 32;

    /// <summary>Which patches are hidden. The default is <see cref="VideoMaskingStrategy.Tube"/>.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Masking", SortOrder = 18)]
    public VideoMaskingStrategy Masking = VideoMaskingStrategy.Tube;

    /// <summary>The share of patches hidden from the encoder, above 0 and below 1. The default is 0.9.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Share of hidden patches", SortOrder = 19)]
    public float MaskRatio = 0.9f;

    /// <summary>
    /// The share of patches that the decoder leaves out as well, to save time: 0.25, 0.5 or 0.75 (the running cells of VideoMAE V2). The default, 0,
    /// reconstructs all that is hidden.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Share of patches the decoder leaves out", SortOrder = 20)]
    public float DecoderMaskRatio;

    /// <summary>
    /// The smallest side of a random crop, as a share of the frame's shorter edge (of its own height and width with <see cref="FrameResizing.Fill"/>). Crops are 1,
    /// 0.875, 0.75 or 0.66 of it; those below this value are left out, and 1 leaves whole frames. The default is 0.66, as in the original.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Smallest crop", SortOrder = 20)]
    public float MinCropScale = 0.66f;

    /// <summary>The number of clips, each with a crop and a mask of its own, made of a video that is decoded once. The default is 1.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Clips per decoded video", SortOrder = 21)]
    public int RepeatedAugmentation = 1;

    /// <summary>The number of batches whose gradients are added up for one optimizer step. The default is 1.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Batches per optimizer step", SortOrder = 22)]
    public int GradientAccumulation = 1;

    /// <summary>
    /// The peak learning rate. The default, null, scales with the clips of a step: 1.5e-4 per 256 clips, as the original, when
    /// <see cref="PretrainedModel"/> is set, and 1e-3 per 32 clips, at most 2e-3, from scratch.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Peak learning rate", SortOrder = 23)]
    public float? LearningRate;

    /// <summary>The learning rate that the cosine schedule ends at, as a share of the peak. The default is 0.01.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Final learning rate as a share of the peak", SortOrder = 24)]
    public float FinalLearningRateRatio = 0.01f;

    /// <summary>The share of all steps in which the learning rate rises, 0 to 1. The default is 0.05.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Share of steps for the warm-up", SortOrder = 25)]
    public float WarmupRatio = 0.05f;

    /// <summary>AdamW's weight decay of matrices; its betas are 0.9 and 0.95. The default is 0.05.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Weight decay", SortOrder = 26)]
    public float WeightDecay = 0.05f;

    /// <summary>The norm that gradients are clipped to; 0 does not clip. The default is 1, which small batches need; the original does not clip.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Gradient clipping norm", SortOrder = 27)]
    public float GradientClipNorm = 1;

    /// <summary>The share of the rows held out, whose reconstruction loss is reported after every epoch. The default is 0.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Share of rows held out", SortOrder = 28)]
    public float ValidationFraction;

    /// <summary>
    /// A key column of classes, missing where a row has none: every <see cref="ProbeInterval"/> epochs the features' nearest neighbours are compared
    /// with them. Nothing is trained on them. The default is none.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Label column of the probe", SortOrder = 29)]
    public string? ProbeLabelColumnName;

    /// <summary>The number of epochs from probe to probe. The default is 20.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Epochs between probes", SortOrder = 30)]
    public int ProbeInterval = 20;

    /// <summary>The number of masks, taken from what a clip shows, that its reconstruction loss in scoring is averaged over. The default is 4.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Masks per clip in scoring", SortOrder = 31)]
    public int NumberOfTestMasks = 4;

    /// <inheritdoc cref="VideoMaeTrainerOptions.FrameCacheMegabytes"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Memory for decoded frames (MB)", SortOrder = 32)]
    public int? FrameCacheMegabytes;

    /// <inheritdoc cref="VideoMaeTrainerOptions.FrameCacheFolder"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Folder for decoded frames", SortOrder = 33)]
    public string? FrameCacheFolder;

    /// <inheritdoc cref="VideoMaeTrainerOptions.DecodingThreads"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Threads for decoding", SortOrder = 34)]
    public int? DecodingThreads;

    /// <inheritdoc cref="VideoMaeTrainerOptions.OnVideoError"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Policy for unreadable videos in training", SortOrder = 35)]
    public VideoErrorPolicy OnVideoError = VideoErrorPolicy.Skip;

    /// <inheritdoc cref="VideoMaeTrainerOptions.MaxSkippedShare"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Largest share of skipped videos", SortOrder = 36)]
    public float MaxSkippedShare = VideoMaeTrainer.Defaults.MaxSkippedShare;

    /// <summary>What happens in scoring to a video that cannot be read; with Skip it gets values that are not a number. The default is to throw.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Policy for unreadable videos in scoring", SortOrder = 37)]
    public VideoErrorPolicy OnScoringVideoError = VideoErrorPolicy.Throw;

    /// <inheritdoc cref="VideoMaeTrainerOptions.WorkspacePath"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Folder for the state of the run", SortOrder = 38)]
    public string? WorkspacePath;

    /// <inheritdoc cref="VideoMaeTrainerOptions.StateInterval"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Seconds between states", SortOrder = 39)]
    public float StateInterval = VideoMaeTrainer.Defaults.StateInterval;

    /// <inheritdoc cref="VideoMaeTrainerOptions.OnCancellation"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "What cancelling does", SortOrder = 40)]
    public CancellationBehavior OnCancellation = CancellationBehavior.Throw;

    /// <inheritdoc cref="VideoMaeTrainerOptions.Seed"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Seed", SortOrder = 41)]
    public int? Seed;

    /// <inheritdoc cref="VideoMaeTrainerOptions.GpuDeviceId"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "CUDA device", SortOrder = 42)]
    public int? GpuDeviceId;

    /// <inheritdoc cref="VideoMaeTrainerOptions.FallbackToCpu"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Fall back to the CPU", SortOrder = 43)]
    public bool? FallbackToCpu;

    /// <inheritdoc cref="VideoMaeTrainerOptions.Precision"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Precision of products", SortOrder = 44)]
    public ComputePrecision Precision = ComputePrecision.Float32;

    /// <inheritdoc cref="VideoMaeTrainerOptions.ActivationCheckpointing"/>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Activation checkpointing", SortOrder = 45)]
    public bool ActivationCheckpointing;

    /// <summary>A folder for TensorBoard's event files: loss, learning rate and gradient norm by step, what is measured by epoch. The default, null, writes none.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Folder for TensorBoard", SortOrder = 46)]
    public string? TensorBoardFolder;

    /// <inheritdoc cref="VideoMaeTrainerOptions.StepCallback"/>
    public Action<VideoMaeStepMetrics>? StepCallback;

    /// <summary>
    /// Called after every clip that is decoded for the first time, and every batch of held-out clips and of the probe's; from several threads at
    /// once. The default is none.
    /// </summary>
    public Action<VideoMaeProgress>? ProgressCallback;

    /// <summary>Called after every epoch, on the thread that trains. The default is none.</summary>
    public Action<VideoMaePretrainingMetrics>? MetricsCallback;

    /// <summary>Stops training. The default never does.</summary>
    public CancellationToken CancellationToken;

    /// <summary>The same options with a checkpoint in place of a model in memory.</summary>
    internal VideoMaePretrainingOptions StartingFrom(string checkpoint)
    {
        VideoMaePretrainingOptions copy = Copy();
        (copy.PretrainedModel, copy.PretrainedTransformer) = (checkpoint, null);
        return copy;
    }

    internal VideoMaePretrainingOptions Copy() => (VideoMaePretrainingOptions)MemberwiseClone();

    internal OptionProblems Check(OptionProblems problems) => problems
        .Named(nameof(FeatureColumnName), FeatureColumnName)
        .Require(PretrainedModel is null || PretrainedTransformer is null, nameof(PretrainedTransformer), "set", $"{nameof(PretrainedModel)} is set too: set one of the two")
        .Require((PretrainedModel is null && PretrainedTransformer is null) || Config is null, nameof(Config), "set", $"{nameof(PretrainedModel)} brings a configuration of its own: set one of the two")
        .Positive(nameof(NumberOfEpochs), NumberOfEpochs)
        .Positive(nameof(BatchSize), BatchSize)
        .Defined(nameof(Masking), Masking)
        .Defined(nameof(Resizing), Resizing ?? FrameResizing.IsoCrop)
        .Require(MaskRatio is > 0 and < 1, nameof(MaskRatio), MaskRatio, "has to be above 0 and below 1")
        .Require(DecoderMaskRatio is 0 or 0.25f or 0.5f or 0.75f, nameof(DecoderMaskRatio), DecoderMaskRatio, "has to be 0, 0.25, 0.5 or 0.75")
        .InRange(nameof(MinCropScale), MinCropScale, 0.66f, 1)
        .Positive(nameof(RepeatedAugmentation), RepeatedAugmentation)
        .Positive(nameof(GradientAccumulation), GradientAccumulation)
        .Positive(nameof(LearningRate), LearningRate ?? 1)
        .InRange(nameof(FinalLearningRateRatio), FinalLearningRateRatio, 0, 1)
        .InRange(nameof(WarmupRatio), WarmupRatio, 0, 1)
        .InRange(nameof(WeightDecay), WeightDecay, 0, float.MaxValue)
        .InRange(nameof(GradientClipNorm), GradientClipNorm, 0, float.MaxValue)
        .BelowOne(nameof(ValidationFraction), ValidationFraction)
        .Positive(nameof(ProbeInterval), ProbeInterval)
        .Positive(nameof(NumberOfTestMasks), NumberOfTestMasks)
        .InRange(nameof(FrameCacheMegabytes), FrameCacheMegabytes ?? 0, 0, int.MaxValue)
        .Positive(nameof(DecodingThreads), DecodingThreads ?? 1)
        .InRange(nameof(MaxSkippedShare), MaxSkippedShare, 0, 1)
        .InRange(nameof(StateInterval), StateInterval, 0, float.MaxValue)
        .Defined(nameof(OnCancellation), OnCancellation)
        .Defined(nameof(Precision), Precision);
}
