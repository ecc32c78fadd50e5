// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.CommandLine;

namespace Microsoft.ML.VideoMae;

/// <content>What is trained, and the parts of the recipe that are off by default.</content>
public abstract partial class VideoMaeTrainerOptions
{
    /// <summary>How much of the model is trained. The default, <see cref="FineTuningMode.Auto"/>, chooses and logs why.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "What is trained", SortOrder = 50)]
    public FineTuningMode FineTuning = FineTuningMode.Auto;

    /// <summary>The number of blocks that <see cref="FineTuningMode.LastBlocks"/> trains. The default is 4.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Blocks to train", SortOrder = 51)]
    public int TrainedBlocks = VideoMaeTrainer.Defaults.TrainedBlocks;

    /// <summary>
    /// The number of views of each clip whose features the probes compute once and keep: the first is what scoring sees, the others are
    /// augmented. The default is 1.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Views per clip for probes", SortOrder = 52)]
    public int FeatureViews = 1;

    /// <summary>
    /// The number of batches whose gradients are added up for one optimizer step: the memory of one batch, the step of many. The learning
    /// rate scales with all of their clips. The default is 1. The original calls it <c>update_freq</c>.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Batches per optimizer step", SortOrder = 53)]
    public int GradientAccumulation = 1;

    /// <summary>
    /// The number of differently augmented copies of a clip in a batch, which then holds this many times <see cref="BatchSize"/> clips
    /// (Hoffer et al., 2020); every video is decoded once for all of them. The default is 1; the original fine-tunes with 2 (<c>num_sample</c>).
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Augmented copies of a clip per batch", SortOrder = 54)]
    public int RepeatedAugmentation = 1;

    /// <summary>
    /// The weight decay at the end of the run, reached along half a cosine. The default, null, keeps <see cref="WeightDecay"/> throughout. The
    /// original calls it <c>weight_decay_end</c>.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Weight decay at the end", SortOrder = 55)]
    public float? FinalWeightDecay;

    /// <summary>
    /// The decay of a moving average of the weights, which validation, scoring and the trained model then use; it starts lower, at
    /// (1 + n) / (10 + n) after n steps, so that short runs are averaged too. The default, 0, is no average; the original offers 0.9999
    /// (<c>model_ema_decay</c>).
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Decay of the average of the weights", SortOrder = 56)]
    public float EmaDecay;
}
