// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One call of a trainer's Fit, from rows to a trained model.</summary>
/// <param name="host">The trainer's host.</param>
/// <param name="channel">Gets the log.</param>
/// <param name="options">The trainer's options.</param>
/// <param name="mirrors">Whether clips may be mirrored.</param>
internal sealed class FineTuningRun(IHost host, IChannel channel, VideoMaeTrainerOptions options, bool mirrors)
{
    /// <summary>The options as the user gave them.</summary>
    private VideoMaeTrainerOptions? _asked;

    /// <summary>Trains a model.</summary>
    /// <param name="rows">The labelled clips, validation rows of a fraction included.</param>
    /// <param name="outputs">The names of the model's outputs.</param>
    /// <param name="schema">The schema of the rows.</param>
    /// <param name="createTask">Makes what the model is trained for.</param>
    /// <param name="stratify">Whether targets are classes.</param>
    public ClassifierScorer Fit(IReadOnlyList<ClipExample> rows, IReadOnlyList<string> outputs, DataViewSchema schema, Func<ClassifierScorer, TrainingData, TrainingTask> createTask, bool stratify = true)
    {
        TorchRuntime.EnsureLoaded();
        using IDisposable mode = TorchMode.Recording();
        using PretrainedFolder? given = options.PretrainedTransformer is { } model ? PretrainedFolder.Write(model, options.WorkspacePath, TemporaryFolder.Of(host)) : null;
        _asked = options;
        if (given is not null)
            options = options.StartingFrom(given.Path);
        var environment = (IHostEnvironmentInternal)host;
        (Device device, string reason) = TorchDevice.Select(
            options.GpuDeviceId ?? environment.GpuDeviceId, options.FallbackToCpu ?? environment.FallbackToCpu);
        channel.Info(reason);
        List<ClipExample> validation = options.ValidationSet is null ? [] : ValidationRows.Read(host, channel, options, schema, rows);
        string plainName = options.WorkspacePath is null ? "" : RunIdentity.OfRun(options, outputs, rows, validation);
        (options, _asked, string runName) = ShippedStart.Choose(options, _asked, options.Shipped, ShippedWeights.For(null) is not null, plainName, rows.Count, channel);
        RunFolder? folder = options.WorkspacePath is null ? null : new RunFolder(options.WorkspacePath, runName);
        int? seed = options.Seed ?? environment.Seed;
        var streams = new RandomStreams(seed ?? folder?.KeepSeed());
        IReadOnlyList<ClipExample> training = rows;
        if (options.ValidationFraction > 0)
            (training, validation) = Split(rows, streams, stratify);

        (ClassifierScorer scorer, FineTuningPlan plan) = ClassifierFactory.ForTraining(options, outputs, training.Count, device, streams, TemporaryFolder.Of(host), channel);
        try
        {
            scorer.TempFilePath = TemporaryFolder.Of(host);
            ClipColumn.Find(host, schema, options.FeatureColumnName, scorer.Config);
            NoteAugmentation(rows);
            Train(scorer, plan, training, validation, outputs, streams, folder, createTask);
            return scorer;
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    private void Train(ClassifierScorer scorer, FineTuningPlan plan, IReadOnlyList<ClipExample> training, List<ClipExample> validation, IReadOnlyList<string> outputs,
        RandomStreams streams, RunFolder? folder, Func<ClassifierScorer, TrainingData, TrainingTask> createTask)
    {
        var recipe = new FineTuningRecipe(options, plan.IsProbe, mirrors, training.Count, streams);
        channel.Info(recipe.ToString());
        var data = new TrainingData(host, training, validation, recipe);
        using TrainingInput input = plan.IsProbe
            ? new FeatureExtraction(channel, data, scorer, recipe, plan.Mode == FineTuningMode.LinearProbe).Run(options.WorkspacePath)
            : new ClipInput(data, scorer, recipe);
        using TrainingTask task = createTask(scorer, data);
        using var loop = new FineTuningLoop(host, channel, scorer, recipe, input, task, folder?.Path);
        loop.Run();
        scorer.Card = ModelCards.OfFineTuning(_asked!, recipe, outputs, data, loop.Metrics);
    }

    /// <summary>Pixel values are as they are: crops and RandAugment need frames.</summary>
    private void NoteAugmentation(IReadOnlyList<ClipExample> rows)
    {
        if (rows[0].Video.PixelValues is not null && (options.MinCropArea < 1 || options.RandAugment is not null || options.RepeatedAugmentation > 1))
        {
            channel.Warning($"Column '{options.FeatureColumnName}' holds pixel values, not videos: random crops, other frames and RandAugment are not applied; " +
                "mirroring, erasing and mixing are.");
        }
    }

    private (List<ClipExample> Training, List<ClipExample> Validation) Split(IReadOnlyList<ClipExample> rows, RandomStreams streams, bool stratify)
    {
        if (options.GroupColumnName is null && GroupNames.Suspect(rows) is (string first, string second))
        {
            channel.Warning($"Names such as '{first}' and '{second}' suggest that clips were cut from the same source. Clips of one source on both sides of the " +
                "validation split make its accuracy look better than it is: name a column that tells sources apart in GroupColumnName.");
        }

        (List<ClipExample> training, List<ClipExample> validation) = ValidationSplit.Split(
            rows, options.ValidationFraction, stratify, streams.Create(RandomStreams.Purpose.Split));
        if (validation.Count == 0)
            throw host.Except($"ValidationFraction is {options.ValidationFraction}, but no row can be kept for validation: every class has only one " +
                $"{(options.GroupColumnName is null ? "row" : "group")}. Give a ValidationSet, or set ValidationFraction to 0.");
        channel.Info($"{validation.Count} of {rows.Count} rows are kept for validation.");
        return (training, validation);
    }
}
