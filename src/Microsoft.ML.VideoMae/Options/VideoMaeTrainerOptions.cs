// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>The options that all VideoMAE trainers share. They are copied and checked once, when a trainer is made.</summary>
public abstract partial class VideoMaeTrainerOptions : VideoMaeTrainingOptions
{
    private protected VideoMaeTrainerOptions()
    {
    }

    /// <summary>The name of the column of labels. The default is 'Label'.</summary>
    [Option("The column of labels.", RunIdentityPart.Always)]
    [Required]
    public string LabelColumnName = DefaultColumnNames.Label;

    /// <summary>The name of the column for the scores. The default is 'Score'.</summary>
    [Option("The column for the scores.", RunIdentityPart.Always)]
    [Required]
    public string ScoreColumnName = DefaultColumnNames.Score;

    /// <summary>
    /// Data to validate on after every epoch, with the same columns as the training data. The default is none. Not to be set together with
    /// <see cref="VideoMaeTrainingOptions.ValidationFraction"/>.
    /// </summary>
    [Option("Data to validate on.", RunIdentityPart.Never)]
    public IDataView? ValidationSet;

    /// <summary>
    /// The factor between the learning rates of neighbouring layers, falling towards the input. The default, null, is 0.75 for
    /// a pretrained model, as in the original, and 1 from scratch and for the weights of Microsoft.ML.VideoMae.Weights.
    /// </summary>
    [Option("The factor between the learning rates of neighbouring layers.", RunIdentityPart.Always)]
    [Range(0.0, 1, MinimumIsExclusive = true)]
    public float? LayerDecay;

    /// <summary>The probability of leaving out the deepest block for a clip, rising with depth from 0. The default is 0.1.</summary>
    [Option("Stochastic depth.", RunIdentityPart.Always)]
    [BelowOne]
    public float DropPathRate = TrainingDefaults.DropPathRate;

    /// <summary>The dropout in front of the classifier. The default is 0.</summary>
    [Option("Dropout in front of the classifier.", RunIdentityPart.Always)]
    [BelowOne]
    public float HeadDropout;

    /// <summary>
    /// The smallest share of a frame's area that a training clip shows, 0 to 1; 1 switches random crops off. The default, null, is 0.5, and
    /// 1 from the weights of Microsoft.ML.VideoMae.Weights. All frames of a clip are cropped alike.
    /// </summary>
    [Option("The smallest area of a random crop.", RunIdentityPart.Always, FirstDefault = TrainingDefaults.MinCropArea)]
    [Range(0.0, 1, MinimumIsExclusive = true)]
    public float? MinCropArea;

    /// <summary>
    /// The largest ratio of a random crop's width to its height, and of its height to its width; 1 keeps crops square. The default, null,
    /// is 4/3, and 1 from the weights of Microsoft.ML.VideoMae.Weights. Crops are stretched to the model's size, which matters where
    /// classes differ in shape or direction.
    /// </summary>
    [Option("The largest aspect ratio of a random crop.", RunIdentityPart.Always, FirstDefault = TrainingDefaults.MaxCropRatio)]
    [Range(1.0, 10)]
    public float? MaxCropRatio;

    /// <summary>
    /// How far a training clip is shifted at most, as a share of its height and width, 0 to 0.5; what comes in is mirrored at the edge. All
    /// frames of a clip are shifted alike. For cameras that stand still it does less harm than crops. The default, null, is 0, and 0.1 from
    /// the weights of Microsoft.ML.VideoMae.Weights.
    /// </summary>
    [Option("The largest shift of a training video, as a share of its height and width.", RunIdentityPart.WhereChanged)]
    [Range(0.0, 0.5)]
    public float? MaxShift;

    /// <summary>
    /// How much brightness and contrast of a training clip change at most, 0 to 0.9: values are multiplied by up to 1 plus or minus this,
    /// and up to a third of it is added or taken away, of a range of 0 to 1. All frames of a clip are changed alike. The default, null, is
    /// 0, and 0.3 from the weights of Microsoft.ML.VideoMae.Weights.
    /// </summary>
    [Option("The largest change of a training video's brightness and contrast.", RunIdentityPart.WhereChanged)]
    [Range(0.0, 0.9)]
    public float? BrightnessJitter;

    /// <summary>
    /// Whether training clips are mirrored at random. It is wrong wherever left and right tell classes apart. The default, null, mirrors
    /// unless the name of a class says 'left', 'right' or 'clockwise'; the choice is logged.
    /// </summary>
    [Option("Mirror training videos at random.", RunIdentityPart.Always)]
    public bool? HorizontalFlip;

    /// <summary>
    /// RandAugment's policy, in timm's notation; all frames of a clip are changed alike. The default, null, is none; the original
    /// fine-tunes with 'rand-m7-n4-mstd0.5-inc1'.
    /// </summary>
    [Option("Random changes of colour and shape to training videos, in timm's notation, such as rand-m7-n2-mstd0.5-inc1: for data sets " +
        "with few videos a class.",
        RunIdentityPart.Always, Flag = "--rand-augment")]
    public string? RandAugment;

    /// <summary>
    /// The probability of filling a rectangle of a training clip, the same in all frames, with noise. The default is 0; the original
    /// fine-tunes with 0.25.
    /// </summary>
    [Option("The probability of random erasing.", RunIdentityPart.Always)]
    [Range(0.0, 1)]
    public float RandomErasing;

    /// <summary>Called after every epoch, on the thread that trains. The default is none.</summary>
    [Option("Is told of every epoch.", RunIdentityPart.Never)]
    public Action<VideoMaeMetrics>? MetricsCallback;

    /// <summary>What is done about classes with more clips than others; nothing where there are none.</summary>
    internal virtual ClassBalancing Balancing => ClassBalancing.None;

    /// <summary>Whether the clips of a batch are mixed with each other.</summary>
    internal virtual bool MixesClips => false;
}
