// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Changes of pixel values that are the same in all frames of a clip: small shifts, and brightness.</summary>
internal static class PixelChanges
{
    /// <summary>Shifts a clip. What comes in at an edge is what lies behind it, mirrored, without the edge itself.</summary>
    /// <param name="pixelValues">Planes of height x width, one after the other.</param>
    /// <param name="height">Their height.</param>
    /// <param name="width">Their width.</param>
    /// <param name="down">How far down what is seen moves, in pixels; less than the height.</param>
    /// <param name="right">How far right it moves, in pixels; less than the width.</param>
    public static void Shift(Span<float> pixelValues, int height, int width, int down, int right)
    {
        if (down == 0 && right == 0)
            return;
        float[] copy = ArrayPool<float>.Shared.Rent(height * width);
        for (int start = 0; start < pixelValues.Length; start += height * width)
        {
            Span<float> plane = pixelValues.Slice(start, height * width);
            plane.CopyTo(copy);
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> from = copy.AsSpan(Mirrored(y - down, height) * width, width);
                Span<float> to = plane.Slice(y * width, width);
                for (int x = 0; x < width; x++)
                    to[x] = from[Mirrored(x - right, width)];
            }
        }

        ArrayPool<float>.Shared.Return(copy);
    }

    /// <summary>Changes contrast and brightness, with black as the fixed point of the first.</summary>
    /// <param name="pixelValues">Planes of red, green and blue in turn.</param>
    /// <param name="plane">The pixels of a plane.</param>
    /// <param name="options">How bytes became pixel values.</param>
    /// <param name="gain">What values are multiplied by.</param>
    /// <param name="offset">What is added then, as a share of the way from black to white.</param>
    public static void Brighten(
        Span<float> pixelValues, int plane, VideoMaeImageProcessorOptions options, double gain, double offset)
    {
        double white = options.DoRescale ? byte.MaxValue * options.RescaleFactor : byte.MaxValue;
        for (int start = 0, channel = 0; start < pixelValues.Length; start += plane, channel = (channel + 1) % VideoFrames.Channels)
        {
            (double mean, double deviation) = options.DoNormalize ? (options.ImageMean[channel], options.ImageStd[channel]) : (0, 1);
            // A value is (x - mean) / deviation of a colour x. With x' = gain x + offset white it becomes gain times itself plus a constant.
            float constant = (float)(((gain - 1) * mean + offset * white) / deviation), factor = (float)gain;
            foreach (ref float value in pixelValues.Slice(start, plane))
                value = value * factor + constant;
        }
    }

    private static int Mirrored(int place, int length) =>
        place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place;
}
