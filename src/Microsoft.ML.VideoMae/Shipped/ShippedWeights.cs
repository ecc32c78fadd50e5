// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Shipped;

/// <summary>
/// The weights of one preset in the package Microsoft.ML.VideoMae.Weights, which copies them beside the application, or a user's own of the
/// same kind.
/// </summary>
/// <param name="Name">The name of the preset's folder.</param>
/// <param name="PresetName">The name of the preset in code.</param>
/// <param name="Preset">The model that they fit.</param>
/// <param name="RateAfterProbe">
/// The peak learning rate of a step of 16 clips where the head has learned from frozen features first, and the encoder need not move far.
/// </param>
/// <param name="Folder">The folder with the weights; it has Hugging Face's layout.</param>
internal sealed record ShippedWeights(string Name, string PresetName, VideoMaeConfig Preset, double RateAfterProbe, string Folder)
{
    /// <summary>The package that has the weights.</summary>
    public const string Package = "Microsoft.ML.VideoMae.Weights";

    /// <summary>The licence of the weights.</summary>
    public const string License = "MIT";

    /// <summary>What PretrainedModel is where a user wants to start from nothing.</summary>
    public const string None = "none";

    /// <summary>
    /// The peak learning rate of a clip in a step: 5e-4 for 24 clips, with which these weights were tried. It is far above the rate for
    /// published weights, whose models are many times wider.
    /// </summary>
    public const double RatePerClip = 5e-4 / 24;

    private const string FolderName = "videomae-weights";
    private const string WeightsFile = "model.safetensors";
    private const string ConfigFile = "config.json";

    /// <summary>
    /// The rates are the better ones of two. After 300 steps on tank-wagon the larger model had 0.648 with 1e-4 and 0.780 with 2.5e-4, and
    /// after 600 on weizmann4 the tiny one 0.946 with 1e-4 and 0.982 with 3e-4.
    /// </summary>
    private static readonly (string Name, string PresetName, VideoMaeConfig Preset, double RateAfterProbe)[] s_presets =
    [
        ("cpu-motion", $"{nameof(VideoMaeConfig)}.{nameof(VideoMaeConfig.CpuMotion)}", VideoMaeConfig.CpuMotion, 2.5e-4),
        ("cpu-motion-tiny", $"{nameof(VideoMaeConfig)}.{nameof(VideoMaeConfig.CpuMotionTiny)}", VideoMaeConfig.CpuMotionTiny, 3e-4),
    ];

    /// <summary>Whether these are a user's own, in a folder that PretrainedModel names.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>Where weights are looked for: beside the application, and beside this library.</summary>
    private static IEnumerable<string> Roots =>
        ((string[])[AppContext.BaseDirectory, Path.GetDirectoryName(typeof(ShippedWeights).Assembly.Location) ?? ""])
        .Where(folder => folder.Length > 0).Distinct().Select(folder => Path.Combine(folder, FolderName));

    /// <summary>The names of the presets that the package has weights for, for messages.</summary>
    public static string PresetNames => string.Join(" and ", s_presets.Select(p => p.PresetName));

    /// <summary>The weights that a PretrainedModel such as 'cpu-motion' names; null where it names a checkpoint.</summary>
    /// <exception cref="FileNotFoundException">It names weights of the package, and the package is not there.</exception>
    public static ShippedWeights? Named(string pretrainedModel) => s_presets
        .Where(p => string.Equals(p.Name, pretrainedModel, StringComparison.OrdinalIgnoreCase))
        .Select(p => For(p.Preset) ?? throw new FileNotFoundException(
            $"'{p.Name}' names weights of the package {Package}, and the package is not there: add it to the project. " +
            $"A folder of that name is given as './{p.Name}'."))
        .FirstOrDefault();

    /// <summary>
    /// A user's own weights that fit a preset and saw no labels, as build/pretrain-weights.sh makes them; null for all others. What cannot
    /// be read is told where it is loaded.
    /// </summary>
    /// <param name="folder">What PretrainedModel names.</param>
    public static ShippedWeights? OwnIn(string folder)
    {
        string file = Path.Combine(folder, ConfigFile);
        if (!File.Exists(file) || !File.Exists(Path.Combine(folder, WeightsFile)))
            return null;
        VideoMaeConfig config;
        try
        {
            config = VideoMaeConfig.Load(file);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return s_presets.Where(p => SawNoLabels(config) && Shape(config, p.Preset) == Shape(p.Preset))
            .Select(p => new ShippedWeights(p.Name, p.PresetName, p.Preset, p.RateAfterProbe, folder) { IsOwn = true })
            .FirstOrDefault();
    }

    /// <summary>Whether PretrainedModel asks for no weights.</summary>
    public static bool IsNone(string? pretrainedModel) => string.Equals(pretrainedModel, None, StringComparison.OrdinalIgnoreCase);

    /// <summary>The weights for a model; null where the package is not there, or has none for this model.</summary>
    /// <param name="config">The model; null takes the first preset.</param>
    public static ShippedWeights? For(VideoMaeConfig? config) =>
        Roots.Select(root => For(config, root)).FirstOrDefault(found => found is not null);

    /// <summary>The same, in one folder.</summary>
    /// <param name="config">The model; null takes the first preset.</param>
    /// <param name="root">A folder with a folder for each preset.</param>
    public static ShippedWeights? For(VideoMaeConfig? config, string root) => s_presets
        .Where(p => config is null || Shape(config) == Shape(p.Preset))
        .Select(p => new ShippedWeights(p.Name, p.PresetName, p.Preset, p.RateAfterProbe, Path.Combine(root, p.Name)))
        .FirstOrDefault(w => File.Exists(Path.Combine(w.Folder, WeightsFile)));

    /// <summary>The SHA-256 of the weights: it is part of a run's name, so that a run never goes on with others.</summary>
    public string Hash()
    {
        using FileStream file = File.OpenRead(Path.Combine(Folder, WeightsFile));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>What a model card calls the weights.</summary>
    public override string ToString() => IsOwn ? Folder : $"{Package}/{Name} ({License}), sha256 {Hash()[..16]}";

    /// <summary>All of a configuration but what labels set.</summary>
    private static string Shape(VideoMaeConfig config) =>
        (config with { NumLabels = 2, Id2Label = null, Label2Id = null, ProblemType = null }).ToJson();

    /// <summary>The same of a file, without what files say besides, and what fresh weights are drawn from.</summary>
    private static string Shape(VideoMaeConfig file, VideoMaeConfig preset) => Shape(file with
    {
        InitializerRange = preset.InitializerRange,
        DType = preset.DType,
        AdditionalFields = preset.AdditionalFields,
    });

    private static bool SawNoLabels(VideoMaeConfig config) =>
        !(config.AdditionalFields.GetValueOrDefault("architectures")?.ToJsonString() ?? "").Contains("ForVideoClassification");
}
