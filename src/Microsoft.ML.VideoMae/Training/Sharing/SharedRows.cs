// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae.Distributed;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Rows of numbers, one for a clip, of which every process of a group computes some.</summary>
internal static class SharedRows
{
    /// <summary>The clips that this process works on.</summary>
    public static int[] Own(ProcessGroup group, int[] clips) =>
        group.IsAlone ? clips : [.. clips.Where((_, i) => i % group.Size == group.Rank)];

    /// <summary>The rows of all processes, in the order of their clips.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="own">The clips of this one, and a row for each; all rows have the same length.</param>
    public static IReadOnlyList<(int Index, float[] Values)> Gather(ProcessGroup group, IReadOnlyList<(int Index, float[] Values)> own)
    {
        if (group.IsAlone)
            return own;
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes))
        {
            foreach ((int index, float[] values) in own)
            {
                writer.Write(index);
                writer.Write(values.Length);
                writer.Write(MemoryMarshal.AsBytes<float>(values));
            }
        }

        return [.. group.Gather(bytes.ToArray()).SelectMany(Read).OrderBy(row => row.Index)];
    }

    private static IEnumerable<(int Index, float[] Values)> Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        while (reader.BaseStream.Position < bytes.Length)
        {
            int index = reader.ReadInt32();
            var values = new float[reader.ReadInt32()];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            yield return (index, values);
        }
    }
}
