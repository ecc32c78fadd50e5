// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.ComponentModel.DataAnnotations;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>The recipe, as far as it is one.</content>
public abstract partial class VideoMaeTrainingOptions
{
    /// <summary>
    /// The number of passes over the training data. The default, null, chooses, and the choice is logged: 60, and from the weights of
    /// Microsoft.ML.VideoMae.Weights as many as make 900 steps of 16 clips. In pre-training it is 200, where the original takes 800 and
    /// more.
    /// </summary>
    [Option("Passes over the videos.", RunIdentityPart.Always, Flag = "--epochs", FirstDefault = TrainingDefaults.NumberOfEpochs,
        HelpOnNull = "Without it 60, and from the weights of Microsoft.ML.VideoMae.Weights as many as make 900 steps.")]
    [Positive]
    public int? NumberOfEpochs;

    /// <summary>The number of videos in a batch. The default is 16; in pre-training it is 32.</summary>
    [Option("Videos per step.", RunIdentityPart.Always, Flag = "--batch-size")]
    [Positive]
    public int BatchSize = TrainingDefaults.BatchSize;

    /// <summary>
    /// The number of batches whose gradients are added up for one optimizer step: the memory of one batch, the step of many. The learning
    /// rate scales with all of their clips. The default is 1. The original calls it <c>update_freq</c>.
    /// </summary>
    [Option("Batches per optimizer step.", RunIdentityPart.Always)]
    [Positive]
    public int GradientAccumulation = 1;

    /// <summary>
    /// The number of differently augmented copies of a clip in a batch, which then holds this many times <see cref="BatchSize"/> clips
    /// (Hoffer et al., 2020); every video is decoded once for all of them. In pre-training each copy has a mask of its own. The default is
    /// 1; the original fine-tunes with 2 (<c>num_sample</c>).
    /// </summary>
    [Option("Augmented copies of a clip per batch.", RunIdentityPart.Always)]
    [Positive]
    public int RepeatedAugmentation = 1;

    /// <summary>
    /// The peak learning rate. The default, null, chooses, and the choice is logged. Fine-tuning takes 1e-3 per 256 clips in a step for a
    /// pretrained model, as the original does, 5e-4 per 24 clips for the weights of Microsoft.ML.VideoMae.Weights, and 1e-3 per 16 clips
    /// from scratch; pre-training takes 1.5e-4 per 256 clips, as the original, on top of
    /// <see cref="PretrainedModel"/>, and 1e-3 per 32 clips, at most 2e-3, from scratch.
    /// </summary>
    [Option("The peak learning rate.", RunIdentityPart.Always, Flag = "--learning-rate")]
    [Positive]
    public float? LearningRate;

    /// <summary>
    /// The learning rate that the cosine schedule ends at, as a share of the peak. The default is 0.001; in pre-training it is 0.01.
    /// </summary>
    [Option("The final learning rate as a share of the peak.", RunIdentityPart.Always)]
    [Range(0.0, 1)]
    public float FinalLearningRateRatio = TrainingDefaults.FinalLearningRateRatio;

    /// <summary>The share of all steps in which the learning rate rises, 0 to 1. The default is 0.1; in pre-training it is 0.05.</summary>
    [Option("The share of steps for the warm-up.", RunIdentityPart.Always)]
    [Range(0.0, 1)]
    public float WarmupRatio = TrainingDefaults.WarmupRatio;

    /// <summary>AdamW's weight decay of matrices; biases and norms have none. The default is 0.05.</summary>
    [Option("The weight decay.", RunIdentityPart.Always)]
    [Range(0.0, float.MaxValue)]
    public float WeightDecay = TrainingDefaults.WeightDecay;

    /// <summary>
    /// The norm that gradients are clipped to; 0 does not clip. The default is 1, which small batches need; the original does not clip.
    /// </summary>
    [Option("The norm that gradients are clipped to.", RunIdentityPart.Always)]
    [Range(0.0, float.MaxValue)]
    public float GradientClipNorm = TrainingDefaults.GradientClipNorm;

    /// <summary>
    /// The share of the training rows that is kept for validation, 0 to 1; in training drawn class by class, with clips of one group on one
    /// side. The default is 0: all rows are trained on.
    /// </summary>
    [Option("The share of rows that is kept for validation.", RunIdentityPart.Always)]
    [BelowOne]
    public float ValidationFraction;

    /// <summary>
    /// What products are computed with in training and validation; weights, gradients, optimizer, sums and normalisation stay in 32 bits.
    /// BFloat16 saves time on a processor with instructions for it, and costs time on others, with a warning. The default is Float32.
    /// </summary>
    [Option("What products are computed with: Float32, BFloat16, or Auto for BFloat16 where the processor has instructions for it.",
        RunIdentityPart.Always, Flag = "--precision")]
    public ComputePrecision Precision = ComputePrecision.Float32;

    /// <summary>
    /// Whether to keep of every block only its input, and compute the rest again on the way back: about a third more time for far less
    /// memory, and the same gradients. Without effect on probes. The default is false.
    /// </summary>
    [Option("Keep less of every step and compute it again: about a third more time for far less memory.",
        RunIdentityPart.Always, Flag = "--activation-checkpointing")]
    public bool ActivationCheckpointing;

    /// <summary>
    /// What gradients travel as where several processes share the run. BFloat16 halves the bytes, which helps on a slow network, and rounds
    /// gradients to 8 bits of precision. Sums are made of 32-bit floats in any case. Without effect in one process. The default is Float32.
    /// </summary>
    [Option("What gradients travel as between processes: Float32, or BFloat16 for half the bytes.",
        RunIdentityPart.WhereChanged, Flag = "--gradient-transport")]
    public VideoMaeGradientTransport GradientTransport = VideoMaeGradientTransport.Float32;

    /// <summary>The seed of the run. The default, null, takes the seed of the MLContext, and is random without one.</summary>
    [Option("The seed of everything random.", RunIdentityPart.Always)]
    public int? Seed;
}
