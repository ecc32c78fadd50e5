// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Tests.Processing;

/// <summary>Clips made from a seed, for tests that need no particular content.</summary>
internal static class TestClips
{
    /// <summary>Uniform noise, which exercises every rounding and every clamp.</summary>
    public static VideoFrames Noise(int count, int height, int width, int seed = 1)
    {
        var pixels = new byte[count * height * width * 3];
        new Random(seed).NextBytes(pixels);
        return new VideoFrames(pixels, count, height, width);
    }

    /// <summary>The value of a pixel says where it is: red its column, green its row, blue its frame.</summary>
    public static VideoFrames Positions(int count, int height, int width)
    {
        var pixels = new byte[count * height * width * 3];
        for (int t = 0, i = 0; t < count; t++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    pixels[i++] = (byte)x;
                    pixels[i++] = (byte)y;
                    pixels[i++] = (byte)t;
                }
            }
        }

        return new VideoFrames(pixels, count, height, width);
    }

    /// <summary>All frames resized, [T, Height, Width, 3].</summary>
    public static VideoFrames Resize(this FrameResizer resizer, VideoFrames frames)
    {
        var pixels = new byte[frames.Count * resizer.Height * resizer.Width * 3];
        var row = new byte[3 * resizer.Stride];
        for (int t = 0, i = 0; t < frames.Count; t++)
        {
            resizer.Load(frames.Frame(t));
            for (int y = 0; y < resizer.Height; y++)
            {
                resizer.ReadRow(y, row);
                for (int x = 0; x < resizer.Width; x++)
                {
                    for (int c = 0; c < 3; c++)
                        pixels[i++] = row[c * resizer.Stride + x];
                }
            }
        }

        return new VideoFrames(pixels, frames.Count, resizer.Height, resizer.Width);
    }
}
