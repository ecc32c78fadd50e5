// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;
using Microsoft.ML.CommandLine;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae;

/// <summary>The options that all VideoMAE trainers share. They are copied and checked once, when a trainer is made.</summary>
public abstract partial class VideoMaeTrainerOptions : TrainerInputBaseWithLabel
{
    private protected VideoMaeTrainerOptions() => FeatureColumnName = VideoMaeTrainer.Defaults.FeatureColumnName;

    /// <summary>The name of the column for the scores. The default is 'Score'.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Name of the score column", SortOrder = 10)]
    public string ScoreColumnName = DefaultColumnNames.Score;

    /// <summary>
    /// Data to validate on after every epoch, with the same columns as the training data. The default is none. Not to be set together with
    /// <see cref="ValidationFraction"/>.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Validation set", SortOrder = 12)]
    public IDataView? ValidationSet;

    /// <summary>
    /// The weights to start from: a Hugging Face folder, a .safetensors, .bin or .pth file, an ML.NET .zip with a model of this package's, with the same
    /// or other labels, or a hub id such as 'MCG-NJU/videomae-base'. The default, null, starts from scratch.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Checkpoint to start from", SortOrder = 13)]
    public string? PretrainedModel;

    /// <summary>
    /// A model in memory to start from, in place of <see cref="PretrainedModel"/>: what pre-training, or an earlier trainer, made. It is read when Fit is
    /// called, and stays its owner's to dispose of. The default is none.
    /// </summary>
    public VideoMaeScoringTransformer? PretrainedTransformer;

    /// <summary>
    /// The shape of a model trained from scratch; its label fields are set from the data. The default, null, is a small model
    /// for a CPU (<see cref="VideoMaeTrainer.Defaults.Config"/>). Not to be set together with <see cref="PretrainedModel"/>.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Model configuration", SortOrder = 14)]
    public VideoMaeConfig? Config;

    /// <summary>
    /// Which frames of a video make a clip. The default, null, spreads the model's number of frames uniformly over the video.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Frame sampling", SortOrder = 15)]
    public FrameSampler? Sampler;

    /// <summary>
    /// How frames of another shape than the model's get its size, in training and in scoring. The default, null, is as the pre-trained model has it, and
    /// <see cref="FrameResizing.IsoCrop"/>, a cut around the centre, without one. With <see cref="FrameResizing.Fill"/> random crops have the shape of the frame.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Resizing of frames", SortOrder = 15)]
    public FrameResizing? Resizing;

    /// <summary>The number of passes over the training data. The default is 60.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Number of epochs", SortOrder = 16)]
    public int NumberOfEpochs = VideoMaeTrainer.Defaults.NumberOfEpochs;

    /// <summary>The number of clips per optimizer step. The default is 16.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Clips per step", SortOrder = 17)]
    public int BatchSize = VideoMaeTrainer.Defaults.BatchSize;

    /// <summary>
    /// The peak learning rate. The default, null, chooses: 1e-3 per 256 clips in a batch for a pretrained model, as the
    /// original does, and 1e-3 per 16 clips from scratch; the choice is logged.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Peak learning rate", SortOrder = 18)]
    public float? LearningRate;

    /// <summary>The learning rate that the cosine schedule ends at, as a share of the peak. The default is 0.001.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Final learning rate as a share of the peak", SortOrder = 19)]
    public float FinalLearningRateRatio = VideoMaeTrainer.Defaults.FinalLearningRateRatio;

    /// <summary>The share of all steps in which the learning rate rises, 0 to 1. The default is 0.1.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Share of steps for the warm-up", SortOrder = 20)]
    public float WarmupRatio = VideoMaeTrainer.Defaults.WarmupRatio;

    /// <summary>
    /// The factor between the learning rates of neighbouring layers, falling towards the input. The default, null, is 0.75 for
    /// a pretrained model, as in the original, and 1 from scratch.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Layer-wise learning rate decay", SortOrder = 21)]
    public float? LayerDecay;

    /// <summary>AdamW's weight decay of matrices; biases and norms have none. The default is 0.05.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Weight decay", SortOrder = 22)]
    public float WeightDecay = VideoMaeTrainer.Defaults.WeightDecay;

    /// <summary>The norm that gradients are clipped to; 0 does not clip. The default is 1.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Gradient clipping norm", SortOrder = 23)]
    public float GradientClipNorm = VideoMaeTrainer.Defaults.GradientClipNorm;

