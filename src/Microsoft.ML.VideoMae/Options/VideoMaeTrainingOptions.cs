// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.ComponentModel.DataAnnotations;
using Microsoft.ML.Trainers;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The options of everything that trains: of all trainers, and of pre-training. They are copied and checked once, when a trainer is made.
/// </summary>
/// <remarks>
/// An option is described in one place, the <see cref="OptionAttribute"/> of its field; <see cref="VideoMaeOption"/> is the table of them.
/// </remarks>
public abstract partial class VideoMaeTrainingOptions : TrainerInputBase
{
    private protected VideoMaeTrainingOptions() => FeatureColumnName = TrainingDefaults.FeatureColumnName;

    /// <summary>
    /// The weights to start from: a Hugging Face folder, a .safetensors, .bin or .pth file, an ML.NET .zip with a model of this package's,
    /// with the same or other labels, or a hub id such as 'MCG-NJU/videomae-base'. 'cpu-motion' and 'cpu-motion-tiny' name the weights of
    /// the package Microsoft.ML.VideoMae.Weights. Weights of your own are trained from like them where they have the encoder of one of
    /// these two and saw no labels: they decide what other options leave open. In pre-training, a decoder that the checkpoint lacks starts
    /// afresh. The default, null, takes weights of that package in a trainer, where it is there and <see cref="Config"/> is unset (then
    /// 'cpu-motion'), <see cref="VideoMaeConfig.CpuMotion"/> or <see cref="VideoMaeConfig.CpuMotionTiny"/>, and starts from scratch
    /// otherwise. 'none' starts from scratch in any case.
    /// </summary>
    [Option("The weights to start from: a folder, a .safetensors, .bin, .pth or .zip file, a hub id, or cpu-motion or cpu-motion-tiny " +
        "of Microsoft.ML.VideoMae.Weights; none starts from scratch. Without it, a trainer takes cpu-motion, where it is there.",
        RunIdentityPart.Always, Flag = "--pretrained-model")]
    public string? PretrainedModel;

    /// <summary>
    /// A model in memory to start from, in place of <see cref="PretrainedModel"/>: what pre-training, or an earlier trainer, made, or a
    /// pipeline with such a model in it. It is read when Fit is called, and stays its owner's to dispose of. What holds for weights of your
    /// own in <see cref="PretrainedModel"/> holds here. The default is none.
    /// </summary>
    [Option("A model in memory to start from.", RunIdentityPart.Never)]
    public ITransformer? PretrainedTransformer;

    /// <summary>
    /// The shape of a model trained from scratch; its label fields are set from the data. The default, null, is the model of the shipped
    /// weights where these are taken, and else a small model for a CPU: <see cref="VideoMaeConfig.CpuTiny"/> with first weights of
    /// deviation 0.05. Not to be set together with <see cref="PretrainedModel"/>.
    /// </summary>
    [Option("The shape of a model that is trained from scratch.", RunIdentityPart.Never)] // The whole of it is part in another way.
    public VideoMaeConfig? Config;

    /// <summary>
    /// Which frames of a video make a clip. The default, null, spreads the model's number of frames uniformly over the video.
    /// </summary>
    [Option("Which frames of a video make a clip.", RunIdentityPart.Always)]
    public FrameSampler? Sampler;

    /// <summary>
    /// How frames of another shape than the model's get its size, in training and in scoring. The default, null, is as the pre-trained
    /// model has it, and
    /// <see cref="FrameResizing.IsoCrop"/>, a cut around the centre, without one. With <see cref="FrameResizing.Fill"/> random crops have
    /// the shape of the frame.
    /// </summary>
    [Option("How frames get the model's shape: IsoCrop cuts around the centre, Fill stretches the whole frame; without it as the " +
        "pre-trained model has it, or IsoCrop.",
        RunIdentityPart.Always, Flag = "--resizing")]
    public FrameResizing? Resizing;

    /// <summary>
    /// What the model is for, in words, for its <see cref="VideoMaeModelCard"/>. The default, null, says what the model does.
    /// </summary>
    [Option("What the model is for, in words.", RunIdentityPart.Never)]
    public string? IntendedUse;

    /// <summary>What happens in training to a video that cannot be read. The default is to skip it, with a warning that names it.</summary>
    [Option("What happens in training to a video that cannot be read.", RunIdentityPart.Always)]
    public VideoErrorPolicy OnVideoError = VideoErrorPolicy.Skip;

    /// <summary>The largest share of unreadable videos that may be skipped before training stops, 0 to 1. The default is 0.1.</summary>
    [Option("The largest share of videos that may be skipped.", RunIdentityPart.Always, FirstName = "MaxSkippedShare")]
    [Range(0.0, 1)]
    public float MaxSkippedFraction = TrainingDefaults.MaxSkippedFraction;

    /// <summary>
    /// What happens in scoring to a video that cannot be read; saved with the model. The default is to throw. With
    /// <see cref="VideoErrorPolicy.Skip"/> the row gets a missing label and values that are not a number.
    /// </summary>
    [Option("What happens in scoring to a video that cannot be read.", RunIdentityPart.Always)]
    public VideoErrorPolicy OnScoringVideoError = VideoErrorPolicy.Throw;
}
