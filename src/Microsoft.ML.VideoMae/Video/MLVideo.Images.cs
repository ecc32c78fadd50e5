// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae;

public sealed partial class MLVideo
{
    /// <summary>Frames from ML.NET images, all of one size. The pixels are copied now, so the images may be disposed of.</summary>
    /// <param name="images">The frames in order, at least one. Alpha is dropped.</param>
    /// <param name="name">What messages call the video; the default names the frames' number and size.</param>
    /// <exception cref="ArgumentException">There are no images, or they differ in size.</exception>
    public static MLVideo CreateFromFrames(IReadOnlyList<MLImage> images, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
            throw new ArgumentException("No images were given; a video has at least one frame.", nameof(images));
        (int width, int height) = (images[0].Width, images[0].Height);
        int size = width * height;
        var pixels = new byte[(long)images.Count * size * VideoFrames.Channels];
        for (int i = 0; i < images.Count; i++)
        {
            MLImage image = images[i];
            if (image.Width != width || image.Height != height)
                throw new ArgumentException($"Image {i} is {image.Width}x{image.Height} and image 0 is {width}x{height}; all frames of a " +
                    "video have one size. Resize them.", nameof(images));
            CopyRgb(image.Pixels, image.PixelFormat == MLPixelFormat.Bgra32,
                pixels.AsSpan(i * size * VideoFrames.Channels, size * VideoFrames.Channels));
        }

        return CreateFromFrames(new VideoFrames(pixels, images.Count, height, width), name);
    }

    private static void CopyRgb(ReadOnlySpan<byte> source, bool isBgra, Span<byte> target)
    {
        (int red, int blue) = isBgra ? (2, 0) : (0, 2);
        for (int s = 0, t = 0; t < target.Length; s += 4, t += 3)
        {
            target[t] = source[s + red];
            target[t + 1] = source[s + 1];
            target[t + 2] = source[s + blue];
        }
    }
}
