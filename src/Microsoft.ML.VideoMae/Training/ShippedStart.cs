// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Shipped;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// What a run starts from where its options name no weights: those of the package Microsoft.ML.VideoMae.Weights, or nothing. Weights of a
/// user's own that are made like these get the same settings.
/// </summary>
/// <param name="Options">The options, in which PretrainedModel is a checkpoint or 'none'.</param>
/// <param name="Asked">The options for the model card.</param>
/// <param name="RunName">The name of the run.</param>
internal sealed record ShippedStart(VideoMaeTrainerOptions Options, VideoMaeTrainerOptions Asked, string RunName)
{
    /// <summary>The recipe for these weights, as a part of the names of runs: one of another recipe is another run.</summary>
    private const string Recipe = "normed tokens, regular frames, shifts, a linear probe first";

    /// <summary>Chooses, and says what.</summary>
    /// <param name="options">The options as the user gave them.</param>
    /// <param name="plainName">The name of the run without shipped weights. Runs of earlier versions have it.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="validationClips">The number of clips in a validation set.</param>
    /// <param name="channel">Gets what was chosen, and why.</param>
    public static ShippedStart Of(
        VideoMaeTrainerOptions options, string plainName, int clips, int validationClips, IChannel channel)
    {
        ShippedWeights? shipped = options.Shipped;
        return shipped is null && StartingWeights.PresetOf(options) is { } preset
            ? OfOwn(options, preset, plainName, clips, validationClips, channel)
            : Choose(options, shipped, ShippedWeights.For(null) is not null, plainName, clips, validationClips, channel);
    }

    /// <summary>The same where it is known which shipped weights there are.</summary>
    /// <param name="options">The options.</param>
    /// <param name="weights">The shipped weights for the model; null for none.</param>
    /// <param name="isPackageThere">Whether the package is there, with weights for some model.</param>
    /// <param name="plainName">The name of the run without shipped weights.</param>
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
        if (weights is null)
        {
            channel.Info(!isPackageThere
                ? $"The package {ShippedWeights.Package} (licence {ShippedWeights.License}) would give a start that needs far fewer " +
                  "clips where classes move differently: add it to the project."
                : $"The package {ShippedWeights.Package} has weights for {ShippedPreset.NamesInCode} alone, " +
                  "and Config is another model: take one of these, or leave Config unset, to start from them.");
            return new ShippedStart(options.StartingFrom(ShippedWeights.None), options, plainName);
        }

        if (!isNamed && IsThere(options.WorkspacePath, plainName))
        {
            channel.Info("WorkspacePath has this run already, started from nothing: " +
                $"it goes on like that, without the weights of {ShippedWeights.Package}.");
            return new ShippedStart(options.StartingFrom(ShippedWeights.None), options, plainName);
        }

        channel.Info($"{(isNamed ? "The" : "No PretrainedModel was given: the")} model {weights.Preset.NameInCode} starts from the " +
            $"weights of the package {ShippedWeights.Package}, pre-trained on generated videos (licence {ShippedWeights.License}). " +
            $"PretrainedModel = \"{ShippedWeights.None}\" starts from nothing.");
        VideoMaeTrainerOptions chosen = ShippedSettings.Complete(
            options.StartingFrom(weights.ToString()), weights.Preset, clips, validationClips, channel);
        VideoMaeTrainerOptions started = chosen.StartingFrom(weights.Folder);
        started.Config = null;
        return new ShippedStart(started, chosen, RunFingerprint.Compute([plainName, weights.Hash(), Recipe]));
    }

    /// <summary>Weights of a user's own, which the options name.</summary>
    private static ShippedStart OfOwn(
        VideoMaeTrainerOptions options, ShippedPreset preset, string plainName, int clips, int validationClips, IChannel channel)
    {
        if (IsThere(options.WorkspacePath, plainName))
        {
            channel.Info("WorkspacePath has this run already, with settings that an earlier version chose: it goes on with those.");
            return new ShippedStart(options, options, plainName);
        }

        channel.Info($"{(options.PretrainedModel is string path ? $"'{path}'" : nameof(options.PretrainedTransformer))} holds the model " +
            $"{preset.NameInCode}, trained without labels: what the options leave open is chosen as for the weights of the package " +
            $"{ShippedWeights.Package}.");
        VideoMaeTrainerOptions chosen = ShippedSettings.Complete(options, preset, clips, validationClips, channel);
        return new ShippedStart(chosen, chosen, RunFingerprint.Compute([plainName, Recipe]));
    }

    private static bool IsThere(string? workspace, string name) => workspace is not null && Directory.Exists(Path.Combine(workspace, name));
}
