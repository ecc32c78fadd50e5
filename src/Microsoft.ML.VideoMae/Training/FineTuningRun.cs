// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One call of a trainer's Fit, from rows to a trained model.</summary>
/// <param name="host">The trainer's host.</param>
/// <param name="channel">Gets the log.</param>
/// <param name="options">The trainer's options.</param>
/// <param name="mirrors">Whether clips may be mirrored.</param>
internal sealed class FineTuningRun(IHost host, IChannel channel, VideoMaeTrainerOptions options, bool mirrors)
{
    /// <summary>Trains a model.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="createTask">Makes what the model is trained for.</param>
    public ClassificationModel Fit(LabelledClips clips, Func<ClassificationModel, TrainingData, TrainingTask> createTask)
    {
        var shared = SharedRun.Join(options.Distribution, channel);
        (channel, options) = (shared.Channel, shared.OptionsFor(options));
        Device device = shared.Select(host, options);
        using IDisposable mode = TorchMode.Recording();
        string plainName = options.WorkspacePath is null ? ""
            : RunIdentity.OfRun(options, clips.Outputs, clips.Rows, clips.Validation);
        var start = ShippedStart.Of(options, plainName, clips.Rows.Count, clips.Validation.Count, channel);
        options = start.Options;
        RunFolder? folder = options.WorkspacePath is null ? null : new RunFolder(options.WorkspacePath, start.RunName);
        RandomStreams streams = shared.Streams(options.Seed ?? ((IHostEnvironmentInternal)host).Seed ?? folder?.KeepSeed());
        (IReadOnlyList<ClipExample> training, List<ClipExample> validation) = (clips.Rows, clips.Validation);
        if (options.ValidationFraction > 0)
            (training, validation) = Split(clips, streams);

        (ClassificationModel model, FineTuningPlan plan) =
            new ClassifierStart(options, clips.Outputs, training.Count, streams, channel).Create(device);
        try
        {
            model.TempFilePath = TemporaryFiles.FolderOf(host);
            ClipColumn.Find(host, clips.Schema, options.FeatureColumnName, model.Config);
            NoteAugmentation(clips.Rows);
            var recipe = new FineTuningRecipe(options, plan.IsProbe, mirrors, training.Count, streams) { Group = shared.Group };
            shared.Check(host, recipe, clips.Rows);
            channel.Info(recipe.ToString());
            var data = new TrainingData(host, training, validation, recipe);
            (IReadOnlyDictionary<string, double> metrics, IReadOnlyList<IReadOnlyList<int>>? confusion) =
                Train(model, plan, recipe, data, folder, createTask);
            shared.Deliver();
            model.Card = ModelCards.OfFineTuning(start.Asked, recipe, clips.Classes, data, metrics, confusion);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Trains to the end; gives what was measured.</summary>
    private (IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<IReadOnlyList<int>>? Confusion) Train(
        ClassificationModel model, FineTuningPlan plan, FineTuningRecipe recipe, TrainingData data, RunFolder? folder,
        Func<ClassificationModel, TrainingData, TrainingTask> createTask)
    {
        using TrainingInput input = plan.IsProbe
            ? new FeatureExtraction(channel, data, model, recipe, plan.Mode == FineTuningMode.LinearProbe).Run(options.WorkspacePath)
            : new ClipInput(data, model, recipe);
        using TrainingTask task = createTask(model, data);
        if (options.LinearProbeFirst == true && !plan.IsProbe)
            new HeadStart(channel, data, model, recipe).Fit(input, task);
        using var loop = new FineTuningLoop(host, channel, model, recipe, input, task, folder?.Path);
        loop.Run();
        return (loop.Metrics, loop.Confusion);
    }

    /// <summary>Pixel values are as they are: crops and RandAugment need frames.</summary>
    private void NoteAugmentation(IReadOnlyList<ClipExample> rows)
    {
        if (rows[0].Video.PixelValues is not null
            && (options.MinCropArea is null or < 1 || options.RandAugment is not null || options.RepeatedAugmentation > 1))
        {
            channel.Warning($"Column '{options.FeatureColumnName}' holds pixel values, not videos: random crops, other frames and " +
                "RandAugment are not applied; " +
                "mirroring, shifts, brightness, erasing and mixing are.");
        }
    }

    private (List<ClipExample> Training, List<ClipExample> Validation) Split(LabelledClips clips, RandomStreams streams)
    {
        IReadOnlyList<ClipExample> rows = clips.Rows;
        if (options.GroupColumnName is null && GroupNames.Suspect(rows) is (string first, string second))
        {
            channel.Warning($"Names such as '{first}' and '{second}' suggest that clips were cut from the same source. Clips of one " +
                "source on both sides of the " +
                "validation split make its accuracy look better than it is: name a column that tells sources apart in GroupColumnName.");
        }

        (List<ClipExample> training, List<ClipExample> validation) = ValidationSplit.Split(
            rows, options.ValidationFraction, stratify: clips.Classes.Count > 0, streams.Create(RandomStreams.Purpose.Split));
        if (validation.Count == 0)
            throw host.Except($"ValidationFraction is {options.ValidationFraction}, but no row can be kept for validation: every class " +
                "has only one " +
                $"{(options.GroupColumnName is null ? "row" : "group")}. Give a ValidationSet, or set ValidationFraction to 0.");
        channel.Info($"{validation.Count} of {rows.Count} rows are kept for validation.");
        return (training, validation);
    }
}
