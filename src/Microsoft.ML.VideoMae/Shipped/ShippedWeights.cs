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

/// <summary>The weights of one model in the package Microsoft.ML.VideoMae.Weights, which copies them beside the application.</summary>
/// <param name="Preset">The model that they fit.</param>
/// <param name="Folder">The folder with the weights; it has Hugging Face's layout.</param>
internal sealed record ShippedWeights(ShippedPreset Preset, string Folder)
{
    /// <summary>The package that has the weights.</summary>
    public const string Package = "Microsoft.ML.VideoMae.Weights";

    /// <summary>The licence of the weights.</summary>
    public const string License = "MIT";

    /// <summary>What PretrainedModel is where a user wants to start from nothing.</summary>
    public const string None = "none";

    private const string FolderName = "videomae-weights";
    private const string WeightsFile = "model.safetensors";

    /// <summary>Where weights are looked for: beside the application, and beside this library.</summary>
    private static IEnumerable<string> Roots =>
        ((string[])[AppContext.BaseDirectory, Path.GetDirectoryName(typeof(ShippedWeights).Assembly.Location) ?? ""])
        .Where(folder => folder.Length > 0).Distinct().Select(folder => Path.Combine(folder, FolderName));

    /// <summary>The weights that a PretrainedModel such as 'cpu-motion' names; null where it names a checkpoint.</summary>
    /// <exception cref="FileNotFoundException">It names weights of the package, and the package is not there.</exception>
    public static ShippedWeights? Named(string pretrainedModel) => ShippedPreset.All
        .Where(p => string.Equals(p.Name, pretrainedModel, StringComparison.OrdinalIgnoreCase))
        .Select(p => For(p.Config) ?? throw new FileNotFoundException(
            $"'{p.Name}' names weights of the package {Package}, and the package is not there: add it to the project. " +
            $"A folder of that name is given as './{p.Name}'."))
        .FirstOrDefault();

    /// <summary>Whether PretrainedModel asks for no weights.</summary>
    public static bool IsNone(string? pretrainedModel) => string.Equals(pretrainedModel, None, StringComparison.OrdinalIgnoreCase);

    /// <summary>The weights for a model; null where the package is not there, or has none for this model.</summary>
    /// <param name="config">The model; null takes the first preset.</param>
    public static ShippedWeights? For(VideoMaeConfig? config) =>
        Roots.Select(root => For(config, root)).FirstOrDefault(found => found is not null);

    /// <summary>The same, in one folder.</summary>
    /// <param name="config">The model; null takes the first preset.</param>
    /// <param name="root">A folder with a folder for each preset.</param>
    public static ShippedWeights? For(VideoMaeConfig? config, string root) => ShippedPreset.All
        .Where(p => config is null || p.Is(config))
        .Select(p => new ShippedWeights(p, Path.Combine(root, p.Name)))
        .FirstOrDefault(w => File.Exists(Path.Combine(w.Folder, WeightsFile)));

    /// <summary>The SHA-256 of the weights: it is part of a run's name, so that a run never goes on with others.</summary>
    public string Hash()
    {
        using FileStream file = File.OpenRead(Path.Combine(Folder, WeightsFile));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>What a model card calls the weights.</summary>
    public override string ToString() => $"{Package}/{Preset.Name} ({License}), sha256 {Hash()[..16]}";
}
