// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Scoring;
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
    public ReconstructionScorer Fit(IReadOnlyList<ClipExample> rows, DataViewSchema schema, bool givesFeatures)
    {
        if (rows.Count == 0)
            throw host.Except($"Column '{options.FeatureColumnName}' has no clips to pre-train on.");
        TorchRuntime.EnsureLoaded();
        using IDisposable mode = TorchMode.Recording();
        using PretrainedFolder? given = options.PretrainedTransformer is { } model ? PretrainedFolder.Write(model, options.WorkspacePath, TemporaryFolder.Of(host)) : null;
        VideoMaePretrainingOptions asked = options;
        if (given is not null)
            options = options.StartingFrom(given.Path);
        var environment = (IHostEnvironmentInternal)host;
        (Device device, string reason) = TorchDevice.Select(options.GpuDeviceId ?? environment.GpuDeviceId, options.FallbackToCpu ?? environment.FallbackToCpu);
        channel.Info(reason);
        RunFolder? folder = options.WorkspacePath is null ? null : new RunFolder(options.WorkspacePath, RunIdentity.OfRun(options, rows));
        var streams = new RandomStreams(options.Seed ?? environment.Seed ?? folder?.KeepSeed());
        (IReadOnlyList<ClipExample> training, IReadOnlyList<ClipExample> validation) = (rows, []);
        if (options.ValidationFraction > 0)
            (training, validation) = ValidationSplit.Split(rows, options.ValidationFraction, stratify: false, streams.Create(RandomStreams.Purpose.Split));
        if (training.Count == 0 || (options.ValidationFraction > 0 && validation.Count == 0))
            throw host.Except($"ValidationFraction is {options.ValidationFraction}, which leaves {training.Count} of {rows.Count} clips to train on and {validation.Count} held out; both need at least one.");

        ReconstructionScorer scorer = CreateScorer(device, streams, givesFeatures, out ClipMasks masks);
        try
        {
            scorer.TempFilePath = TemporaryFolder.Of(host);
            ClipColumn.Find(host, schema, options.FeatureColumnName, scorer.Config);
            var recipe = new PretrainingRecipe(options, training.Count, streams);
            channel.Info(recipe.ToString());
            if (recipe.Warning is string warning)
                channel.Warning(warning);
            var data = new PretrainingData(host, training, validation, scorer, recipe);
            using var loop = new PretrainingLoop(host, channel, scorer, masks, data, recipe, folder?.Path);
            loop.Run();
            NoteCollapse(loop.Loss, scorer.Config);
            scorer.Card = ModelCards.OfPretraining(asked, data, streams.Seed, loop.Metrics);
            return scorer;
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    private ReconstructionScorer CreateScorer(Device device, RandomStreams streams, bool givesFeatures, out ClipMasks masks)
    {
        using var generator = new Generator(streams.Derive(RandomStreams.Purpose.Initialization), CPU);
        using PretrainedFolder? pretrained = options.Checkpoint is string id ? PretrainedFolder.Find(id, TemporaryFolder.Of(host), options.CancellationToken) : null;
        VideoMaeForPreTraining model = pretrained is null ? FromScratch(generator)
            : VideoMaeForPreTraining.FromPretrained(pretrained.Path, options: new Checkpoints.PretrainedOptions { Generator = generator });
        try
        {
            if (model.LoadReport is { } report)
                channel.Info(report.ToString());
            VideoMaeConfig config = model.Config;
            if (config.NumChannels != VideoFrames.Channels)
                throw new NotSupportedException($"The model takes {config.NumChannels} channels, but videos are read as RGB, {VideoFrames.Channels} channels.");
            masks = new ClipMasks(config, options.Masking, options.MaskRatio);
            using (DisposeScope scope = NewDisposeScope())
            {
                masks.Draw(1, 0); // Names what does not fit before any video is decoded.
                if (options.DecoderMaskRatio > 0)
                    masks.DrawDecoded(1, options.DecoderMaskRatio, 0);
            }

            model.to(device);
            TrainingArithmetic.Apply(model, options.Precision, options.ActivationCheckpointing, device, channel);
            VideoMaeImageProcessor processor = ClipProcessor.Create(pretrained?.Path, config.ImageSize.Height, config.ImageSize.Width, options.Resizing);
            FrameSampler sampler = options.Sampler ?? new UniformFrameSampler(config.NumFrames);
            return new ReconstructionScorer(model, processor, sampler, device, options.OnScoringVideoError, masks, options.NumberOfTestMasks) { GivesFeatures = givesFeatures };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private VideoMaeForPreTraining FromScratch(Generator generator)
    {
        // The norm at the end of the encoder is part of pre-training; fine-tuning replaces it by one after the mean, as the original does.
        VideoMaeConfig config = (options.Config ?? VideoMaeTrainer.Defaults.Config) with { UseMeanPooling = false };
        var model = new VideoMaeForPreTraining(config, generator);
        channel.Info($"No PretrainedModel was given: a model with {model.ParameterCount:#,0} parameters, decoder included, for {config.NumFrames} frames of " +
            $"{config.ImageSize.Width}x{config.ImageSize.Height} is pre-trained from scratch.");
        return model;
    }

    /// <summary>A model that has learned nothing still has a loss that looks like one.</summary>
    private void NoteCollapse(double? loss, VideoMaeConfig config)
    {
        if (loss > LossOfTheMean && config.NormPixLoss)
        {
            channel.Warning(FormattableString.Invariant($"The reconstruction loss ended at {loss:0.000}; the mean of each patch gives about 1: the model predicts hardly more than that. ") +
                "Train for longer (NumberOfEpochs), on more clips, or with another LearningRate.");
        }
    }
}