    /// <summary>The probability of leaving out the deepest block for a clip, rising with depth from 0. The default is 0.1.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Stochastic depth", SortOrder = 25)]
    public float DropPathRate = VideoMaeTrainer.Defaults.DropPathRate;

    /// <summary>The dropout in front of the classifier. The default is 0.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Dropout in front of the classifier", SortOrder = 26)]
    public float HeadDropout;

    /// <summary>
    /// The smallest share of a frame's area that a training clip shows, 0 to 1; 1 switches random crops off. The default is 0.5.
    /// All frames of a clip are cropped alike.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Smallest area of a random crop", SortOrder = 27)]
    public float MinCropArea = VideoMaeTrainer.Defaults.MinCropArea;

    /// <summary>
    /// The largest ratio of a random crop's width to its height, and of its height to its width; 1 keeps crops square. The default is
    /// 4/3. Crops are stretched to the model's size, which matters where classes differ in shape or direction.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Largest aspect ratio of a random crop", SortOrder = 28)]
    public float MaxCropRatio = VideoMaeTrainer.Defaults.MaxCropRatio;

    /// <summary>
    /// Whether training clips are mirrored at random. It is wrong wherever left and right tell classes apart. The default, null, mirrors
    /// unless the name of a class says 'left', 'right' or 'clockwise'; the choice is logged.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Random mirroring", SortOrder = 29)]
    public bool? HorizontalFlip;

    /// <summary>
    /// RandAugment's policy, in timm's notation; all frames of a clip are changed alike. The default, null, is none; the original fine-tunes
    /// with 'rand-m7-n4-mstd0.5-inc1'.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "RandAugment policy", SortOrder = 30)]
    public string? RandAugment;

    /// <summary>
    /// The probability of filling a rectangle of a training clip, the same in all frames, with noise. The default is 0; the original
    /// fine-tunes with 0.25.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Probability of random erasing", SortOrder = 31)]
    public float RandomErasing;

    /// <summary>
    /// Memory for decoded, shrunk training frames, in megabytes; 0 decodes in every epoch. The default, null, is a quarter of
    /// the machine's memory.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Memory for decoded frames (MB)", SortOrder = 32)]
    public int? FrameCacheMegabytes;

    /// <summary>
    /// A folder in which decoded, shrunk training frames are kept on disk (<see cref="VideoFrameCache"/>), for what does not fit into memory and for
    /// later runs; several runs may share it. The default, null, keeps none.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Folder for decoded frames", SortOrder = 32)]
    public string? FrameCacheFolder;

    /// <summary>The number of threads that decode and augment clips. The default, null, is one for each processor.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Threads for decoding", SortOrder = 33)]
    public int? DecodingThreads;

    /// <summary>What happens in training to a video that cannot be read. The default is to skip it, with a warning that names it.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Policy for unreadable videos in training", SortOrder = 34)]
    public VideoErrorPolicy OnVideoError = VideoErrorPolicy.Skip;

    /// <summary>The largest share of unreadable videos that may be skipped before training stops, 0 to 1. The default is 0.1.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Largest share of skipped videos", SortOrder = 35)]
    public float MaxSkippedShare = VideoMaeTrainer.Defaults.MaxSkippedShare;

    /// <summary>
    /// What happens in scoring to a video that cannot be read; saved with the model. The default is to throw. With
    /// <see cref="VideoErrorPolicy.Skip"/> the row gets a missing label and scores that are not a number.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Policy for unreadable videos in scoring", SortOrder = 36)]
    public VideoErrorPolicy OnScoringVideoError = VideoErrorPolicy.Throw;

    /// <summary>The seed of the run. The default, null, takes the seed of the MLContext, and is random without one.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Seed", SortOrder = 37)]
    public int? Seed;

    /// <summary>The index of the CUDA device to run on. The default, null, takes that of the MLContext; null there too is the CPU.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "CUDA device", SortOrder = 38)]
    public int? GpuDeviceId;

    /// <summary>Whether to run on the CPU where the CUDA device does not exist. The default, null, takes the MLContext's setting.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Fall back to the CPU", SortOrder = 39)]
    public bool? FallbackToCpu;

    /// <summary>Called after every epoch, on the thread that trains. The default is none.</summary>
    public Action<VideoMaeMetrics>? MetricsCallback;

    /// <summary>Stops training with an <see cref="OperationCanceledException"/>. The default never does.</summary>
    public CancellationToken CancellationToken;
}
