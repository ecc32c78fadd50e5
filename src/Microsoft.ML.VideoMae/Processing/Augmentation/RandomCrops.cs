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

/// <summary>
/// A random part of a frame with a random share of its area and a random aspect ratio, as torchvision's RandomResizedCrop and
/// the original VideoMAE's spatial sampling draw it.
/// </summary>
internal static class RandomResizedCrop
{
    private const int Attempts = 10;

    /// <summary>Draws a part of a frame; the largest centred one within the ratios where ten draws don't fit.</summary>
    public static CropWindow Draw(int height, int width, in CropRanges ranges, Random random)
    {
        double area = (double)height * width;
        double logMin = Math.Log(ranges.MinRatio);
        double logMax = Math.Log(ranges.MaxRatio);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double target = area * random.Uniform(ranges.MinScale, ranges.MaxScale);
            double ratio = Math.Exp(random.Uniform(logMin, logMax));
            int w = (int)Math.Round(Math.Sqrt(target * ratio));
            int h = (int)Math.Round(Math.Sqrt(target / ratio));
            if (w >= 1 && w <= width && h >= 1 && h <= height)
                return new CropWindow(random.Next(height - h + 1), random.Next(width - w + 1), h, w);
        }

        return Center(height, width, ranges);
    }

    private static CropWindow Center(int height, int width, in CropRanges ranges)
    {
        double ratio = (double)width / height;
        int w = ratio > ranges.MaxRatio ? Math.Max(1, (int)Math.Round(height * ranges.MaxRatio)) : width;
        int h = ratio < ranges.MinRatio ? Math.Max(1, (int)Math.Round(width / ranges.MinRatio)) : height;
        return new CropWindow((height - h) / 2, (width - w) / 2, h, w);
    }
}

/// <summary>The ranges of a random resized crop: share of the frame's area, and width divided by height.</summary>
internal readonly record struct CropRanges(double MinScale, double MaxScale, double MinRatio, double MaxRatio)
{
    /// <summary>The same ranges with aspect ratios relative to one: that of the frame, where the frame is stretched.</summary>
    public CropRanges Stretched(double ratio) => this with { MinRatio = MinRatio * ratio, MaxRatio = MaxRatio * ratio };
}
