// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Writes weights as Hugging Face's save_pretrained does: into model.safetensors, or above a limit into several files with an index beside
/// them. One weight after the other is written: none is in memory a second time.
/// </summary>
internal static partial class ShardedWriter
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes the files, and deletes those of an earlier model that would stand beside them.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="dtype">The type to store them in.</param>
    /// <param name="maxBytes">What the weights of one file may have.</param>
    public static void Write(string folder, IReadOnlyList<(string Name, Tensor Tensor)> tensors, ScalarType dtype, long maxBytes)
    {
        List<List<(string Name, Tensor Tensor)>> shards = Split(tensors, dtype, maxBytes);
        string[] names = shards.Count == 1 ? [SingleFile]
            : [.. Enumerable.Range(1, shards.Count).Select(i => $"model-{i:00000}-of-{shards.Count:00000}.safetensors")];
        foreach ((string name, List<(string, Tensor)> shard) in names.Zip(shards))
            SafetensorsWriter.Write(Path.Combine(folder, name), shard, dtype: dtype);
        if (shards.Count > 1)
            AtomicFile.Write(Path.Combine(folder, IndexFile), Index(names, shards, dtype));
        else
            File.Delete(Path.Combine(folder, IndexFile));
        // A reader takes a single file before an index, and other files with weights would be taken for another model.
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => IsOfAModel().IsMatch(Path.GetFileName(file))).ToArray())
        {
            if (!names.Contains(Path.GetFileName(file)))
                File.Delete(file);
        }
    }

    /// <summary>
    /// In the order of names, each file as full as it gets. A weight above the limit gets a file of its own, before the one that is being
    /// filled.
    /// </summary>
    private static List<List<(string Name, Tensor Tensor)>> Split(
        IReadOnlyList<(string Name, Tensor Tensor)> tensors, ScalarType dtype, long maxBytes)
    {
        List<List<(string, Tensor)>> shards = [];
        List<(string, Tensor)> current = [];
        long used = 0;
        foreach ((string name, Tensor tensor) in tensors.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            long bytes = Bytes(tensor, dtype);
            if (bytes > maxBytes)
            {
                shards.Add([(name, tensor)]);
                continue;
            }

            if (used + bytes > maxBytes)
            {
                shards.Add(current);
                (current, used) = ([], 0);
            }

            current.Add((name, tensor));
            used += bytes;
        }

        return current.Count > 0 ? [.. shards, current] : shards;
    }

    private static string Index(string[] names, List<List<(string Name, Tensor Tensor)>> shards, ScalarType dtype)
    {
        var map = new JsonObject();
        foreach ((string tensor, string file) in names.Zip(shards).SelectMany(s => s.Second.Select(t => (t.Name, s.First)))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal))
            map[tensor] = file;
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["total_parameters"] = shards.Sum(shard => shard.Sum(t => t.Tensor.numel())),
                ["total_size"] = shards.Sum(shard => shard.Sum(t => Bytes(t.Tensor, dtype))),
            },
            ["weight_map"] = map,
        };
        return index.ToJsonString(s_indented) + "\n";
    }

    private static long Bytes(Tensor tensor, ScalarType dtype) => tensor.numel() * SafetensorsDType.Of(dtype).Size;

    [GeneratedRegex(@"^model(-\d{5}-of-\d{5})?\.safetensors$")]
    private static partial Regex IsOfAModel();
}
