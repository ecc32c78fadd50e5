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

/// <summary>Makes the classifier that training starts from: from scratch or from weights, with what is not to be trained frozen.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="labels">The names of the outputs.</param>
/// <param name="clips">The number of training clips.</param>
/// <param name="streams">The random side of the run.</param>
/// <param name="channel">Gets what was chosen, and why.</param>
internal sealed class ClassifierStart(
    VideoMaeTrainerOptions options, IReadOnlyList<string> labels, int clips, RandomStreams streams, IChannel channel)
{
    /// <summary>Makes it.</summary>
    /// <param name="device">Where it is to run.</param>
    public (ClassificationModel Model, FineTuningPlan Plan) Create(Device device)
    {
        using var generator = new Generator(streams.Derive(RandomStreams.Purpose.Initialization), CPU);
        using StartingWeights? weights = StartingWeights.Of(options);
        bool isFineTuned = weights is { IsPreTraining: false };
        VideoMaeForVideoClassification network = weights is null ? FromScratch(generator) : From(weights, isFineTuned, generator);
        FineTuningPlan plan = PlanFor(network.Config, isFineTuned);
        channel.Info($"{plan.Mode} training: {plan.Reason}.");
        ClassificationModel model = ClassificationModel.Complete(network, () =>
        {
            if (device.type == DeviceType.CPU
                && plan.WarningOfTime(options, network.Config, isFineTuned, clips, Environment.ProcessorCount) is string warning)
            {
                channel.Warning(warning);
            }

            plan.Apply(network, options.TrainedBlocks);
            network.DropPathRate = options.DropPathRate;
            network.HeadDropout = options.HeadDropout;
            ModelArithmetic.Apply(network, options.Precision, options.ActivationCheckpointing, device, channel);
            network.DropoutGenerator = new Generator(streams.Derive(RandomStreams.Purpose.Dropout), CPU);
            var views = new ScoringViews(options.NumberOfTestClips, options.NumberOfTestCrops, options.FlipTest);
            VideoModelSettings settings = weights is null
                ? StartingWeights.SettingsFromScratch(network, device, options.Sampler, options.Resizing, views)
                : weights.SettingsFor(network, device, options.Sampler, options.Resizing, views);
            return settings with { OnVideoError = options.OnScoringVideoError, Storage = options.WeightStorage };
        });
        return (model, plan);
    }

    private FineTuningPlan PlanFor(VideoMaeConfig config, bool isFineTuned) =>
        FineTuningPlan.Choose(options, config with { NumLabels = labels.Count }, isFineTuned, clips);

    private VideoMaeConfig ForPlan(VideoMaeConfig config, bool isFineTuned) => PlanFor(config, isFineTuned).Mode switch
    {
        FineTuningMode.AttentiveProbe => config with { UseAttentivePooling = true, UseCellPooling = false },
        FineTuningMode.LinearProbe when options.Pooling == VideoMaePooling.Cells =>
            config with { UseCellPooling = true, UseAttentivePooling = false },
        _ => config,
    };

    private VideoMaeForVideoClassification FromScratch(Generator generator)
    {
        VideoMaeConfig config = ForPlan(options.Config ?? TrainingDefaults.Config, isFineTuned: false).WithLabels(labels);
        var network = new VideoMaeForVideoClassification(config, generator);
        channel.Info($"No PretrainedModel was given: a model with {network.ParameterCount:#,0} parameters for {config.NumFrames} frames " +
            $"of {config.ImageSize.Width}x{config.ImageSize.Height} is trained from scratch.");
        return network;
    }

    private VideoMaeForVideoClassification From(StartingWeights weights, bool isFineTuned, Generator generator)
    {
        string[] former = [];
        double headInitScale = (double)(decimal)options.HeadInitScale; // As it was written: 0.001f is 0.001.
        VideoMaeConfig Configure(VideoMaeConfig config)
        {
            former = config.Id2Label is null ? [] : [.. config.Id2Label.OrderBy(p => p.Key).Select(p => p.Value)];
            bool needsPooling = !isFineTuned && !config.UseMeanPooling && !config.UseNormedMeanPooling;
            if (needsPooling)
            {
                channel.Info("The checkpoint is a pre-training one: mean pooling with a fresh fc_norm is switched on, " +
                    "as in the original's fine-tuning.");
            }

            if (config.ProblemType is VideoMaeProblemType.MultiLabelClassification)
            {
                channel.Warning("The checkpoint was trained for several labels at a time (problem_type is multi_label_classification). " +
                    "It is trained on as the trainer has it.");
            }

            bool isSingleLabel = config.ProblemType == VideoMaeProblemType.SingleLabelClassification && labels.Count > 1;
            return ForPlan(config, isFineTuned).WithLabels(labels) with
            {
                UseMeanPooling = config.UseMeanPooling || needsPooling,
                ProblemType = isSingleLabel ? config.ProblemType : null,
            };
        }

        VideoMaeForVideoClassification network = weights.LoadClassifier(
            new PretrainedOptions { Generator = generator, InitScale = headInitScale, Configure = Configure });
        channel.Info(network.LoadReport!.ToString());
        if (isFineTuned && !labels.SequenceEqual(former))
            AdaptHead(network, former, generator, headInitScale);
        return network;
    }

    private void AdaptHead(VideoMaeForVideoClassification network, string[] former, Generator generator, double headInitScale)
    {
        if (former.Length == labels.Count && labels.All(former.Contains))
        {
            channel.Info("The checkpoint has the classes of the label column in another order: " +
                "its head is put into the order of the column.");
            Reorder(network, [.. labels.Select(label => (long)Array.IndexOf(former, label))]);
            return;
        }

        channel.Info("The checkpoint's classes are not those of the label column: the head starts afresh.");
        network.InitSome(["classifier.weight", "classifier.bias"], generator, headInitScale);
    }

    /// <summary>Puts the outputs of a head into another order.</summary>
    /// <param name="network">The network.</param>
    /// <param name="order">The former place of every output.</param>
    private static void Reorder(VideoMaeForVideoClassification network, long[] order)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor places = tensor(order, device: CPU);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
        {
            if (name.StartsWith("classifier.", StringComparison.Ordinal))
                parameter.copy_(parameter.index_select(0, places.to(parameter.device)));
        }
    }
}
