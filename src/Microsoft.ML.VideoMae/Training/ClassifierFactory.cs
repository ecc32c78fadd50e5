// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Makes the classifier that a run starts from, from scratch or from a checkpoint, or that scores as a checkpoint has it.</summary>
internal static class ClassifierFactory
{
    /// <summary>The classifier that training starts from, with what is not to be trained frozen.</summary>
    /// <param name="options">The options of the trainer.</param>
    /// <param name="labels">The names of the outputs.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="device">Where it is to run.</param>
    /// <param name="streams">The random side of the run.</param>
    /// <param name="tempFolder">The folder for temporary files; null is the system's.</param>
    /// <param name="channel">Gets what was chosen, and why.</param>
    public static (ClassifierScorer Scorer, FineTuningPlan Plan) ForTraining(
        VideoMaeTrainerOptions options, IReadOnlyList<string> labels, int clips, Device device, RandomStreams streams, string? tempFolder, IChannel channel)
    {
        using var generator = new Generator(streams.Derive(RandomStreams.Purpose.Initialization), CPU);
        using PretrainedFolder? pretrained = options.Checkpoint is string id ? PretrainedFolder.Find(id, tempFolder, options.CancellationToken) : null;
        string? path = pretrained?.Path;
        bool isFineTuned = path is not null && !CheckpointContent.IsPreTraining(path);
        double headInitScale = (double)(decimal)options.HeadInitScale; // As it was written: 0.001f is 0.001.
        FineTuningPlan? plan = null;
        VideoMaeConfig Configure(VideoMaeConfig config)
        {
            plan = FineTuningPlan.Choose(options, config with { NumLabels = labels.Count, Id2Label = null, Label2Id = null }, isFineTuned, clips);
            return plan.Mode == FineTuningMode.AttentiveProbe ? config with { UseAttentivePooling = true } : config;
        }

        VideoMaeForVideoClassification model = path is null
            ? FromScratch(options, Configure, labels, generator, channel)
            : FromCheckpoint(path, Configure, labels, !isFineTuned, headInitScale, generator, channel);
        channel.Info($"{plan!.Mode} training: {plan.Reason}.");
        if (device.type == DeviceType.CPU && plan.WarningOfTime(options, model.Config, isFineTuned, clips, Environment.ProcessorCount) is string warning)
            channel.Warning(warning);
        var views = new ScoringViews(options.NumberOfTestClips, options.NumberOfTestCrops, options.FlipTest);
        ClassifierScorer scorer = Complete(model, path, options.Resizing, options.Sampler, device, options.OnScoringVideoError, views, null, options.WeightStorage, () =>
        {
            plan.Apply(model, options.TrainedBlocks);
            model.DropPathRate = options.DropPathRate;
            model.HeadDropout = options.HeadDropout;
            TrainingArithmetic.Apply(model, options.Precision, options.ActivationCheckpointing, device, channel);
            model.DropoutGenerator = new Generator(streams.Derive(RandomStreams.Purpose.Dropout), CPU);
        });
        return (scorer, plan);
    }

    /// <summary>A fine-tuned checkpoint as it is. A .zip has a sampler and views of its own, which hold unless others are given.</summary>
    public static ClassifierScorer ForScoring(string pathOrId, FrameSampler? sampler, Device device, VideoErrorPolicy onVideoError,
        (int? Clips, int? Crops, bool? Flip) given, WeightStorage storage, string? tempFolder, IChannel channel)
    {
        using IDisposable mode = TorchMode.Recording();
        using PretrainedFolder pretrained = PretrainedFolder.Find(pathOrId, tempFolder);
        string path = pretrained.Path;
        sampler ??= pretrained.Sampler;
        ScoringViews own = pretrained.Views, views = new(given.Clips ?? own.Clips, given.Crops ?? own.Crops, given.Flip ?? own.Flip);
        if (views.Clips > 1 && sampler is not null && !MultiViewFrameSampler.Supports(sampler))
            throw new ArgumentException($"Sampling is {sampler}, and only uniform and dense sampling have more than one stretch of time to offer.", nameof(sampler));
        VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(path);
        channel.Info(model.LoadReport!.ToString());
        return Complete(model, path, null, sampler, device, onVideoError, views, null, storage, () =>
        {
            if (model.LoadReport.Reinitialized.Count > 0)
            {
                throw new InvalidDataException($"'{pathOrId}' has no trained classifier ({string.Join(", ", model.LoadReport.Reinitialized)} are missing): " +
                    "it is not a fine-tuned checkpoint. Fine-tune it, by giving it to the trainer as PretrainedModel.");
            }

            if (OutputActivations.Of(model.Config) == OutputActivation.None)
            {
                string problem = model.Config.ProblemType == VideoMaeProblemType.Regression ? "its problem_type is regression" : "it has one output and no problem_type";
                throw new InvalidDataException($"'{pathOrId}' is no classifier: {problem}, so that it gives numbers, and not probabilities of classes. " +
                    "Give it to Regression.Trainers.VideoMae as PretrainedModel; a .zip that such a trainer made is loaded by Model.Load.");
            }
        });
    }

