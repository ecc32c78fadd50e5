// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Microsoft.ML.VideoMae.Tests.Processing;

/// <summary>Reads reference tensors without the library's own reader, so that a test of one part does not stand on another.</summary>
internal static class GoldenTensors
{
    public sealed record Golden(string Type, int[] Shape, byte[] Bytes)
    {
        public float[] Floats() => Type == "U8"
            ? [.. Bytes.Select(b => (float)b)]
            : MemoryMarshal.Cast<byte, float>(Bytes).ToArray();

        public VideoFrames Frames(int count) =>
            new(Bytes.AsMemory(0, count * Shape[1] * Shape[2] * 3), count, Shape[1], Shape[2]);
    }

    public static string Path(params string[] parts) =>
        System.IO.Path.Combine([AppContext.BaseDirectory, "Reference", .. parts]);

    public static Dictionary<string, Golden> Read(params string[] parts)
    {
        byte[] file = File.ReadAllBytes(Path(parts));
        int headerLength = checked((int)BitConverter.ToInt64(file));
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        var tensors = new Dictionary<string, Golden>();
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32())];
            int[] range = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt32())];
            byte[] bytes = file.AsSpan(8 + headerLength + range[0], range[1] - range[0]).ToArray();
            tensors[entry.Name] = new Golden(entry.Value.GetProperty("dtype").GetString()!, shape, bytes);
        }

        return tensors;
    }
}
