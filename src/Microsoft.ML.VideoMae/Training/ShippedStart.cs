// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Shipped;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// What a run starts from where its options name no weights: those of the package Microsoft.ML.VideoMae.Weights, or nothing.
/// </summary>
/// <param name="Options">The options, in which PretrainedModel is a checkpoint or 'none'.</param>
/// <param name="Asked">The options for the model card.</param>
/// <param name="RunName">The name of the run.</param>
internal sealed record ShippedStart(VideoMaeTrainerOptions Options, VideoMaeTrainerOptions Asked, string RunName)
{
    /// <summary>The steps that these weights were tried with, of 16 clips.</summary>
    private const int TriedSteps = 900;

    /// <summary>The clips of a step that rates are given for.</summary>
    private const int RatedClips = 16;

    /// <summary>About 6 of 64 pixels.</summary>
    private const float LargestShift = 0.1f;

    private const float LargestBrightness = 0.3f;

    /// <summary>With fewer validation clips, the best of many epochs is a lucky one.</summary>
    private const int EnoughToChoose = 100;

    /// <summary>The recipe for these weights, as a part of the names of runs: one of another recipe is another run.</summary>
    private const string Recipe = "normed tokens, regular frames, shifts, a linear probe first";

    /// <summary>Chooses, and says what.</summary>
    /// <param name="options">The options as the user gave them.</param>
    /// <param name="weights">The shipped weights for the model; null for none.</param>
    /// <param name="isPackageThere">Whether the package is there, with weights for some model.</param>
    /// <param name="plainName">The name of the run without shipped weights. Runs of earlier versions have it.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="validationClips">The number of clips in a validation set.</param>
    /// <param name="channel">Gets what was chosen, and why.</param>
    public static ShippedStart Choose(
        VideoMaeTrainerOptions options, ShippedWeights? weights, bool isPackageThere, string plainName, int clips,
        int validationClips, IChannel channel)
    {
        bool isNamed = options.PretrainedModel is not null;
        if ((isNamed && weights is null) || options.PretrainedTransformer is not null)
            return new ShippedStart(options, options, plainName);
        if (weights is { IsOwn: true } && IsThere(options.WorkspacePath, plainName))
        {
            channel.Info("WorkspacePath has this run already, with settings that an earlier version chose: it goes on with those.");
            return new ShippedStart(options, options, plainName);
        }

        if (weights is not null && !isNamed && IsThere(options.WorkspacePath, plainName))
        {
            channel.Info("WorkspacePath has this run already, started from nothing: " +
                $"it goes on like that, without the weights of {ShippedWeights.Package}.");
            return new ShippedStart(options.StartingFrom(ShippedWeights.None), options, plainName);
        }

        if (weights is null)
        {
            channel.Info(!isPackageThere
                ? $"The package {ShippedWeights.Package} (licence {ShippedWeights.License}) would give a start that needs far fewer " +
                  "clips where classes move differently: add it to the project."
                : $"The package {ShippedWeights.Package} has weights for {ShippedWeights.PresetNames} alone, " +
                  "and Config is another model: take one of these, or leave Config unset, to start from them.");
            return new ShippedStart(options.StartingFrom(ShippedWeights.None), options, plainName);
        }

        channel.Info(weights.IsOwn
            ? $"'{weights.Folder}' holds the model {weights.PresetName}, trained without labels: what the options leave open is chosen " +
              $"as for the weights of the package {ShippedWeights.Package}."
            : $"{(isNamed ? "The" : "No PretrainedModel was given: the")} model {weights.PresetName} starts from the weights of the " +
              $"package {ShippedWeights.Package}, pre-trained on generated videos (licence {ShippedWeights.License}). " +
              $"PretrainedModel = \"{ShippedWeights.None}\" starts from nothing.");
        int heldOut = options.ValidationFraction > 0 ? (int)(options.ValidationFraction * clips) : validationClips;
        VideoMaeTrainerOptions chosen = Chosen(options, weights, clips, heldOut);
        if (heldOut > 0 && options.KeepBestWeights is null && chosen.KeepBestWeights == false)
        {
            channel.Info($"About {heldOut} clips are validated on, too few to tell which epoch is best: the model gets the last weights. " +
                "KeepBestWeights = true takes those of the best epoch.");
        }

        string runName = RunFingerprint.Compute([plainName, weights.Hash(), Recipe]);
        return new ShippedStart(From(chosen, weights), chosen, runName);
    }

    /// <summary>The options with the folder of the weights in the place of their name.</summary>
    private static VideoMaeTrainerOptions From(VideoMaeTrainerOptions chosen, ShippedWeights weights)
    {
        VideoMaeTrainerOptions copy = chosen.StartingFrom(weights.Folder);
        copy.Config = null;
        return copy;
    }

    /// <summary>The options, and what suits these weights where the user left it open: it is what they were tried with.</summary>
    private static VideoMaeTrainerOptions Chosen(VideoMaeTrainerOptions options, ShippedWeights weights, int clips, int heldOut)
    {
        VideoMaeTrainerOptions copy = options.StartingFrom(weights.ToString());
        copy.Sampler ??= new UniformFrameSampler(weights.Preset.NumFrames, isRegular: true);
        if (copy.FineTuning is FineTuningMode.LinearProbe or FineTuningMode.AttentiveProbe)
            return copy;
        int clipsPerStep = Math.Min(copy.BatchSize * copy.GradientAccumulation, clips);
        copy.LinearProbeFirst ??= true;
        double rate = copy.LinearProbeFirst == true ? weights.RateAfterProbe / RatedClips : ShippedWeights.RatePerClip;
        copy.LearningRate ??= (float)(rate * clipsPerStep);
        copy.LayerDecay ??= 1;
        copy.NumberOfEpochs ??= Math.Max(1, (int)Math.Round(TriedSteps / Math.Ceiling((double)clips / clipsPerStep)));
        copy.KeepBestWeights ??= heldOut >= EnoughToChoose || copy.EarlyStoppingPatience is not null;
        copy.MinCropArea ??= 1;
        copy.MaxCropRatio ??= 1;
        copy.MaxShift ??= LargestShift;
        copy.BrightnessJitter ??= LargestBrightness;
        return copy;
    }

    private static bool IsThere(string? workspace, string name) => workspace is not null && Directory.Exists(Path.Combine(workspace, name));
}
