// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <content>Models that score as a checkpoint has it.</content>
internal sealed partial class ClassificationModel
{
    /// <summary>A fine-tuned checkpoint as it is. A .zip has a sampler and views of its own, which hold unless others are given.</summary>
    /// <param name="env">Says which device is wanted.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="pathOrId">The checkpoint, a .zip, or a hub id.</param>
    /// <param name="sampler">Which frames make a clip; null for what <see cref="StartingWeights.SamplerForScoring"/> says.</param>
    /// <param name="given">The views that were asked for.</param>
    /// <param name="storage">How weights are saved.</param>
    public static ClassificationModel FromCheckpoint(IHostEnvironment env, IChannel channel, string pathOrId, FrameSampler? sampler,
        (int? Clips, int? Crops, bool? Flip) given, WeightStorage storage)
    {
        Device device = TorchDevice.Select(env, channel);
        using IDisposable mode = TorchMode.Recording();
        using StartingWeights weights = StartingWeights.Find(pathOrId);
        ScoringViews views = weights.Views.With(given.Clips, given.Crops, given.Flip);
        VideoMaeForVideoClassification network = weights.LoadClassifier();
        return Complete(network, () =>
        {
            channel.Info(network.LoadReport!.ToString());
            CheckIsClassifier(network, pathOrId);
            if (sampler is null)
            {
                (sampler, string? note) = weights.SamplerForScoring(network.Config.NumFrames);
                if (note is not null)
                    channel.Info(note);
            }

            if (!views.Suits(sampler))
            {
                throw new ArgumentException(
                    $"Sampling is {sampler}, and only uniform and dense sampling have more than one stretch of time to offer.",
                    nameof(sampler));
            }

            return weights.SettingsFor(network, device, sampler, resizing: null, views) with { Storage = storage };
        });
    }

    /// <summary>The encoder of any checkpoint, for features.</summary>
    /// <param name="env">Says which device is wanted.</param>
    /// <param name="channel">Gets the log.</param>
    /// <param name="pathOrId">The checkpoint, a .zip, or a hub id.</param>
    /// <param name="sampler">Which frames make a clip; null for the checkpoint's own, or uniform ones.</param>
    /// <param name="layer">See <see cref="FeatureLayer"/>.</param>
    /// <param name="onVideoError">What happens to a video that cannot be read.</param>
    public static ClassificationModel ForFeatures(
        IHostEnvironment env, IChannel channel, string pathOrId, FrameSampler? sampler, int layer, VideoErrorPolicy onVideoError)
    {
        Device device = TorchDevice.Select(env, channel);
        using IDisposable mode = TorchMode.Recording();
        using StartingWeights weights = StartingWeights.Find(pathOrId);
        VideoMaeForVideoClassification network = weights.LoadClassifier();
        return Complete(network, () =>
        {
            channel.Info(network.LoadReport!.ToString());
            int blocks = network.Config.NumHiddenLayers;
            if (layer != Cells && (layer < 0 || layer > blocks))
            {
                throw new ArgumentOutOfRangeException(nameof(layer), layer,
                    $"The model has blocks 1 to {blocks}; 0 means the last one with what normalises it.");
            }

            return weights.SettingsFor(network, device, sampler ?? weights.Sampler, resizing: null, ScoringViews.One) with
            {
                OnVideoError = onVideoError,
            };
        },
            layer);
    }

    /// <summary>A model of a network and its settings; the network is disposed of where these cannot be made.</summary>
    /// <param name="network">The network.</param>
    /// <param name="createSettings">Checks that it can be used, and makes what stands beside it.</param>
    /// <param name="featureLayer">See <see cref="FeatureLayer"/>.</param>
    public static ClassificationModel Complete(
        VideoMaeForVideoClassification network, Func<VideoModelSettings> createSettings, int? featureLayer = null)
    {
        try
        {
            VideoModelSettings settings = createSettings();
            network.to(settings.Device);
            return new ClassificationModel(network, settings, featureLayer);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static void CheckIsClassifier(VideoMaeForVideoClassification network, string pathOrId)
    {
        if (network.LoadReport!.Reinitialized.Count > 0)
        {
            throw new InvalidDataException(
                $"'{pathOrId}' has no trained classifier ({string.Join(", ", network.LoadReport.Reinitialized)} are missing): " +
                "it is not a fine-tuned checkpoint. Fine-tune it, by giving it to the trainer as PretrainedModel.");
        }

        if (OutputActivations.Of(network.Config) != OutputActivation.None)
            return;
        string problem = network.Config.ProblemType == VideoMaeProblemType.Regression
            ? "its problem_type is regression"
            : "it has one output and no problem_type";
        throw new InvalidDataException(
            $"'{pathOrId}' is no classifier: {problem}, so that it gives numbers, and not probabilities of classes. " +
            "Give it to Regression.Trainers.VideoMae as PretrainedModel; a .zip that such a trainer made is loaded by Model.Load.");
    }
}
