// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.ComponentModel.DataAnnotations;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>What is trained, and the parts of the recipe that are off by default.</content>
public abstract partial class VideoMaeTrainerOptions
{
    /// <summary>How much of the model is trained. The default, <see cref="FineTuningMode.Auto"/>, chooses and logs why.</summary>
    [Option("What is trained.", RunIdentityPart.Always, Flag = "--fine-tuning")]
    public FineTuningMode FineTuning = FineTuningMode.Auto;

    /// <summary>The number of blocks that <see cref="FineTuningMode.LastBlocks"/> trains. The default is 4.</summary>
    [Option("The number of blocks that LastBlocks trains.", RunIdentityPart.Always)]
    [Positive]
    public int TrainedBlocks = TrainingDefaults.TrainedBlocks;

    /// <summary>
    /// What <see cref="FineTuningMode.LinearProbe"/> makes of the frozen encoder's tokens. The default is their mean, as published heads
    /// have it; <see cref="VideoMaePooling.Cells"/> keeps place and change, and needs that mode.
    /// </summary>
    [Option("What LinearProbe makes of tokens.", RunIdentityPart.WhereChanged)]
    public VideoMaePooling Pooling = VideoMaePooling.Mean;

    /// <summary>
    /// The factor on the first weights of a fresh head on a checkpoint, 0 to 1. From scratch the head starts as all weights do. The default
    /// is 0.001, as in the original's fine-tuning (<c>init_scale</c>).
    /// </summary>
    [Option("The factor on the first weights of a fresh head.", RunIdentityPart.WhereChanged)]
    [Range(0.0, 1)]
    public float HeadInitScale = 0.001f;

    /// <summary>
    /// Whether the head is first trained on features of the encoder as it is, where more than the head is trained. The
    /// head's first gradients do the encoder no harm then. The default, null, is false, and true from the weights of
    /// Microsoft.ML.VideoMae.Weights. Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution",
    /// 2022.
    /// </summary>
    [Option("Train the head on frozen features first.", RunIdentityPart.WhereChanged)]
    public bool? LinearProbeFirst;

    /// <summary>
    /// The number of views of each clip whose features the probes compute once and keep: the first is what scoring sees, the others are
    /// augmented. The default is 1.
    /// </summary>
    [Option("Views of each clip for probes.", RunIdentityPart.Always)]
    [Positive]
    public int FeatureViews = 1;

    /// <summary>
    /// The weight decay at the end of the run, reached along half a cosine. The default, null, keeps
    /// <see cref="VideoMaeTrainingOptions.WeightDecay"/> throughout. The original calls it <c>weight_decay_end</c>.
    /// </summary>
    [Option("The weight decay at the end.", RunIdentityPart.Always)]
    [Range(0.0, float.MaxValue)]
    public float? FinalWeightDecay;

    /// <summary>
    /// The decay of a moving average of the weights, which validation, scoring and the trained model then use; it starts lower, at
    /// (1 + n) / (10 + n) after n steps, so that short runs are averaged too. The default, 0, is no average; the original offers 0.9999
    /// (<c>model_ema_decay</c>).
    /// </summary>
    [Option("The decay of the average of the weights.", RunIdentityPart.Always)]
    [BelowOne]
    public float EmaDecay;
}
