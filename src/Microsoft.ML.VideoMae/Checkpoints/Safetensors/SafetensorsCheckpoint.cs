// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A safetensors file whose tensors are read one by one.</summary>
internal static class SafetensorsCheckpoint
{
    internal static CheckpointFile Open(string path)
    {
        SafetensorsHeader header = SafetensorsReader.ReadHeader(path);
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        long data = stream.Length - header.DataBytes;
        return new CheckpointFile(path,
            header.Entries.ToDictionary(entry => entry.Name, entry => Stored(path, stream, data, entry), StringComparer.Ordinal), stream);
    }

    private static StoredTensor Stored(string path, FileStream stream, long data, SafetensorsEntry entry) =>
        new(entry.Type, entry.Shape, () =>
    {
        try
        {
            stream.Position = data + entry.Begin;
            return TensorBytes.Read(entry.Type, entry.Shape, entry.End - entry.Begin, stream, lengthKnown: true);
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"'{path}' is damaged at '{entry.Name}': {exception.Message}", exception);
        }
    });
}

/// <summary>A model spread over several files, which a <c>*.index.json</c> lists.</summary>
internal static class ShardedCheckpoint
{
    private const long MaxIndexBytes = 64 << 20;

    internal static CheckpointFile Open(string path)
    {
        Dictionary<string, string> map = ReadIndex(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<CheckpointFile> shards = [];
        try
        {
            Dictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);
            foreach (IGrouping<string, string> shard in map.GroupBy(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal))
            {
                string file = Path.Combine(folder, shard.Key);
                if (!File.Exists(file))
                    throw new FileNotFoundException(
                        $"'{path}' lists '{shard.Key}', which is not beside it. Download all files of the model.", file);
                CheckpointFile opened = CheckpointFile.Open(file);
                shards.Add(opened);
                foreach (string name in shard)
                {
                    tensors[name] = opened.Tensors.TryGetValue(name, out StoredTensor? tensor)
                        ? tensor
                        : throw new InvalidDataException($"'{path}' says that '{name}' is in '{shard.Key}', which does not hold it.");
                }
            }

            return new CheckpointFile(path, tensors, [.. shards]);
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        if (new FileInfo(path).Length > MaxIndexBytes)
            throw new InvalidDataException($"'{path}' has more than {MaxIndexBytes} bytes; it is no index of a model.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            Dictionary<string, string> map = document.RootElement.GetProperty("weight_map").EnumerateObject()
                .ToDictionary(property => property.Name, property => property.Value.GetString()!, StringComparer.Ordinal);
            string? wrong = map.Values.FirstOrDefault(IsNotAPlainName);
            return wrong is null ? map : throw new InvalidDataException(
                $"'{path}' lists the file '{wrong}'; only files beside it are read.");
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is not an index of a model's files: {exception.Message}", exception);
        }
    }

    // Also refuses an index that lists an index, which could go round in circles.
    private static bool IsNotAPlainName(string? name) =>
        string.IsNullOrEmpty(name) || name is "." or ".." || name.AsSpan().IndexOfAny("/\\:\0") >= 0
        || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
}
