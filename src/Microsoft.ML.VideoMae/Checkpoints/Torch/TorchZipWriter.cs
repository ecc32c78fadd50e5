// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A tensor to write: its name, and what its rows are put together from.</summary>
internal sealed record TorchEntry(string Name, IReadOnlyList<Tensor> Parts)
{
    internal long[] Shape => Parts[0].dim() == 0 ? [] : [Parts.Sum(part => part.shape[0]), .. Parts[0].shape.Skip(1)];

    internal long Count => Parts.Sum(part => part.numel());
}

/// <summary>
/// Writes torch.save's zip format: a dictionary of one state dictionary, whose tensors each have a storage of their own. torch.load reads
/// it, with <c>weights_only=True</c> as well. PyTorch's own writer also puts each storage on a multiple of 64 bytes, which reading does not
/// need.
/// </summary>
internal static class TorchZipWriter
{
    private const string Root = "archive/";

    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a file, replacing it in one step.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The name of the state dictionary in the file.</param>
    /// <param name="entries">Its tensors, in order.</param>
    /// <param name="type">The type to store them in.</param>
    internal static void Write(string path, string key, IReadOnlyList<TorchEntry> entries, ScalarType type) =>
        AtomicFile.Write(path, stream =>
    {
        using ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(zip, "data.pkl", pickle => Describe(new PickleWriter(pickle), key, entries, PickleGlobals.StorageOf(type)));
        Add(zip, "byteorder", content => content.Write("little"u8));
        for (int i = 0; i < entries.Count; i++)
            Add(zip, $"data/{Key(i)}", content => WriteValues(content, entries[i], type));
        Add(zip, "version", content => content.Write("3\n"u8));
    });

    private static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Uncompressed, as PyTorch asks for, and at PyTorch's date, so that the same weights give the same file.</summary>
    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        ZipArchiveEntry entry = zip.CreateEntry(Root + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = s_time;
        using Stream content = entry.Open();
        write(content);
    }

    private static void Describe(PickleWriter pickle, string key, IReadOnlyList<TorchEntry> entries, string storage)
    {
        pickle.Begin();
        pickle.EmptyDictionary();
        pickle.SetItems(() =>
        {
            pickle.Text(key);
            pickle.Call(PickleGlobals.OrderedDictionary, () => { });
            pickle.SetItems(() =>
            {
                for (int i = 0; i < entries.Count; i++)
                    Describe(pickle, entries[i], storage, Key(i));
            });
        });
        pickle.End();
    }

    private static void Describe(PickleWriter pickle, TorchEntry entry, string storage, string key)
    {
        pickle.Text(entry.Name);
        pickle.Call(PickleGlobals.RebuildTensor, () =>
        {
            pickle.Outside(() =>
            {
                pickle.Text("storage");
                pickle.Global(storage);
                pickle.Text(key);
                pickle.Text("cpu");
                pickle.Number(entry.Count);
            });
            pickle.Number(0); // offset
            pickle.Numbers(entry.Shape);
            pickle.Numbers(Strides(entry.Shape));
            pickle.False(); // requires_grad
            pickle.Call(PickleGlobals.OrderedDictionary, () => { }); // backward hooks
        });
    }

    private static long[] Strides(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    private static void WriteValues(Stream stream, TorchEntry entry, ScalarType type)
    {
        foreach (Tensor part in entry.Parts)
            TensorBytes.Write(entry.Name, part, type, stream);
    }
}
