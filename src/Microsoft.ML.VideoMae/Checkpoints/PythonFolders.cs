// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>The output folder of transformers' Trainer, which may have nothing in it but folders called checkpoint-STEP.</summary>
internal static class TrainerFolder
{
    private const string Prefix = "checkpoint-";
    private const long MaxStateBytes = 256 << 20;

    /// <summary>Whether there is a checkpoint in a folder.</summary>
    public static bool Is(string folder) => Checkpoints(folder).Length > 0;

    /// <summary>The checkpoint to take: the best one where the Trainer kept account of it, and otherwise the newest.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="notes">Gets a line that says what was taken.</param>
    /// <returns>A folder; null where there is none with weights.</returns>
    public static string? Choose(string folder, List<string> notes)
    {
        string[] all = Checkpoints(folder);
        if (all.Length == 0)
            return null;
        string newest = all[^1];
        string names = string.Join(", ", all.Select(Path.GetFileName));
        string start = $"'{folder}' is the folder of a Trainer, with {names}: ";
        string? best = BestOf(folder) ?? BestOf(newest);
        string? found = Array.Find(all, path => Path.GetFileName(path) == best);
        notes.Add(start + (found is null ? $"{Path.GetFileName(newest)}, the newest, was taken."
            : found == newest ? $"{best}, the newest and the best by trainer_state.json, was taken."
            : $"{best}, the best by trainer_state.json, was taken; the newest is {Path.GetFileName(newest)}.")
            + (best is not null && found is null ? $" trainer_state.json calls {best} the best, which is not there." : ""));
        return found ?? newest;
    }

    /// <summary>Those with weights, the oldest first: one that a Trainer was writing when it was ended has none.</summary>
    private static string[] Checkpoints(string folder) =>
        [.. Directory.EnumerateDirectories(folder, Prefix + "*").Where(path => StepOf(path) >= 0 && PretrainedFiles.HaveWeights(path))
            .OrderBy(StepOf)];

    private static int StepOf(string path) => int.TryParse(
        Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : -1;

    /// <summary>The name of the folder that best_model_checkpoint stands for. Its path is one of the machine that trained.</summary>
    private static string? BestOf(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, "trainer_state.json"));
        if (!file.Exists || file.Length > MaxStateBytes)
            return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(file.FullName)) is JsonObject state
                && state["best_model_checkpoint"] is JsonValue value && value.TryGetValue(out string? path)
                ? path.TrimEnd('/', '\\').Split('/', '\\')[^1] : null;
        }
        catch (JsonException)
        {
            return null; // A Trainer that was killed left half a file; the weights are none the worse.
        }
    }
}

/// <summary>A folder that has no model but differences from one, as PEFT saves them.</summary>
internal static class PeftAdapter
{
    public const string FileName = "adapter_config.json";

    /// <exception cref="InvalidDataException">The folder has an adapter.</exception>
    public static void Refuse(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (File.Exists(path))
            throw Error($"'{folder}' holds a PEFT adapter ({FileName}){BaseModel(path)}", folder);
    }

    /// <exception cref="InvalidDataException">The names are those of an adapter.</exception>
    public static void Refuse(string file, IEnumerable<string> names)
    {
        if (names.FirstOrDefault(name => name.Contains(".lora_", StringComparison.Ordinal)) is string name)
            throw Error($"'{file}' holds a PEFT adapter ({name})", Path.GetDirectoryName(file) ?? file);
    }

    private static InvalidDataException Error(string what, string folder) => new(
        $"{what}, which is not a model but differences from one. Merge it into its model in Python: " +
        $"AutoPeftModel.from_pretrained('{Path.GetFileName(folder)}').merge_and_unload().save_pretrained('merged'); then give 'merged'.");

    private static string BaseModel(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path))?["base_model_name_or_path"] is JsonValue value
                && value.TryGetValue(out string? name) ? $" for '{name}'" : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}

/// <summary>Weights that were quantised, which only the library that did it can read.</summary>
internal static class QuantizedWeights
{
    private static readonly string[] s_endings = [".SCB", ".absmax", ".quant_map", ".qweight", ".qzeros", ".weight_scale_inv"];

    /// <exception cref="InvalidDataException">The weights are quantised.</exception>
    public static void Refuse(string file, VideoMaeConfig? config, IEnumerable<string> names)
    {
        JsonNode? settings = config?.AdditionalFields.GetValueOrDefault("quantization_config");
        string? name = names.FirstOrDefault(n => s_endings.Any(ending => n.EndsWith(ending, StringComparison.Ordinal)));
        if (settings is null && name is null)
            return;
        string reason = name ?? ((settings as JsonObject)?["quant_method"] is JsonNode method
            ? $"quantization_config in config.json, {method}" : "quantization_config in config.json");
        throw new InvalidDataException($"'{file}' holds quantised weights ({reason}), which are not read here. Write them as ordinary " +
            "ones in Python: VideoMAEForVideoClassification.from_pretrained('FOLDER').dequantize().save_pretrained('plain'); " +
            "then give 'plain'.");
    }
}

/// <summary>A zip of the folder of a checkpoint. A .zip of ML.NET's has no config.json.</summary>
internal static class CheckpointZip
{
    private const string Config = "config.json";
    private const long MaxBytes = 1L << 37;

    /// <summary>Whether a file is a .zip with a checkpoint's folder in it.</summary>
    public static bool Is(string path)
    {
        if (!string.Equals(Path.GetExtension(path), ".zip", StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            return zip.Entries.Any(entry => entry.Name == Config);
        }
        catch (InvalidDataException)
        {
            return false; // Who reads it as a model says what is wrong.
        }
    }

    /// <summary>Unpacks the folder that has the config.json, without those below it, into a new temporary folder.</summary>
    /// <exception cref="InvalidDataException">It is damaged or too large, or has several checkpoints.</exception>
    public static string Extract(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        string[] roots = [.. zip.Entries.Where(entry => entry.Name == Config).Select(entry => entry.FullName[..^Config.Length]).Distinct()];
        if (roots.Length != 1)
        {
            throw new InvalidDataException($"'{path}' holds {roots.Length} checkpoints: " +
                $"{string.Join(", ", roots.Select(root => $"'{root}'"))}. Unpack it, and give the folder of one of them.");
        }

        ZipArchiveEntry[] files = [.. zip.Entries
            .Where(e => e.Name.Length > 0 && e.FullName == roots[0] + e.Name && HubModelId.IsSafePath(e.Name))];
        if (files.Sum(file => (decimal)file.Length) > MaxBytes)
            throw new InvalidDataException($"'{path}' holds more than {MaxBytes} bytes; unpack it, and give the folder.");
        string folder = Directory.CreateTempSubdirectory("videomae-").FullName;
        try
        {
            foreach (ZipArchiveEntry file in files.DistinctBy(file => file.Name))
                file.ExtractToFile(Path.Combine(folder, file.Name));
            return folder;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}
