// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// torch.save's format since PyTorch 1.6: a zip with <c>NAME/data.pkl</c> and one entry <c>NAME/data/KEY</c> a storage.
/// </summary>
internal static class TorchZipFile
{
    private const long MaxPickleBytes = 64 << 20;

    internal static CheckpointFile Open(string path, FileStream stream)
    {
        ZipArchive zip = new(stream, ZipArchiveMode.Read);
        Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (!entries.TryAdd(entry.FullName, entry))
                throw new InvalidDataException($"the zip holds '{entry.FullName}' twice");
        }

        string root = Root(entries);
        CheckByteOrder(entries, root);
        object? content = Unpickle(entries, root);
        Tensor ReadStorage(TorchStorage storage, long offset, Func<Stream, Tensor> read)
        {
            using Stream values = OpenEntry(path, entries[$"{root}data/{storage.Key}"], offset * storage.ElementSize);
            return read(values);
        }

        return new CheckpointFile(path, StateDictionary.Find(content)
            .ToDictionary(pair => pair.Key, pair => TorchTensors.Stored(pair.Value, ReadStorage), StringComparer.Ordinal), zip);
    }

    private static string Root(Dictionary<string, ZipArchiveEntry> entries)
    {
        const string Pickle = "data.pkl";
        string[] found = [.. entries.Keys.Where(name => name == Pickle || name.EndsWith("/" + Pickle, StringComparison.Ordinal))
            .OrderBy(name => name.Length)];
        if (found.Length == 0)
            throw new InvalidDataException("the zip holds no data.pkl");
        string root = found[0][..^Pickle.Length];
        return entries.ContainsKey($"{root}constants.pkl")
            ? throw new InvalidDataException("it is a TorchScript program, not a state dictionary; save the model's state_dict() in Python")
            : root;
    }

    private static void CheckByteOrder(Dictionary<string, ZipArchiveEntry> entries, string root)
    {
        if (!entries.TryGetValue($"{root}byteorder", out ZipArchiveEntry? entry))
            return;
        Span<byte> text = stackalloc byte[6];
        using Stream stream = entry.Open();
        int count = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        if (!text[..count].SequenceEqual("little"u8))
            throw new InvalidDataException("its byte order is not little-endian");
    }

    private static object? Unpickle(Dictionary<string, ZipArchiveEntry> entries, string root)
    {
        using Stream stream = entries[$"{root}data.pkl"].Open();
        using BufferedStream buffered = new(stream, 1 << 16);
        return new RestrictedUnpickler(new PickleReader(buffered, MaxPickleBytes), id => Storage(id, entries, root)).Run();
    }

    private static TorchStorage Storage(PickleTuple id, Dictionary<string, ZipArchiveEntry> entries, string root)
    {
        TorchStorage storage = PickleGlobals.Storage(id);
        if (!entries.TryGetValue($"{root}data/{storage.Key}", out ZipArchiveEntry? entry))
            throw new InvalidDataException($"the zip holds no data for the storage '{storage.Key}'");
        return entry.Length == storage.Bytes ? storage : throw new InvalidDataException(
            $"the storage '{storage.Key}' should hold {storage.Count} values of {storage.ElementSize} bytes, but has {entry.Length} bytes");
    }

    private static Stream OpenEntry(string path, ZipArchiveEntry entry, long skip)
    {
        try
        {
            Stream stream = entry.Open();
            byte[] buffer = new byte[Math.Min(skip, 1 << 16)];
            for (; skip > 0; skip -= Math.Min(skip, buffer.Length))
                stream.ReadExactly(buffer.AsSpan(0, (int)Math.Min(skip, buffer.Length)));
            return stream;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException)
        {
            throw new InvalidDataException($"'{path}' is damaged at '{entry.FullName}': {exception.Message}", exception);
        }
    }
}
