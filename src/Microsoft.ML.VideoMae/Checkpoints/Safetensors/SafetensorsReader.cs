// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Reads the safetensors format: F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL.</summary>
internal static class SafetensorsReader
{
    /// <summary>Reads a file, one tensor after the other.</summary>
    /// <param name="path">The file.</param>
    /// <param name="select">Which tensors to read, by name; null reads all.</param>
    /// <returns>The tensors on the CPU; they belong to the caller.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or not a safetensors file.</exception>
    public static SafetensorsContent Load(string path, Func<string, bool>? select = null)
    {
        using FileStream stream = Open(path);
        return Load(stream, stream.Length, select, $"'{path}'");
    }

    /// <summary>Reads a stream from where it stands to the end of its last tensor; it need not be seekable.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="length">How many bytes belong to the file; null where that is not known (a seekable stream: all that are left).</param>
    /// <returns>The tensors on the CPU; they belong to the caller.</returns>
    /// <exception cref="InvalidDataException">The data is damaged or not in the safetensors format.</exception>
    public static SafetensorsContent Load(Stream stream, long? length = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Load(stream, length ?? (stream.CanSeek ? stream.Length - stream.Position : null), null, "The stream");
    }

    /// <summary>Reads only the header of a file.</summary>
    internal static SafetensorsHeader ReadHeader(string path)
    {
        using FileStream stream = Open(path);
        return Guard($"'{path}'", () => ReadHeader(stream, stream.Length));
    }

    private static FileStream Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
    }

    private static SafetensorsContent Load(Stream stream, long? length, Func<string, bool>? select, string what) => Guard(what, () =>
    {
        SafetensorsHeader header = ReadHeader(stream, length);
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        using var scope = NewDisposeScope();
        foreach (SafetensorsEntry entry in header.Entries)
        {
            if (select is not null && !select(entry.Name))
                stream.Seek(entry.End - entry.Begin, SeekOrigin.Current);
            else
                tensors.Add(entry.Name, TensorBytes.Read(entry.Type, entry.Shape, entry.End - entry.Begin, stream, length is not null)
                    .DetachFromDisposeScope());
        }

        return new SafetensorsContent(tensors, header.Metadata);
    });

    /// <summary>Reads a stream's tensors into memory that is there already, so that a large model is not in memory twice.</summary>
    /// <param name="stream">The stream; it need not be seekable.</param>
    /// <param name="length">How many bytes belong to the file; null where that is not known.</param>
    /// <param name="check">Called once with what the stream says it holds, before anything is changed.</param>
    /// <param name="destination">Where each tensor goes, by name: of its shape, in any floating-point type.</param>
    internal static void LoadInto(
        Stream stream, long? length, Action<IReadOnlyList<SafetensorsEntry>> check, Func<string, Tensor> destination)
    {
        length ??= stream.CanSeek ? stream.Length - stream.Position : null;
        SafetensorsHeader header = Guard("The stream", () => ReadHeader(stream, length));
        check(header.Entries);
        Guard("The stream", () =>
        {
            foreach (SafetensorsEntry entry in header.Entries)
            {
                using var scope = NewDisposeScope();
                Tensor target = destination(entry.Name).detach();
                if (target.dtype == entry.Type && target.device_type == DeviceType.CPU && target.is_contiguous())
                    TensorBytes.Fill(target, stream);
                else
                    target.copy_(TensorBytes.Read(entry.Type, entry.Shape, entry.End - entry.Begin, stream, length is not null));
            }

            return true;
        });
    }

    private static SafetensorsHeader ReadHeader(Stream stream, long? length)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (length < prefix.Length)
            throw new InvalidDataException($"it has {length} bytes, fewer than the format's {prefix.Length}");
        stream.ReadExactly(prefix);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long? rest = length - prefix.Length;
        if (size > SafetensorsHeader.MaxBytes || (rest is not null && size > (ulong)rest))
            throw new InvalidDataException(
                $"its header would have {size} bytes; at most {Math.Min(rest ?? long.MaxValue, SafetensorsHeader.MaxBytes)} are possible");
        byte[] json = new byte[size];
        stream.ReadExactly(json);
        return SafetensorsHeader.Parse(json, rest - (long)size);
    }

    private static T Guard<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            string reason = exception is EndOfStreamException ? "it ends early" : exception.Message;
            throw new InvalidDataException($"{what} is not a valid safetensors file: {reason}.", exception);
        }
    }
}

/// <summary>What a safetensors file holds. Disposing it disposes its tensors.</summary>
/// <param name="Tensors">The tensors by name.</param>
/// <param name="Metadata">The file's free-form texts by name.</param>
internal sealed record SafetensorsContent(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
    : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }
}
