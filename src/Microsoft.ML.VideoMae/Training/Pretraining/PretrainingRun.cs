// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One call of Fit, from rows to a pre-trained model.</summary>
/// <param name="host">The estimator's host.</param>
/// <param name="channel">Gets the log.</param>
/// <param name="options">The options.</param>
internal sealed class PretrainingRun(IHost host, IChannel channel, VideoMaePretrainingOptions options)
{
    /// <summary>With normalised pixels the mean of each patch gives a loss of about 1.</summary>
    private const double LossOfTheMean = 0.97;

    /// <summary>Trains a model.</summary>
    /// <param name="rows">The clips, with classes where a probe wants them.</param>
    /// <param name="schema">The schema of the rows.</param>
    /// <param name="givesFeatures">Whether scoring gives features.</param>
    public PreTrainingModel Fit(IReadOnlyList<ClipExample> rows, DataViewSchema schema, bool givesFeatures)
    {
        if (rows.Count == 0)
            throw host.Except($"Column '{options.FeatureColumnName}' has no clips to pre-train on.");
        var shared = SharedRun.Join(options.Distribution, channel);
        (channel, options) = (shared.Channel, shared.OptionsFor(options));
        Device device = shared.Select(host, options);
        using IDisposable mode = TorchMode.Recording();
        RunFolder? folder = options.WorkspacePath is null ? null : new RunFolder(options.WorkspacePath, RunIdentity.OfRun(options, rows));
        RandomStreams streams = shared.Streams(options.Seed ?? ((IHostEnvironmentInternal)host).Seed ?? folder?.KeepSeed());
        (IReadOnlyList<ClipExample> training, IReadOnlyList<ClipExample> validation) = (rows, []);
        if (options.ValidationFraction > 0)
            (training, validation) = ValidationSplit.Split(
                rows, options.ValidationFraction, stratify: false, streams.Create(RandomStreams.Purpose.Split));
        if (training.Count == 0 || (options.ValidationFraction > 0 && validation.Count == 0))
            throw host.Except($"ValidationFraction is {options.ValidationFraction}, which leaves {training.Count} of {rows.Count} clips " +
                $"to train on and {validation.Count} held out; both need at least one.");

        PreTrainingModel model = CreateModel(device, streams, givesFeatures);
        try
        {
            model.TempFilePath = TemporaryFiles.FolderOf(host);
            MotionTargets? motion = IsMotion ? new MotionTargets(model.Config, model.Processor) : null;
            if (rows.Select(row => motion?.Problem(row.Displacement)).FirstOrDefault(problem => problem is not null) is string problem)
                throw host.Except(problem);
            ClipColumn.Find(host, schema, options.FeatureColumnName, model.Config);
            var recipe = new PretrainingRecipe(options, training.Count, streams) { Group = shared.Group };
            shared.Check(host, recipe, rows);
            channel.Info(recipe.ToString());
            if (recipe.Warning is string warning)
                channel.Warning(warning);
            var data = new TrainingData(host, training, validation, recipe);
            using var loop = new PretrainingLoop(host, channel, model, recipe, data, motion, folder?.Path);
            loop.Run();
            if (!IsMotion)
                NoteCollapse(loop.Loss, model.Config);
            shared.Deliver();
            model.Card = ModelCards.OfPretraining(recipe, model, data, loop.Metrics);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private bool IsMotion => options.PretrainingTarget != VideoMaePretrainingTarget.Pixels;

    private PreTrainingModel CreateModel(Device device, RandomStreams streams, bool givesFeatures)
    {
        using var generator = new Generator(streams.Derive(RandomStreams.Purpose.Initialization), CPU);
        using StartingWeights? weights = StartingWeights.Of(options);
        VideoMaeForPreTraining network = weights is null ? FromScratch(generator)
            : weights.LoadForPreTraining(new PretrainedOptions
            {
                Generator = generator,
                Configure = config => config with { UseDisplacementHead = IsMotion },
            });
        try
        {
            if (network.LoadReport is { } report)
                channel.Info(report.ToString());
            VideoModelSettings settings = weights is null
                ? StartingWeights.SettingsFromScratch(network, device, options.Sampler, options.Resizing, ScoringViews.One)
                : weights.SettingsFor(network, device, options.Sampler, options.Resizing, ScoringViews.One);
            var masks = new ClipMasks(network.Config, options.Masking, options.MaskRatio);
            using (DisposeScope scope = NewDisposeScope())
            {
                masks.Draw(1, 0); // Names what does not fit before any video is decoded.
                if (options.DecoderMaskRatio > 0)
                    masks.DrawDecoded(1, options.DecoderMaskRatio, 0);
            }

            network.to(device);
            if (options.PretrainingTarget == VideoMaePretrainingTarget.Motion)
                network.FreezeDecoder();
            ModelArithmetic.Apply(network, options.Precision, options.ActivationCheckpointing, device, channel);
            return new PreTrainingModel(
                network, settings with
                {
                    OnVideoError = options.OnScoringVideoError,
                },
                masks, options.NumberOfTestMasks)
            {
                GivesFeatures = givesFeatures,
            };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private VideoMaeForPreTraining FromScratch(Generator generator)
    {
        // The norm at the end of the encoder is part of pre-training; fine-tuning replaces it by one after the mean, as the original does.
        VideoMaeConfig config = (options.Config ?? TrainingDefaults.Config) with
        {
            UseMeanPooling = false,
            UseDisplacementHead = IsMotion,
        };
        var model = new VideoMaeForPreTraining(config, generator);
        channel.Info($"No PretrainedModel was given: a model with {model.ParameterCount:#,0} parameters, decoder included, for " +
            $"{config.NumFrames} frames of " +
            $"{config.ImageSize.Width}x{config.ImageSize.Height} is pre-trained from scratch.");
        return model;
    }

    /// <summary>A model that has learned nothing still has a loss that looks like one.</summary>
    private void NoteCollapse(double? loss, VideoMaeConfig config)
    {
        if (loss > LossOfTheMean && config.NormPixLoss)
        {
            channel.Warning(FormattableString.Invariant($"The reconstruction loss ended at {loss:0.000}; ") +
                "the mean of each patch gives about 1: the model predicts hardly more than that. " +
                "Train for longer (NumberOfEpochs), on more clips, or with another LearningRate.");
        }
    }
}
