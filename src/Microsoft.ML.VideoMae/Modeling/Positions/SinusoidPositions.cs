// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// The fixed position table of "Attention Is All You Need", one row a token in the order time, row, column: even columns hold
/// sin(position / 10000^(2 floor(j / 2) / d)), odd ones cos. It is worked out for any number of tokens and never stored.
/// </summary>
internal static class SinusoidPositions
{
    /// <summary>The positions [1, N, <paramref name="size"/>] of a model: these, or <see cref="SeparablePositions"/>.</summary>
    internal static Tensor Table(VideoMaeConfig config, int size) => config.UseSeparablePositions
        ? SeparablePositions.Table(config.NumTubelets, config.PatchGrid.Height, config.PatchGrid.Width, size, config.UseEqualPositionParts)
        : Table(config.NumPatches, size);

    /// <summary>The table [1, <paramref name="positions"/>, <paramref name="size"/>], computed in double and rounded to float32.</summary>
    internal static Tensor Table(int positions, int size)
    {
        float[] table = new float[(long)positions * size];
        double[] divisors = new double[size];
        for (int j = 0; j < size; j++)
            divisors[j] = Math.Pow(10000, 2.0 * (j / 2) / size);
        for (int position = 0; position < positions; position++)
        {
            Span<float> row = table.AsSpan(position * size, size);
            for (int j = 0; j < size; j++)
            {
                double angle = position / divisors[j];
                row[j] = (float)((j & 1) == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }

        return tensor(table, [1, positions, size], device: CPU);
    }
}
