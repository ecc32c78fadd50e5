// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>An opened checkpoint: its tensors by the names they have there, read one by one.</summary>
internal sealed class CheckpointFile : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _files;

    internal CheckpointFile(string path, IReadOnlyDictionary<string, StoredTensor> tensors, params IReadOnlyList<IDisposable> files)
    {
        Path = path;
        Tensors = tensors;
        _files = files;
    }

    /// <summary>The file, or the index of its shards.</summary>
    internal string Path { get; }

    internal IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Opens a .safetensors file, an index of shards (.index.json), or a file of torch.save (.bin, .pth, .pt, ...), told apart by content.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or none of these.</exception>
    internal static CheckpointFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist.", path);
        if (path.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase))
            return ShardedCheckpoint.Open(path);
        return path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? SafetensorsCheckpoint.Open(path) : TorchCheckpoint.Open(path);
    }

    public void Dispose()
    {
        foreach (IDisposable file in _files)
            file.Dispose();
    }
}
