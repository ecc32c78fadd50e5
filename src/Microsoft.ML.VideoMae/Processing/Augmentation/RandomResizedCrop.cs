// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

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
