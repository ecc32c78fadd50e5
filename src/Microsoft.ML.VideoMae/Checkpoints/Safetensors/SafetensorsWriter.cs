// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Writes the safetensors format, one tensor after the other, to a file or any stream.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes a file, replacing it in one step.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and tensors; names must differ.</param>
    /// <param name="metadata">Free-form texts; the default is <c>format = pt</c>, which Hugging Face's library asks for.</param>
    /// <param name="dtype">The type to store floating-point tensors in; null keeps each tensor's own.</param>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata, dtype));
    }

    /// <summary>Writes to a stream, which need not be seekable and stays open.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tensors">Names and tensors; names must differ.</param>
    /// <param name="metadata">Free-form texts; the default is <c>format = pt</c>, which Hugging Face's library asks for.</param>
    /// <param name="dtype">The type to store floating-point tensors in; null keeps each tensor's own.</param>
    /// <exception cref="ArgumentException">
    /// A name appears twice or is reserved, or a value is too large for <paramref name="dtype"/>.
    /// </exception>
    /// <exception cref="NotSupportedException">The format has no such element type.</exception>
    public static void Write(Stream stream, IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        if (dtype is ScalarType wanted && !is_floating_point(wanted))
            throw new ArgumentException($"Weights cannot be stored as {wanted}; the type must be floating point.", nameof(dtype));

        // Wide elements first, as the reference implementation does it, so that every tensor is aligned.
        (string Name, Tensor Tensor, ScalarType Type)[] entries = [.. tensors
            .Select(entry => (entry.Name, entry.Tensor,
                Type: dtype is ScalarType type && is_floating_point(entry.Tensor) ? type : entry.Tensor.dtype))
            .OrderByDescending(entry => SafetensorsDType.Of(entry.Type).Size).ThenBy(entry => entry.Name, StringComparer.Ordinal)];
        string? wrong = entries.GroupBy(entry => entry.Name, StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1 || group.Key == "__metadata__")?.Key;
        if (wrong is not null)
            throw new ArgumentException($"The tensor name '{wrong}' is given twice or reserved; names must differ.", nameof(tensors));

        WriteHeader(stream, entries, metadata ?? new Dictionary<string, string> { ["format"] = "pt" });
        foreach ((string name, Tensor tensor, ScalarType type) in entries)
            TensorBytes.Write(name, tensor, type, stream);
    }

    private static void WriteHeader(Stream stream, IEnumerable<(string Name, Tensor Tensor, ScalarType Type)> entries,
        IReadOnlyDictionary<string, string> metadata)
    {
        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string name, string text) in metadata)
                json.WriteString(name, text);
            json.WriteEndObject();
            long offset = 0;
            foreach ((string name, Tensor tensor, ScalarType type) in entries)
                offset = WriteEntry(json, name, tensor, type, offset);
            json.WriteEndObject();
        }

        while (header.Length % Alignment != 0)
            header.WriteByte((byte)' ');
        if (header.Length > SafetensorsHeader.MaxBytes)
            throw new ArgumentException($"The header would have {header.Length} bytes; the format allows {SafetensorsHeader.MaxBytes}.",
                nameof(metadata));
        byte[] prefix = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        header.WriteTo(stream);
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, ScalarType type, long offset)
    {
        (string dtype, int size) = SafetensorsDType.Of(type);
        json.WriteStartObject(name);
        json.WriteString("dtype", dtype);
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + (tensor.numel() * size));
        json.WriteEndArray();
        json.WriteEndObject();
        return offset + (tensor.numel() * size);
    }
}
