// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>One tensor of a safetensors file: its name, type, shape and place in the data after the header.</summary>
internal sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file, checked before anything is allocated for its tensors: known types, sizes that fit their shapes,
/// no overlap, no gap, and nothing beyond the end of the file.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The largest header the format allows.</summary>
    internal const int MaxBytes = 100_000_000;

    private const int MaxDimensions = 32;

    private SafetensorsHeader(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The tensors in the order of their data.</summary>
    internal IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The free-form texts of the file.</summary>
    internal IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The bytes of data after the header.</summary>
    internal long DataBytes => Entries.Count == 0 ? 0 : Entries[^1].End;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">Its text in UTF-8.</param>
    /// <param name="dataBytes">How many bytes follow it; null where that is not known beforehand.</param>
    /// <exception cref="InvalidDataException">It is invalid.</exception>
    internal static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long? dataBytes)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        List<SafetensorsEntry> entries = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException("the header is not a JSON object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw new InvalidDataException($"'{property.Name}' appears twice");
                if (property.Name == "__metadata__")
                    ReadMetadata(property.Value, metadata);
                else
                    entries.Add(ReadEntry(property));
            }
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException($"the header is not as the format asks ({exception.Message})", exception);
        }

        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        CheckLayout(entries, dataBytes);
        return new SafetensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw new InvalidDataException($"the metadata '{property.Name}' is not a text");
        }
    }

    private static SafetensorsEntry ReadEntry(JsonProperty property)
    {
        string dtype = property.Value.GetProperty("dtype").GetString() ?? "null";
        if (!SafetensorsDType.TryGet(dtype, out ScalarType type, out int size))
            throw new InvalidDataException($"'{property.Name}' has type {dtype}; {SafetensorsDType.Names} can be read");
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(value => value.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(value => value.GetInt64())];
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
            throw new InvalidDataException($"'{property.Name}' has data_offsets [{string.Join(", ", offsets)}]");
        if (shape.Length > MaxDimensions || !TensorShape.TryCount(shape, out long count) || count > long.MaxValue / size
            || count * size != offsets[1] - offsets[0])
            throw new InvalidDataException($"'{property.Name}' has shape [{string.Join(", ", shape.Take(MaxDimensions))}] of {dtype}, " +
                $"which {offsets[1] - offsets[0]} bytes do not hold");
        return new SafetensorsEntry(property.Name, type, shape, offsets[0], offsets[1]);
    }

    private static void CheckLayout(List<SafetensorsEntry> entries, long? dataBytes)
    {
        long end = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Begin != end)
                throw new InvalidDataException($"the data of '{entry.Name}' begins at {entry.Begin}, but that before it ends at {end}; " +
                    "overlaps and gaps are not allowed");
            end = entry.End;
        }

        if (dataBytes is long available && available != end)
            throw new InvalidDataException(
                $"the header describes {end} bytes of data, but {available} follow it; the file is truncated or damaged");
    }
}

/// <summary>The element types of the safetensors format that libtorch has as well.</summary>
internal static class SafetensorsDType
{
    private static readonly Dictionary<string, (ScalarType Type, int Size)> s_types = new(StringComparer.Ordinal)
    {
        ["F64"] = (ScalarType.Float64, 8),
        ["I64"] = (ScalarType.Int64, 8),
        ["F32"] = (ScalarType.Float32, 4),
        ["I32"] = (ScalarType.Int32, 4),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I16"] = (ScalarType.Int16, 2),
        ["I8"] = (ScalarType.Int8, 1),
        ["U8"] = (ScalarType.Byte, 1),
        ["BOOL"] = (ScalarType.Bool, 1),
    };

    internal static string Names => string.Join(", ", s_types.Keys);

    internal static bool TryGet(string name, out ScalarType type, out int size)
    {
        bool known = s_types.TryGetValue(name, out (ScalarType Type, int Size) entry);
        (type, size) = entry;
        return known;
    }

    internal static (string Name, int Size) Of(ScalarType type)
    {
        (string? name, (ScalarType Type, int Size) entry) = s_types.FirstOrDefault(pair => pair.Value.Type == type);
        return name is null
            ? throw new NotSupportedException($"A tensor of type {type} cannot be written; safetensors files hold {Names}.")
            : (name, entry.Size);
    }
}
