// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Which files of a repository make a model: its config, the first kind of weights there is, the processor's settings, and the card,
/// which has the licence.
/// </summary>
internal static class HubModelFiles
{
    private const string Config = "config.json";

    // An index of shards has some kilobytes for each thousand tensors.
    private const long MaxIndexBytes = 64 << 20;

    // In order of preference: no pickles where there are plain tensors.
    private static readonly string[] s_weights =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    private static readonly string[] s_optional =
        ["preprocessor_config.json", "video_preprocessor_config.json", "processor_config.json", CheckpointCardFile.FileName];

    /// <summary>Brings a model into the cache and returns its folder.</summary>
    public static async Task<string> ResolveAsync(HubSnapshot snapshot, CancellationToken cancellationToken)
    {
        await snapshot.RequireAsync(Config, cancellationToken).ConfigureAwait(false);
        await ResolveWeightsAsync(snapshot, cancellationToken).ConfigureAwait(false);
        foreach (string file in s_optional)
            await snapshot.FindAsync(file, cancellationToken).ConfigureAwait(false);
        return snapshot.Folder;
    }

    private static async Task ResolveWeightsAsync(HubSnapshot snapshot, CancellationToken cancellationToken)
    {
        foreach (string file in s_weights)
        {
            if (await snapshot.FindAsync(file, cancellationToken).ConfigureAwait(false) is not { } path)
                continue;
            if (file.EndsWith(".json", StringComparison.Ordinal))
            {
                foreach (string shard in ReadShards(path))
                    await snapshot.RequireAsync(shard, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        throw snapshot.Missing(string.Join(", ", s_weights));
    }

    /// <summary>The names of the shards an index lists. They come from outside: only names below the folder are accepted.</summary>
    internal static IReadOnlyList<string> ReadShards(string index)
    {
        if (new FileInfo(index) is { Length: > MaxIndexBytes } large)
            throw new InvalidDataException($"'{index}' has {large.Length} bytes; an index of shards has at most {MaxIndexBytes}.");
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(index));
            string[] shards = [.. json.RootElement.GetProperty("weight_map").EnumerateObject().Select(e => e.Value.GetString() ?? "")
                .Distinct()];
            if (shards.FirstOrDefault(s => !HubModelId.IsSafePath(s)) is { } bad)
                throw new InvalidDataException($"'{index}' names the shard '{bad}', which is not the name of a file below its folder.");
            return shards.Length > 0 ? shards : throw new InvalidDataException($"'{index}' names no shards.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"'{index}' is not an index of shards: it needs an object 'weight_map' of tensor names and file names. {e.Message}", e);
        }
    }
}
