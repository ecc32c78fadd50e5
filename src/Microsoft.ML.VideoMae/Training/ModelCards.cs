// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Fills in the cards of trained models.</summary>
internal static class ModelCards
{
    /// <summary>The card of a fine-tuned model.</summary>
    /// <param name="options">The options of the trainer, with the name of the weights it started from.</param>
    /// <param name="recipe">What was done.</param>
    /// <param name="classes">The names of the classes; empty where targets are numbers.</param>
    /// <param name="data">The clips.</param>
    /// <param name="metrics">What was measured.</param>
    /// <param name="confusion">What was taken for what; null where it is not known.</param>
    public static VideoMaeModelCard OfFineTuning(
        VideoMaeTrainerOptions options, FineTuningRecipe recipe, IReadOnlyList<string> classes, TrainingData data,
        IReadOnlyDictionary<string, double> metrics, IReadOnlyList<IReadOnlyList<int>>? confusion)
    {
        string use = classes.Count > 0
            ? $"Not stated. The model tells these classes apart in videos like those it was trained on: {string.Join(", ", classes)}."
            : "Not stated. The model gives videos like those it was trained on a number.";
        return new VideoMaeModelCard
        {
            Trainer = TrainerOf(options),
            PackageVersion = PackageVersion,
            IntendedUse = options.IntendedUse ?? use,
            TrainingClips = data.Training.Count,
            ValidationClips = data.Validation.Count,
            SkippedClips = data.Skipped.Save().Length,
            ClipsPerClass = Ordered(classes.Select((name, i) => (name, data.Training.Count(e => e.ClassIndex == i)))),
            Settings = Ordered(RunIdentity.Settings(options)
                .Append((nameof(options.LearningRate), string.Create(CultureInfo.InvariantCulture, $"{recipe.PeakLearningRate:0.###e+0}")))
                .Append((nameof(options.NumberOfEpochs), string.Create(CultureInfo.InvariantCulture, $"{recipe.NumberOfEpochs}")))
                .Append((nameof(options.LayerDecay), string.Create(CultureInfo.InvariantCulture, $"{recipe.LayerDecay}")))
                .Append((nameof(options.Seed), string.Create(CultureInfo.InvariantCulture, $"{recipe.Streams.Seed}")))),
            Metrics = metrics,
            ClipSeconds = ClipLength.MedianOf(data.Training),
            Confusion = confusion?.Count == classes.Count ? confusion : [],
        };
    }

    /// <summary>The card of a pre-trained model.</summary>
    /// <param name="recipe">What was done.</param>
    /// <param name="model">The model.</param>
    /// <param name="data">The clips.</param>
    /// <param name="metrics">What was measured.</param>
    public static VideoMaeModelCard OfPretraining(
        PretrainingRecipe recipe, PreTrainingModel model, TrainingData data, IReadOnlyDictionary<string, double> metrics)
    {
        return new VideoMaeModelCard
        {
            Trainer = TrainerOf(recipe.Options),
            PackageVersion = PackageVersion,
            IntendedUse = recipe.Options.IntendedUse ?? (model.GivesFeatures
                ? "Not stated. The model gives features, and a start for training on videos like those it was pre-trained on."
                : "Not stated. The model tells which videos are unlike those it was trained on."),
            TrainingClips = data.Training.Count,
            ValidationClips = data.Validation.Count,
            SkippedClips = data.Skipped.Save().Length,
            ClipsPerClass = new Dictionary<string, int>(),
            Settings = Ordered(RunIdentity.Settings(recipe.Options)
                .Append((nameof(recipe.Options.Seed), string.Create(CultureInfo.InvariantCulture, $"{recipe.Streams.Seed}")))),
            Metrics = metrics,
        };
    }

    /// <summary>The metrics of a run at the end of an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="sums">What it added up.</param>
    /// <param name="validation">How well the weights did that the model would have; null without validation.</param>
    public static Dictionary<string, double> MetricsOf(int epoch, EpochSums sums, ValidationResult? validation)
    {
        var metrics = new Dictionary<string, double> { ["Epochs"] = epoch, ["TrainingLoss"] = sums.Loss / sums.Clips };
        if (sums.Correct is long correct)
            metrics["TrainingAccuracy"] = (double)correct / sums.Clips;
        if (validation is null)
            return metrics;
        metrics["ValidationLoss"] = validation.Loss;
        if (validation.Accuracy is double accuracy)
            metrics["ValidationAccuracy"] = accuracy;
        if (validation.MacroAccuracy is double macro)
            metrics["ValidationMacroAccuracy"] = macro;
        return metrics;
    }

    private static string PackageVersion { get; } =
        typeof(ModelCards).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static string TrainerOf(object options) => options.GetType().DeclaringType!.Name;

    /// <summary>Later values replace earlier ones of the same name.</summary>
    private static Dictionary<string, T> Ordered<T>(IEnumerable<(string Name, T Value)> pairs)
    {
        var values = new Dictionary<string, T>();
        foreach ((string name, T value) in pairs)
            values[name] = value;
        return values;
    }
}

/// <summary>How long training clips are.</summary>
internal static class ClipLength
{
    /// <summary>So many clips are looked at, spread over all: a middle value needs no more.</summary>
    private const int LookedAt = 15;

    /// <summary>Files that do not say their length at their beginning are asked one by one, by ffprobe: fewer are.</summary>
    private const int Asked = 3;

    /// <summary>The median length in seconds; null where no clip says it.</summary>
    public static double? MedianOf(IReadOnlyList<ClipExample> clips)
    {
        MLVideo[] videos = [.. clips.Select(c => c.Video)];
        double[] lengths = [.. Spread(videos, LookedAt).Select(SharedClip.SecondsOf).Where(s => s > 0)];
        if (lengths.Length == 0)
            lengths = [.. Spread(videos, Asked).Select(Ask).Where(s => s > 0)];
        if (lengths.Length == 0)
            return null;
        Array.Sort(lengths);
        return Math.Round(lengths[lengths.Length / 2], 3);
    }

    private static IEnumerable<MLVideo> Spread(MLVideo[] videos, int count) =>
        Enumerable.Range(0, Math.Min(count, videos.Length)).Select(i => videos[(int)((long)i * videos.Length / Math.Min(count, videos.Length))]);

    private static double Ask(MLVideo video)
    {
        if (video.PixelValues is not null || video.Frames is not null)
            return 0;
        try
        {
            return VideoReader.Default.Probe(video).Duration.TotalSeconds;
        }
        catch (VideoReadException)
        {
            return 0;   // training has told of it already
        }
    }
}
