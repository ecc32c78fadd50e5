// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>Makes frames of another size: each pixel is the mean of the area that it covers.</summary>
/// <remarks>
/// No two lanes of a vector are added to each other, so vectors of every width give the same numbers.
/// An instance holds scratch memory for one frame and serves one thread.
/// </remarks>
internal sealed class AreaScaler(int sourceHeight, int sourceWidth, int height, int width)
{
    private readonly (int First, float[] Shares)[] _rows = Areas(sourceHeight, height);
    private readonly (int First, float[] Shares)[] _columns = Areas(sourceWidth, width);

    /// <summary>What red, green and blue weigh in grey: those of ITU-R BT.601, as JPEG has them.</summary>
    public const float Red = 0.299f, Green = 0.587f, Blue = 0.114f;

    private readonly float[] _colours = new float[sourceWidth * VideoFrames.Channels];
    private readonly float[] _greys = new float[sourceWidth];

    /// <summary>Scales one frame, and makes it grey.</summary>
    /// <param name="frame">RGB bytes, [sourceHeight, sourceWidth, 3].</param>
    /// <param name="grey">Where the result goes, from 0 to 255, [height, width].</param>
    public void ScaleToGrey(ReadOnlySpan<byte> frame, Span<float> grey)
    {
        for (int y = 0; y < height; y++)
        {
            AddRows(frame, y);
            for (int x = 0; x < sourceWidth; x++)
                _greys[x] = Red * _colours[3 * x] + Green * _colours[(3 * x) + 1] + Blue * _colours[(3 * x) + 2];
            for (int x = 0; x < width; x++)
                grey[(y * width) + x] = Mean(_columns[x].First, _columns[x].Shares);
        }
    }

    /// <summary>Scales one frame in its colours.</summary>
    /// <param name="frame">RGB bytes, [sourceHeight, sourceWidth, 3].</param>
    /// <param name="rgb">Where the result goes, RGB bytes, [height, width, 3].</param>
    public void ScaleToRgb(ReadOnlySpan<byte> frame, Span<byte> rgb)
    {
        for (int y = 0; y < height; y++)
        {
            AddRows(frame, y);
            Span<byte> row = rgb.Slice(y * width * VideoFrames.Channels, width * VideoFrames.Channels);
            for (int x = 0; x < width; x++)
            {
                (int first, float[] shares) = _columns[x];
                (float red, float green, float blue) = (0, 0, 0);
                for (int i = 0, at = VideoFrames.Channels * first; i < shares.Length; i++, at += VideoFrames.Channels)
                {
                    red += shares[i] * _colours[at];
                    green += shares[i] * _colours[at + 1];
                    blue += shares[i] * _colours[at + 2];
                }

                int to = VideoFrames.Channels * x;
                (row[to], row[to + 1], row[to + 2]) = ((byte)(red + 0.5f), (byte)(green + 0.5f), (byte)(blue + 0.5f));
            }
        }
    }

    /// <summary>Makes the mean of the source's rows that one row of the result covers.</summary>
    private void AddRows(ReadOnlySpan<byte> frame, int y)
    {
        int stride = _colours.Length;
        Array.Clear(_colours);
        (int first, float[] shares) = _rows[y];
        for (int i = 0; i < shares.Length; i++)
            Add(frame.Slice((first + i) * stride, stride), shares[i], _colours);
    }

    private float Mean(int first, float[] shares)
    {
        float sum = 0;
        for (int i = 0; i < shares.Length; i++)
            sum += shares[i] * _greys[first + i];
        return sum;
    }

    /// <summary>
    /// The rows or columns of the source that each one of the result covers: the first, and what share of the area each has.
    /// </summary>
    private static (int First, float[] Shares)[] Areas(int source, int target)
    {
        var areas = new (int, float[])[target];
        for (int i = 0; i < target; i++)
        {
            double from = (double)i * source / target, to = (double)(i + 1) * source / target;
            int first = (int)from;
            var shares = new float[Math.Min(source, (int)Math.Ceiling(to)) - first];
            for (int j = 0; j < shares.Length; j++)
                shares[j] = (float)((Math.Min(first + j + 1, to) - Math.Max(first + j, from)) / (to - from));
            areas[i] = (first, shares);
        }

        return areas;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<byte> row, float weight, Span<float> sums)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            int lanes = Vector<float>.Count;
            for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(row[i..]), out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
                Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
                AddTo(sums[i..], first, weight);
                AddTo(sums[(i + lanes)..], second, weight);
                AddTo(sums[(i + (2 * lanes))..], third, weight);
                AddTo(sums[(i + (3 * lanes))..], fourth, weight);
            }
        }

        for (; i < row.Length; i++)
            sums[i] += weight * row[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(Span<float> sums, Vector<uint> values, float weight) =>
        (new Vector<float>(sums) + (weight * Vector.ConvertToSingle(Vector.AsVectorInt32(values)))).CopyTo(sums);
}
