// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// torch.save's format up to PyTorch 1.5 (<c>_use_new_zipfile_serialization=False</c>): pickles of a magic number, a version, the system's
/// sizes, the object and the keys of its storages, and then every storage as a count of 8 bytes and raw values.
/// </summary>
internal static class TorchLegacyFile
{
    private const long MaxPickleBytes = 64 << 20;
    private const long ProtocolVersion = 1001;

    internal static CheckpointFile Open(string path, FileStream stream)
    {
        Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);
        object? Next() => new RestrictedUnpickler(new PickleReader(stream, MaxPickleBytes), id => Storage(id, storages)).Run();
        Next(); // The magic number, 80 bits wide; what follows is checked anyway.
        if (Next() is not ProtocolVersion)
            throw new InvalidDataException("it is a pickle, but not of torch.save");
        CheckSystem(Next());
        object? content = Next();
        if (Next() is not PickleList keys)
            throw new InvalidDataException("it has no list of storages");
        Dictionary<string, long> positions = Positions(stream, keys, storages);
        Tensor ReadStorage(TorchStorage storage, long offset, Func<Stream, Tensor> read)
        {
            stream.Position = positions[storage.Key] + (offset * storage.ElementSize);
            return read(stream);
        }

        Dictionary<string, StoredTensor> tensors = [];
        foreach ((string name, TorchTensor tensor) in StateDictionary.Find(content))
        {
            tensors[name] = positions.ContainsKey(tensor.Storage.Key)
                ? TorchTensors.Stored(tensor, ReadStorage)
                : throw new InvalidDataException($"the values of '{name}' are not in the file");
        }

        return new CheckpointFile(path, tensors, stream);
    }

    private static void CheckSystem(object? system)
    {
        if (system is not PickleDictionary { Items: var items }
            || (items.TryGetValue("little_endian", out object? little) && little is not true))
            throw new InvalidDataException("its byte order is not little-endian");
    }

    private static TorchStorage Storage(PickleTuple id, Dictionary<string, TorchStorage> storages)
    {
        TorchStorage storage = PickleGlobals.Storage(id);
        if (id.Items.Length > 5 && id.Items[5] is not null)
            throw new InvalidDataException("it has storages that are views of others; save it again with a newer PyTorch");
        if (!storages.TryAdd(storage.Key, storage) && storages[storage.Key] != storage)
            throw new InvalidDataException($"the storage '{storage.Key}' is described in two ways");
        return storage;
    }

    private static Dictionary<string, long> Positions(FileStream stream, PickleList keys, Dictionary<string, TorchStorage> storages)
    {
        Dictionary<string, long> positions = new(StringComparer.Ordinal);
        Span<byte> count = stackalloc byte[8];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !storages.TryGetValue(key, out TorchStorage? storage))
                throw new InvalidDataException("its list of storages names one no tensor uses");
            stream.ReadExactly(count);
            if (BitConverter.ToInt64(count) != storage.Count)
                throw new InvalidDataException(
                    $"the storage '{key}' should hold {storage.Count} values, but has {BitConverter.ToInt64(count)}");
            if (storage.Bytes > stream.Length - stream.Position)
                throw new InvalidDataException("it ends early");
            if (!positions.TryAdd(key, stream.Position))
                throw new InvalidDataException($"its list of storages names '{key}' twice");
            stream.Position += (long)storage.Bytes;
        }

        return positions;
    }
}
