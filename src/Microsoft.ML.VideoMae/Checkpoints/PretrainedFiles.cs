// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Where the files of a checkpoint are, and what was chosen where there was a choice.</summary>
/// <remarks>
/// A checkpoint is what Python left: a folder of Hugging Face's, the output folder of its Trainer, a repository in the cache of the hub, a
/// zip of a folder, a file with weights, or an id on the hub.
/// </remarks>
public sealed partial class PretrainedFiles : IDisposable
{
    private static readonly string[] s_known =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    private static readonly string[] s_extensions = [".safetensors", ".bin", ".pth", ".pt", ".ckpt"];

    private readonly string? _extracted;

    private PretrainedFiles(string weights, IReadOnlyList<string> notes, string? extracted)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(weights))!;
        string config = Path.Combine(folder, "config.json");
        (WeightsPath, FolderPath, Notes) = (weights, folder, notes);
        ConfigPath = File.Exists(config) ? config : null;
        _extracted = extracted;
    }

    /// <summary>The file with the weights, or the index of its shards.</summary>
    public string WeightsPath { get; }

    /// <summary>The folder of the weights, where a processor's settings stand if there are any.</summary>
    public string FolderPath { get; }

    /// <summary>The config.json beside the weights; null where there is none.</summary>
    public string? ConfigPath { get; }

    /// <summary>What was taken where a choice was made, in sentences; usually nothing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Finds the files of a checkpoint.</summary>
    /// <param name="pathOrId">
    /// A folder, a .safetensors, .bin, .pth, .pt or .ckpt file, a zip of a folder, or a hub id; an existing path wins.
    /// </param>
    /// <param name="options">Where models of the hub are kept and how they are fetched; null takes everything from the environment.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <exception cref="FileNotFoundException">
    /// There is no such path, or a folder has no weights, or several of which none is the obvious one.
    /// </exception>
    /// <exception cref="HubException">The id's files cannot be had.</exception>
    /// <exception cref="InvalidDataException">The weights are those of an adapter, or a zip has no checkpoint in it.</exception>
    public static PretrainedFiles Find(
        string pathOrId, HuggingFaceHubOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pathOrId);
        if (File.Exists(pathOrId))
            return CheckpointZip.Is(pathOrId) ? FromZip(pathOrId) : new PretrainedFiles(NoAdapter(pathOrId), [], extracted: null);
        if (Directory.Exists(pathOrId))
            return FromFolder(pathOrId);
        if (!HubId().IsMatch(pathOrId))
        {
            throw new FileNotFoundException(
                $"'{pathOrId}' does not exist; give a folder, a .safetensors, .bin, .pth or .ckpt file, a zip of a folder, or a hub id " +
                "like MCG-NJU/videomae-base.", pathOrId);
        }

        return FromFolder(HuggingFaceHub.ResolveModelFolder(pathOrId, options, cancellationToken));
    }

    /// <summary>Whether a file is a .zip of the folder of a checkpoint, and not a model of ML.NET's.</summary>
    /// <param name="path">The file.</param>
    public static bool IsZipOfFolder(string path) => File.Exists(path) && CheckpointZip.Is(path);

    /// <summary>Deletes what was unpacked of a zip. Weights have to be read before.</summary>
    public void Dispose()
    {
        if (_extracted is not null && Directory.Exists(_extracted))
            Directory.Delete(_extracted, recursive: true);
    }

    /// <summary>Whether a folder has weights of its own, or an adapter's.</summary>
    internal static bool HaveWeights(string folder) =>
        Known(folder) is not null || Loose(folder).Length > 0 || File.Exists(Path.Combine(folder, PeftAdapter.FileName));

    private static PretrainedFiles FromZip(string path)
    {
        string folder = CheckpointZip.Extract(path);
        try
        {
            return FromFolder(folder, folder);
        }
        catch (FileNotFoundException e)
        {
            Directory.Delete(folder, recursive: true);
            throw new InvalidDataException($"'{path}': {e.Message.Replace(folder, "the folder in it", StringComparison.Ordinal)}", e);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static PretrainedFiles FromFolder(string folder, string? extracted = null)
    {
        List<string> notes = [];
        return new PretrainedFiles(WeightsIn(folder, notes), notes, extracted);
    }

    private static string WeightsIn(string folder, List<string> notes)
    {
        if (Known(folder) is string known)
            return known;
        if (HubCache.SnapshotOf(folder, notes) is string snapshot)
            return WeightsIn(snapshot, notes);
        PeftAdapter.Refuse(folder);
        string[] loose = Loose(folder);
        string[] models = loose.Length == 1 && !TrainerFolder.Is(folder) ? loose : [.. loose.Where(HasModel)];
        string list = string.Join(", ", loose.Select(Path.GetFileName));
        if (models.Length == 1)
        {
            if (loose.Length > 1)
                notes.Add($"Of {list} in '{folder}', {Path.GetFileName(models[0])} was taken: it alone has the weights of a model.");
            return models[0];
        }

        if (models.Length == 0 && TrainerFolder.Choose(folder, notes) is string checkpoint)
            return WeightsIn(checkpoint, notes);
        throw new FileNotFoundException(loose.Length == 0
            ? $"'{folder}' holds no weights; one of {string.Join(", ", s_known)} or a single " +
                $"{string.Join(", ", s_extensions)} file is needed."
            : $"'{folder}' holds several files with weights: {list}. Give the path of one of them, or name it {s_known[0]}.", folder);
    }

    private static string? Known(string folder) => s_known.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Files that may hold weights. What a Trainer saves besides does not.</summary>
    private static string[] Loose(string folder) =>
        [.. Directory.EnumerateFiles(folder)
            .Where(file => s_extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
                && !NoWeights().IsMatch(Path.GetFileName(file)))
            .Order(StringComparer.Ordinal)];

    /// <summary>Whether a file has the patch embedding of a model; one that cannot be read may have it.</summary>
    private static bool HasModel(string file)
    {
        try
        {
            using CheckpointFile checkpoint = CheckpointFile.Open(file);
            return CheckpointKeyMap.Map([.. checkpoint.Tensors.Keys]).Keys.Any(key => key.Target == LoadPlan.Projection);
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static string NoAdapter(string file)
    {
        if (Path.GetFileName(file).StartsWith("adapter_model.", StringComparison.Ordinal))
            PeftAdapter.Refuse(Path.GetDirectoryName(Path.GetFullPath(file))!);
        return file;
    }

    [GeneratedRegex(@"^((optimizer|scheduler|scaler)\.(pt|bin)|rng_state.*\.pth|training_args\.bin|adapter_model\..*)$")]
    private static partial Regex NoWeights();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}(@.{1,200})?$")]
    private static partial Regex HubId();
}
