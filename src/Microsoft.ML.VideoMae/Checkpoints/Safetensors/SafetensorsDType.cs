// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

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
