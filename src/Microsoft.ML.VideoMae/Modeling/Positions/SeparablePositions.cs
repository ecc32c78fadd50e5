// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Fixed positions that name time, row and column each in columns of their own: a quarter of a token's columns are sines and cosines of its
/// time, three eighths each those of its row and column. A part of d columns alternates sin and cos of pi / 2 * place / 100^(2 i / d):
/// waves of 4 to 400 places. With equal parts, each has a third of the columns, and angles are place / 100^(2 i / d): waves of 2 pi to
/// 200 pi places; values are rounded to 16 bits, as those were that the shipped weights were recorded with.
/// </summary>
/// <remarks>
/// The parts are MAE's idea (He et al., 2021, arXiv 2111.06377). Its waves, of 6 to 63,000 places, leave most columns alike on grids of 4
/// to 28 places, and a small model began to learn a few epochs later from them.
/// </remarks>
internal static class SeparablePositions
{
    /// <summary>What the widths of encoder and decoder have to be multiples of.</summary>
    internal const int WidthUnit = 16;

    /// <summary>The same with equal parts.</summary>
    internal const int EqualWidthUnit = 6;

    /// <summary>
    /// The table [1, <paramref name="times"/> * <paramref name="rows"/> * <paramref name="columns"/>, <paramref name="size"/>], computed in
    /// double and rounded to float32.
    /// </summary>
    internal static Tensor Table(int times, int rows, int columns, int size, bool equalParts = false)
    {
        int time = equalParts ? size / 3 : size / 4, space = equalParts ? size / 3 : size * 3 / 8;
        double step = equalParts ? 1 : Math.PI / 2;
        float[] table = new float[(long)times * rows * columns * size];
        for (int token = 0; token < times * rows * columns; token++)
        {
            Span<float> row = table.AsSpan(token * size, size);
            Write(row[..time], token / (rows * columns), step);
            Write(row.Slice(time, space), token / columns % rows, step);
            Write(row[^space..], token % columns, step);
            if (equalParts)
                Round(row);
        }

        return tensor(table, [1, times * rows * columns, size], device: CPU);
    }

    private static void Round(Span<float> row)
    {
        foreach (ref float value in row)
            value = (float)(Half)value;
    }

    private static void Write(Span<float> part, int place, double step)
    {
        for (int i = 0; i < part.Length; i += 2)
        {
            double angle = step * place / Math.Pow(100, (double)i / part.Length);
            (part[i], part[i + 1]) = ((float)Math.Sin(angle), (float)Math.Cos(angle));
        }
    }
}
