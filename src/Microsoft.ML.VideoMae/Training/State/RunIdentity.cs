// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Collects what decides the result of a run, for <see cref="RunFingerprint"/>.</summary>
internal static class RunIdentity
{
    /// <summary>Names a training run.</summary>
    /// <param name="options">The options of the trainer.</param>
    /// <param name="outputs">The names of the model's outputs.</param>
    /// <param name="rows">The labelled clips.</param>
    /// <param name="validation">The clips of a validation set.</param>
    public static string OfRun(
        VideoMaeTrainerOptions options, IReadOnlyList<string> outputs, IReadOnlyList<ClipExample> rows,
        IReadOnlyList<ClipExample> validation) => OfRun((VideoMaeTrainingOptions)options, outputs, rows, validation);

    /// <summary>Names a pre-training run.</summary>
    /// <param name="options">The options of the estimator.</param>
    /// <param name="rows">The clips.</param>
    public static string OfRun(VideoMaePretrainingOptions options, IReadOnlyList<ClipExample> rows) =>
        OfRun(options, ["pre-training"], rows, []);

    private static string OfRun(
        VideoMaeTrainingOptions options, IReadOnlyList<string> outputs, IReadOnlyList<ClipExample> rows,
        IReadOnlyList<ClipExample> validation) =>
        RunFingerprint.Compute([
            .. OfOptions(options), options.Config?.ToIdentity() ?? "", .. OfWeights(options), .. outputs, .. rows.Select(OfClip),
            "validation", .. validation.Select(OfClip),
        ]);

    /// <summary>Names the features of some clips: other settings of the training leave them as they are.</summary>
    public static string OfFeatures(ClassificationModel model, FineTuningRecipe recipe, IReadOnlyList<ClipExample> examples, bool pooled) =>
        RunFingerprint.Compute([
            pooled ? "pooled" : "tokens",
            (model.Config with { Id2Label = null, Label2Id = null, NumLabels = 2 }).ToIdentity(), model.Processor.ToJson(),
            model.Sampler.ToString(),
            .. OfWeights(recipe.Options),
            .. (IEnumerable<string>)(BFloat16Support.IsChosen(model.Network.Precision) ? ["BFloat16"] : []),
            recipe.Options.FeatureViews == 1
                ? ""
                : FormattableString.Invariant($"{recipe.Options.FeatureViews} {recipe.Augmentation} {recipe.Streams.Seed}"),
            .. examples.Select(OfClip),
        ]);

    /// <summary>
    /// An option that came later stands here only where it is set, so that runs which knew nothing of it keep their names.
    /// </summary>
    private static IEnumerable<string> OfOptions(VideoMaeTrainingOptions options) => Values(options, o => o.IdentityValue(options))
        .Where(v => v.Option.Identity == RunIdentityPart.Always || !Equals(v.Option.GetValue(options), v.Option.DefaultValue))
        .Select(v => $"{v.Option.IdentityName}={v.Value}");

    /// <summary>The options that decide the weights and are set, for a model card.</summary>
    public static IEnumerable<(string Name, string Value)> Settings(VideoMaeTrainingOptions options) =>
        Values(options, o => o.GetValue(options)).Where(v => v.Value.Length > 0).Select(v => (v.Option.Name, v.Value));

    private static IEnumerable<(VideoMaeOption Option, string Value)> Values(
        VideoMaeTrainingOptions options, Func<VideoMaeOption, object?> valueOf) =>
        VideoMaeOption
            .Of(options.GetType())
            .Where(option => option.Identity != RunIdentityPart.Never)
            .OrderBy(option => option.IdentityName, StringComparer.Ordinal)
            .Select(option => (option, string.Create(CultureInfo.InvariantCulture, $"{valueOf(option)}")));

    /// <summary>A checkpoint by its place, size and time; one from the hub by its name; a model in memory by its content.</summary>
    private static IEnumerable<string> OfWeights(VideoMaeTrainingOptions options) =>
        options.PretrainedTransformer is { } model ? [StartingWeights.ContentOf(model)]
        : options.PretrainedModel is string pretrainedModel ? OfWeights(pretrainedModel) : [];

    /// <summary>A checkpoint by its place, size and time; one from the hub by its name, and shipped weights by their content.</summary>
    public static IEnumerable<string> OfWeights(string pretrainedModel)
    {
        FileInfo[] files = Directory.Exists(pretrainedModel) ? new DirectoryInfo(StartingWeights.FolderOf(pretrainedModel)).GetFiles()
            : File.Exists(pretrainedModel) ? [new FileInfo(pretrainedModel)]
            : [];
        IEnumerable<string> shipped = ShippedWeights.Named(pretrainedModel) is { } weights ? [weights.Hash()] : [];
        return files.OrderBy(f => f.Name, StringComparer.Ordinal).Select(OfFile).Prepend(pretrainedModel).Concat(shipped);
    }

    /// <summary>Says of every clip what tells it from others, with its target and group.</summary>
    public static IEnumerable<string> OfClips(IEnumerable<ClipExample> clips) => clips.Select(OfClip);

    private static string OfClip(ClipExample clip) =>
        string.Create(CultureInfo.InvariantCulture, $"{clip.Target}|{clip.Group}|{OfVideo(clip.Video)}");

    /// <summary>
    /// A file by its place, size and time; what is in memory by its length and first bytes, since a run over it is rarely resumed.
    /// </summary>
    private static string OfVideo(MLVideo video)
    {
        if (video.Path is string path)
            return File.Exists(path) ? OfFile(new FileInfo(path))
                : Directory.Exists(path) ? OfFrames(new DirectoryInfo(path))
                : path;
        ReadOnlyMemory<byte> bytes = video.PixelValues is float[] pixels
            ? MemoryMarshal.AsBytes<float>(pixels).ToArray()
            : video.Frames?.Pixels ?? video.Bytes;
        return $"{video.Name} {bytes.Length} {RunFingerprint.Compute([Convert.ToHexString(bytes.Span[..Math.Min(bytes.Length, 4096)])])}";
    }

    /// <summary>A folder of frames by the number, sizes and times of its files.</summary>
    private static string OfFrames(DirectoryInfo folder)
    {
        string[] files = [.. folder.GetFiles().OrderBy(f => f.Name, StringComparer.Ordinal).Select(OfFile)];
        return string.Create(CultureInfo.InvariantCulture, $"{folder.FullName} {files.Length} {RunFingerprint.Compute(files)}");
    }

    /// <summary>Behind a link stands another file, whose changes count.</summary>
    private static string OfFile(FileInfo file)
    {
        var real = RegularFile.Of(file.FullName);
        return string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {real.Length} {real.WrittenUtc.Ticks}");
    }
}
