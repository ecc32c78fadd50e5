// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What is trained, and why.</summary>
/// <param name="Mode">Any mode but Auto.</param>
/// <param name="Reason">Why, for the log.</param>
internal sealed record FineTuningPlan(FineTuningMode Mode, string Reason)
{
    /// <summary>
    /// What a core of a current server does with a good matrix product, a bit rounded down: enough to say hours from days.
    /// </summary>
    private const double FlopsPerCore = 50e9;

    /// <summary>Training that takes longer is worth a warning.</summary>
    private const double HoursWorthAWarning = 6;

    /// <summary>
    /// With fewer clips a class than this, a model that was trained with labels keeps its weights, and a head is trained on its features.
    /// A model that has seen no labels has no features to speak of: with four clips a class and a small model, training all weights gave
    /// 0.82 where a probe gave 0.54 (docs/pretraining.md).
    /// </summary>
    private const int FewClips = 10;

    /// <summary>Whether the encoder stays as it is.</summary>
    public bool IsProbe => Mode is FineTuningMode.LinearProbe or FineTuningMode.AttentiveProbe;

    /// <summary>
    /// Chooses where the options leave it open: by checkpoint and clips alone, so that a program trains alike on every machine.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="config">The model.</param>
    /// <param name="isFineTuned">Whether the checkpoint was trained with labels already; false for pre-training checkpoints.</param>
    /// <param name="clips">The number of training clips.</param>
    public static FineTuningPlan Choose(VideoMaeTrainerOptions options, VideoMaeConfig config, bool isFineTuned, int clips)
    {
        if (options.FineTuning != FineTuningMode.Auto)
            return new FineTuningPlan(options.FineTuning, "as the options say");
        if (!options.StartsFromWeights)
            return new FineTuningPlan(FineTuningMode.Full, "there is no pretrained model whose weights could stay as they are");
        if (!isFineTuned)
            return new FineTuningPlan(FineTuningMode.Full, "the checkpoint was trained without labels");
        return clips < FewClips * config.NumLabels
            ? new FineTuningPlan(FineTuningMode.LinearProbe, $"{clips} clips for {config.NumLabels} classes are too few to change all " +
                "weights")
            : new FineTuningPlan(FineTuningMode.Full, $"{clips} clips are enough");
    }

    /// <summary>Says where training takes long on this machine's processors, and what takes less; null where it does not.</summary>
    /// <param name="options">The options.</param>
    /// <param name="config">The model.</param>
    /// <param name="isFineTuned">Whether the checkpoint was trained with labels already.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="processors">The number of processors.</param>
    public string? WarningOfTime(VideoMaeTrainerOptions options, VideoMaeConfig config, bool isFineTuned, int clips, int processors)
    {
        double hours = TrainingFlops(options, config, clips) / (FlopsPerCore * processors) / 3600;
        if (Mode != FineTuningMode.Full || hours <= HoursWorthAWarning)
            return null;
        string text = FormattableString.Invariant(
            $"Training all weights takes about {hours:0} hours on the {processors} processors here. ");
        return options.StartsFromWeights
            ? text
                + $"FineTuning = {(isFineTuned ? FineTuningMode.LinearProbe : FineTuningMode.AttentiveProbe)} computes the features of " +
                "every clip once and trains a head on them."
            : text + "A smaller Config or fewer epochs take less.";
    }

    /// <summary>Three forward passes' worth of operations for every clip and epoch.</summary>
    private static double TrainingFlops(VideoMaeTrainerOptions options, VideoMaeConfig config, int clips) =>
        3 * ForwardFlops(config) * clips * (options.NumberOfEpochs ?? TrainingDefaults.NumberOfEpochs) * options.RepeatedAugmentation;

    /// <summary>Two operations for each multiply-add of projections (4 D^2 and 2 D I a token) and attention (2 N D a token).</summary>
    internal static double ForwardFlops(VideoMaeConfig config)
    {
        double d = config.HiddenSize, tokens = config.NumPatches;
        return 2 * tokens * config.NumHiddenLayers * (4 * d * d + 2 * d * config.IntermediateSize + 2 * tokens * d);
    }

    /// <summary>Freezes what is not trained. To be called before stochastic depth is set.</summary>
    /// <param name="model">The model.</param>
    /// <param name="trainedBlocks">The number of blocks that <see cref="FineTuningMode.LastBlocks"/> trains.</param>
    public void Apply(VideoMaeForVideoClassification model, int trainedBlocks)
    {
        int depth = model.Config.NumHiddenLayers;
        if (Mode == FineTuningMode.LastBlocks)
            model.Encoder.Freeze(Math.Max(0, depth - trainedBlocks));
        if (!IsProbe)
            return;
        model.Encoder.Freeze(depth);
        string[] trained =
            Mode == FineTuningMode.LinearProbe ? ["classifier."] : ["classifier.", $"{VideoMaeForVideoClassification.PoolerName}."];
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            parameter.requires_grad = trained.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }
}
