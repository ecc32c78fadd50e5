// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// The crop of the original's pre-training: height and width are 1, 0.875, 0.75 or 0.66 of the shorter edge, at most one step apart,
/// at one of 13 fixed places (corners, edges, centre and between).
/// </summary>
internal static class MultiScaleCrop
{
    /// <summary>The smallest scale of the original.</summary>
    public const double SmallestScale = 0.66;

    private const int MaxDistort = 1;
    private const int Nearly = 3;

    private static readonly double[] s_scales = [1, 0.875, 0.75, SmallestScale];

    // In quarters of the free space: (right, down).
    private static readonly (int X, int Y)[] s_places =
    [
        (0, 0), (4, 0), (0, 4), (4, 4), (2, 2),
        (0, 2), (4, 2), (2, 4), (2, 0),
        (1, 1), (3, 1), (1, 3), (3, 3),
    ];

    /// <summary>Draws a part of a frame.</summary>
    /// <param name="height">The height of the frame.</param>
    /// <param name="width">The width of the frame.</param>
    /// <param name="outputHeight">The height the part will be resized to; a part of nearly that height takes exactly it.</param>
    /// <param name="outputWidth">The width the part will be resized to; a part of nearly that width takes exactly it.</param>
    /// <param name="stretches">
    /// Whether the parts have the shape of the frame: height and width are shares of the frame's own, not of its shorter edge.
    /// </param>
    /// <param name="smallest">Scales below it are left out; from 0.66 to 1.</param>
    /// <param name="random">Decides.</param>
    public static CropWindow Draw(int height, int width, int outputHeight, int outputWidth, bool stretches, double smallest, Random random)
    {
        List<(int Height, int Width)> sizes = Sizes(height, width, outputHeight, outputWidth, stretches, smallest);
        (int h, int w) = sizes[random.Next(sizes.Count)];
        (int x, int y) = s_places[random.Next(s_places.Length)];
        return new CropWindow(y * ((height - h) / 4), x * ((width - w) / 4), h, w);
    }

    internal static List<(int Height, int Width)> Sizes(int height, int width, int outputHeight, int outputWidth, bool stretches,
        double smallest = SmallestScale)
    {
        // Options have 32 bits, and 0.66f is above 0.66.
        double[] scales = [.. s_scales.Where(scale => (float)scale >= (float)smallest)];
        int edge = Math.Min(height, width);
        (int tall, int wide) = stretches ? (height, width) : (edge, edge);
        var sizes = new List<(int, int)>();
        for (int i = 0; i < scales.Length; i++)
        {
            for (int j = Math.Max(0, i - MaxDistort); j <= Math.Min(scales.Length - 1, i + MaxDistort); j++)
                sizes.Add((Snap(tall * scales[i], outputHeight, height), Snap(wide * scales[j], outputWidth, width)));
        }

        return sizes;
    }

    // A size that differs from the output's by a pixel or two would only blur; the original takes the output's.
    private static int Snap(double size, int output, int available)
    {
        int pixels = Math.Max(1, (int)size);
        return Math.Abs(pixels - output) < Nearly && output <= available ? output : pixels;
    }
}