    /// <summary>The encoder of any checkpoint, for features.</summary>
    public static ClassifierScorer ForFeatures(
        string pathOrId, FrameSampler? sampler, int layer, Device device, VideoErrorPolicy onVideoError, string? tempFolder, IChannel channel)
    {
        using IDisposable mode = TorchMode.Recording();
        using PretrainedFolder pretrained = PretrainedFolder.Find(pathOrId, tempFolder);
        string path = pretrained.Path;
        VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(path);
        channel.Info(model.LoadReport!.ToString());
        return Complete(model, path, null, sampler ?? pretrained.Sampler, device, onVideoError, ScoringViews.One, layer, WeightStorage.Float32, () =>
        {
            if (layer < 0 || layer > model.Config.NumHiddenLayers)
                throw new ArgumentOutOfRangeException(nameof(layer), layer, $"The model has blocks 1 to {model.Config.NumHiddenLayers}; 0 means the last one with what normalises it.");
        });
    }

    private static ClassifierScorer Complete(VideoMaeForVideoClassification model, string? path, FrameResizing? resizing, FrameSampler? sampler, Device device,
        VideoErrorPolicy onVideoError, ScoringViews views, int? featureLayer, WeightStorage storage, Action prepare)
    {
        try
        {
            prepare();
            if (model.Config.NumChannels != VideoFrames.Channels)
                throw new NotSupportedException($"The model takes {model.Config.NumChannels} channels, but videos are read as RGB, {VideoFrames.Channels} channels.");
            model.to(device);
            VideoMaeImageProcessor processor = ClipProcessor.Create(path, model.Config.ImageSize.Height, model.Config.ImageSize.Width, resizing);
            if (views.Crops > 1 && !processor.Options.DoCenterCrop)
                throw new ArgumentException($"{views.Crops} test crops were asked for, but this model sees the whole frame, stretched to its shape: there is one crop.", nameof(views));
            return new ClassifierScorer(model, processor, sampler ?? new UniformFrameSampler(model.Config.NumFrames), device, onVideoError, views, featureLayer) { Storage = storage };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static VideoMaeForVideoClassification FromScratch(
        VideoMaeTrainerOptions options, Func<VideoMaeConfig, VideoMaeConfig> configure, IReadOnlyList<string> labels, Generator generator, IChannel channel)
    {
        VideoMaeConfig config = configure(options.Config ?? VideoMaeTrainer.Defaults.Config).WithLabels(labels);
        var model = new VideoMaeForVideoClassification(config, generator);
        channel.Info($"No PretrainedModel was given: a model with {model.ParameterCount:#,0} parameters for {config.NumFrames} frames of " +
            $"{config.ImageSize.Width}x{config.ImageSize.Height} is trained from scratch.");
        return model;
    }

    private static VideoMaeForVideoClassification FromCheckpoint(string path, Func<VideoMaeConfig, VideoMaeConfig> configure,
        IReadOnlyList<string> labels, bool isPretraining, double headInitScale, Generator generator, IChannel channel)
    {
        string[] former = [];
        var options = new PretrainedOptions
        {
            Generator = generator,
            InitScale = headInitScale,
            Configure = config =>
            {
                former = config.Id2Label is null ? [] : [.. config.Id2Label.OrderBy(p => p.Key).Select(p => p.Value)];
                if (isPretraining && !config.UseMeanPooling)
                    channel.Info("The checkpoint is a pre-training one: mean pooling with a fresh fc_norm is switched on, as in the original's fine-tuning.");
                NoteProblem(config, channel);
                return configure(config).WithLabels(labels) with
                {
                    UseMeanPooling = config.UseMeanPooling || isPretraining,
                    ProblemType = config.ProblemType == VideoMaeProblemType.SingleLabelClassification && labels.Count > 1 ? config.ProblemType : null,
                };
            },
        };
        VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained(path, options: options);
        channel.Info(model.LoadReport!.ToString());
        if (isPretraining || labels.SequenceEqual(former))
            return model;
        if (former.Length == labels.Count && labels.All(former.Contains))
        {
            channel.Info("The checkpoint has the classes of the label column in another order: its head is put into the order of the column.");
            Reorder(model, [.. labels.Select(label => (long)Array.IndexOf(former, label))]);
            return model;
        }

        channel.Info("The checkpoint's classes are not those of the label column: the head starts afresh.");
        model.InitSome(["classifier.weight", "classifier.bias"], generator, headInitScale);
        return model;
    }

    /// <summary>Puts the outputs of a head into another order.</summary>
    /// <param name="model">The model.</param>
    /// <param name="order">The former place of every output.</param>
    private static void Reorder(VideoMaeForVideoClassification model, long[] order)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor places = tensor(order, device: CPU);
        foreach ((_, TorchSharp.Modules.Parameter parameter) in model.named_parameters().Where(p => p.name.StartsWith("classifier.", StringComparison.Ordinal)))
            parameter.copy_(parameter.index_select(0, places.to(parameter.device)));
    }

    private static void NoteProblem(VideoMaeConfig config, IChannel channel)
    {
        if (config.ProblemType is VideoMaeProblemType.MultiLabelClassification)
            channel.Warning("The checkpoint was trained for several labels at a time (problem_type is multi_label_classification). It is trained on as the trainer has it.");
    }
}
