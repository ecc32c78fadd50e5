// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>The options of self-supervised pre-training. They are copied and checked once, when an estimator is made.</summary>
/// <remarks>Defaults are those of the original VideoMAE's pre-training, except where a summary says otherwise.</remarks>
public abstract class VideoMaePretrainingOptions : VideoMaeTrainingOptions
{
    private protected VideoMaePretrainingOptions()
    {
        NumberOfEpochs = 200;
        BatchSize = 32;
        FinalLearningRateRatio = 0.01f;
        WarmupRatio = 0.05f;
    }

    /// <summary>Which patches are hidden. The default is <see cref="VideoMaskingStrategy.Tube"/>.</summary>
    [Option("Which patches are hidden.", RunIdentityPart.Always)]
    public VideoMaskingStrategy Masking = VideoMaskingStrategy.Tube;

    /// <summary>The share of patches hidden from the encoder, above 0 and below 1. The default is 0.9.</summary>
    [Option("The share of patches hidden.", RunIdentityPart.Always, Flag = "--mask-ratio")]
    [Range(0.0, 1, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public float MaskRatio = 0.9f;

    /// <summary>
    /// The share of patches that the decoder leaves out as well, to save time: 0.25, 0.5 or 0.75 (the running cells of VideoMAE V2). The
    /// default, 0, reconstructs all that is hidden.
    /// </summary>
    [Option("The share of patches that the decoder leaves out.", RunIdentityPart.Always)]
    [AllowedValues(0f, 0.25f, 0.5f, 0.75f)]
    public float DecoderMaskRatio;

    /// <summary>
    /// The smallest side of a random crop, as a share of the frame's shorter edge (of its own height and width with
    /// <see cref="FrameResizing.Fill"/>). Crops are 1, 0.875, 0.75 or 0.66 of it; those below this value are left out, and 1 leaves whole
    /// frames. The default is 0.66, as in the original.
    /// </summary>
    [Option("The smallest side of a random crop.", RunIdentityPart.Always)]
    [Range(0.66f, 1.0)]
    public float MinCropScale = 0.66f;

    /// <summary>
    /// A key column of classes, missing where a row has none: every <see cref="ProbeInterval"/> epochs the features' nearest neighbours are
    /// compared with them. Nothing is trained on them. The default is none.
    /// </summary>
    [Option("The label column of the probe.", RunIdentityPart.Always)]
    public string? ProbeLabelColumnName;

    /// <summary>The number of epochs from probe to probe. The default is 20.</summary>
    [Option("Epochs between probes.", RunIdentityPart.Always)]
    [Positive]
    public int ProbeInterval = 20;

    /// <summary>
    /// The number of masks, taken from what a clip shows, that its reconstruction loss in scoring is averaged over. The default is 4.
    /// </summary>
    [Option("Masks per clip in scoring.", RunIdentityPart.Always)]
    [Positive]
    public int NumberOfTestMasks = 4;

    /// <summary>Called after every epoch, on the thread that trains. The default is none.</summary>
    [Option("Is told of every epoch.", RunIdentityPart.Never)]
    public Action<VideoMaePretrainingMetrics>? MetricsCallback;

    /// <summary>What is predicted; pixels where the options leave no choice.</summary>
    internal virtual VideoMaePretrainingTarget PretrainingTarget => VideoMaePretrainingTarget.Pixels;

    /// <summary>The column of true displacements; null for none.</summary>
    internal virtual string? DisplacementColumn => null;

    /// <summary>Whether patches are hidden where motion is predicted.</summary>
    internal virtual bool HidesWhereMotionIsPredicted => false;
}
