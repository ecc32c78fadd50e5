// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Finds the files of a checkpoint: a folder, a file, or an id on the hub.</summary>
internal static partial class PretrainedSource
{
    private static readonly string[] s_weights = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];
    private static readonly string[] s_extensions = [".safetensors", ".pth", ".pt", ".bin"];

    /// <summary>The file with the weights (or the index of its shards), and the config.json beside it, if there is one. An existing path wins over a hub id.</summary>
    /// <exception cref="FileNotFoundException">There is no such path, or no weights in the folder.</exception>
    /// <exception cref="HubException">The id's files cannot be had.</exception>
    internal static (string Weights, string? Config) Locate(string pathOrId, HuggingFaceHubOptions? hub = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pathOrId);
        if (File.Exists(pathOrId))
            return (pathOrId, ConfigIn(Path.GetDirectoryName(Path.GetFullPath(pathOrId))!));
        if (Directory.Exists(pathOrId))
            return (WeightsIn(pathOrId), ConfigIn(pathOrId));
        if (!HubId().IsMatch(pathOrId))
            throw new FileNotFoundException($"'{pathOrId}' does not exist; give a folder, a .safetensors, .bin or .pth file, or a hub id like MCG-NJU/videomae-base.", pathOrId);
        string folder = HuggingFaceHub.ResolveModelFolder(pathOrId, hub);
        return (WeightsIn(folder), ConfigIn(folder));
    }

    private static string? ConfigIn(string folder) => File.Exists(Path.Combine(folder, "config.json")) ? Path.Combine(folder, "config.json") : null;

    private static string WeightsIn(string folder)
    {
        string? known = s_weights.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (known is not null)
            return known;
        List<string> files = [.. Directory.EnumerateFiles(folder).Where(file => s_extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Take(2)];
        return files.Count switch
        {
            1 => files[0],
            0 => throw new FileNotFoundException($"'{folder}' holds no weights; one of {string.Join(", ", s_weights)} or a single {string.Join(", ", s_extensions)} file is needed.", folder),
            _ => throw new FileNotFoundException($"'{folder}' holds several files with weights; give the file itself, or name it {s_weights[0]}.", folder),
        };
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}(@.{1,200})?$")]
    private static partial Regex HubId();
}
