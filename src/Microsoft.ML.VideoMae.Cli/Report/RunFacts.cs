// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;
using VideoMaeCli.Training;

namespace VideoMaeCli.Report;

/// <summary>What the report says in words: settings, model, speed and memory.</summary>
internal static class RunFacts
{
    public static IReadOnlyList<NamedValue> Settings(TrainSettings settings, TrainResult result)
    {
        VideoMaeTrainerOptions options = settings.ToOptions();
        if (settings.TrainTime is int seconds)
        {
            return
            [
                new("data set", settings.Dataset),
                new("what is learned", VideoTasks.NameOf(settings.Task)),
                new("time to look", Text($"{seconds} s")),
                new("groups", settings.GroupColumn ?? "found by what looks alike"),
                new("seed", Text($"{settings.Seed}")),
            ];
        }

        return
        [
            new("data set", settings.Dataset),
            new("what is learned", VideoTasks.NameOf(settings.Task)),
            new("validation videos", settings.ValidationDataset ?? (result.Sets.IsShareDrawn
                ? Text($"{settings.ValidationShare:0.##} of the data set, drawn class by class")
                : result.Sets.Validation is null ? "none" : "those of the data set")),
            new("start", StartOf(options, result)),
            new("what is trained", options.FineTuning.ToString()),
            new("epochs", result.Card?.Settings.GetValueOrDefault(nameof(options.NumberOfEpochs)) ?? Text($"{options.NumberOfEpochs}")),
            new("clips per step", Text($"{options.BatchSize}")),
            new("learning rate", result.Card?.Settings.GetValueOrDefault(nameof(options.LearningRate)) ?? "not known"),
            new("early stopping", options.EarlyStoppingPatience is int patience
                ? Text($"after {patience} epochs without improvement")
                : "off"),
            new("seed", Text($"{settings.Seed}")),
        ];
    }

    /// <summary>The card names the weights of the package, which no option has.</summary>
    private static string StartOf(VideoMaeTrainerOptions options, TrainResult result)
    {
        string? start = result.Card?.Settings.GetValueOrDefault(nameof(options.PretrainedModel)) ?? options.PretrainedModel;
        return start is null or "none" ? "from scratch" : start;
    }

    /// <summary>Every option of the trainer that decides the weights.</summary>
    public static IReadOnlyList<NamedValue> AllSettings(TrainResult result) =>
        [.. (result.Card?.Settings ?? new Dictionary<string, string>()).Select(s => new NamedValue(s.Key, s.Value))];

    public static IReadOnlyList<NamedValue> Model(TrainResult result)
    {
        NamedValue file = new("file", Text($"{Path.GetFileName(result.Zip)}, {new FileInfo(result.Zip).Length / 1048576.0:0.0} MB"));
        if (result.Config is not { } config)
            return [new("kind", string.Join("; ", result.Trials.Where(t => t.IsBest).Select(t => $"{t.Name}: {t.Description}"))), file];
        return
        [
            new("sees", Text($"{config.NumFrames} frames of {config.ImageSize.Width}x{config.ImageSize.Height}")),
            new("patches", Text($"{config.TubeletSize}x{config.PatchSize.Height}x{config.PatchSize.Width}, {config.NumPatches} tokens")),
            new("parameters", Text($"{result.ParameterCount:#,0}")),
            new("blocks", Text($"{config.NumHiddenLayers} of width {config.HiddenSize}, {config.NumAttentionHeads} heads")),
            file,
        ];
    }

    public static IReadOnlyList<NamedValue> Speed(TrainResult result, TrainSettings settings)
    {
        using Process process = Process.GetCurrentProcess();
        List<NamedValue> facts =
        [
            new("device", settings.Device == "cpu" ? Text($"CPU, {Environment.ProcessorCount} processors") : settings.Device),
            new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}"),
        ];
        if (result.Epochs.Count > 0)
        {
            facts.Add(new("training time", TimeSpan.FromSeconds(Math.Round(result.Epochs[^1].ElapsedSeconds))
                .ToString("g", CultureInfo.InvariantCulture)));
            double first = result.Epochs[0].ClipsPerSecond, last = result.Epochs[^1].ClipsPerSecond;
            facts.Add(new("training speed", Text($"{last:0.0} clips/s in the last epoch, {first:0.0} in the first, which decodes")));
            facts.Add(new("waiting for data", Text($"{100 * result.Epochs[^1].DataWaitShare:0} % of the last epoch")));
        }

        if (result.Quality is { } quality)
            facts.Add(new("scoring speed",
                Text($"{quality.Count / quality.Elapsed.TotalSeconds:0.0} videos/s, decoding included")));
        facts.Add(new("largest memory", Text($"{process.PeakWorkingSet64 / 1048576.0:0} MB")));
        return facts;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
