// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

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

    /// <summary>
    /// Opens a .safetensors file, an index of shards (.index.json), or a file of torch.save (.bin, .pth, .pt, ...), told apart by content.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or none of these.</exception>
    internal static CheckpointFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist.", path);
        if (path.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase))
            return ShardedCheckpoint.Open(path);
        return path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? SafetensorsCheckpoint.Open(path)
            : TorchCheckpoint.Open(path);
    }

    public void Dispose()
    {
        foreach (IDisposable file in _files)
            file.Dispose();
    }
}

/// <summary>A tensor of a checkpoint that is known by type and shape and read when asked for.</summary>
internal sealed class StoredTensor(ScalarType type, long[] shape, Func<Tensor> load)
{
    internal ScalarType Type { get; } = type;

    internal long[] Shape { get; } = shape;

    /// <summary>Reads the values; the tensor belongs to the caller.</summary>
    internal Tensor Load() => load();

    /// <summary>One of <paramref name="count"/> equal parts of the rows.</summary>
    internal StoredTensor Part(int index, int count)
    {
        if (count == 1)
            return this;
        long rows = Shape[0] / count;
        return new StoredTensor(Type, [rows, .. Shape.Skip(1)], () =>
        {
            using Tensor whole = load();
            using Tensor part = whole.narrow(0, index * rows, rows);
            return part.clone();
        });
    }

    public override string ToString() => $"{Type} {ModelInputs.Text(Shape)}";
}
