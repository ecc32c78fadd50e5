// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Pixels decoded by SkiaSharp as RGB rows: transparent ones on white, turned upright, shrunk if asked.</summary>
internal static class SkiaImage
{
    public static SKImageInfo Info(int width, int height) => new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);

    /// <summary>The size of a frame once it is turned and shrunk.</summary>
    public static (int Width, int Height) OutputSize(SKCodec codec, VideoReadOptions options)
    {
        (int width, int height) = Turns(Origin(codec, options))
            ? (codec.Info.Height, codec.Info.Width)
            : (codec.Info.Width, codec.Info.Height);
        return FrameFilter.Scaled(width, height, 1, options);
    }

    /// <summary>Writes a decoded frame.</summary>
    /// <param name="bitmap">The frame, of <see cref="Info"/>'s format.</param>
    /// <param name="codec">Where it came from.</param>
    /// <param name="options">The options.</param>
    /// <param name="width">
    /// The width to scale to, once the frame is turned: that of <see cref="OutputSize"/>, or of the clip's first frame.
    /// </param>
    /// <param name="height">The height to scale to.</param>
    /// <param name="target">[height, width, 3].</param>
    public static void Write(SKBitmap bitmap, SKCodec codec, VideoReadOptions options, int width, int height, Span<byte> target)
    {
        SKEncodedOrigin origin = Origin(codec, options);
        (int w, int h) = Turns(origin) ? (height, width) : (width, height);
        if (w == bitmap.Width && h == bitmap.Height)
        {
            WriteTurned(bitmap.GetPixelSpan(), w, h, origin, target);
            return;
        }

        using var small = new SKBitmap(Info(w, h));
        if (!bitmap.ScalePixels(small, SKFilterQuality.Medium))
            throw new InvalidOperationException($"SkiaSharp cannot scale {bitmap.Width}x{bitmap.Height} to {w}x{h}.");
        WriteTurned(small.GetPixelSpan(), w, h, origin, target);
    }

    private static SKEncodedOrigin Origin(SKCodec codec, VideoReadOptions options)
        => options.ApplyRotation ? codec.EncodedOrigin : SKEncodedOrigin.TopLeft;

    /// <summary>True for the four EXIF orientations that swap width and height.</summary>
    private static bool Turns(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    private static void WriteTurned(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin, Span<byte> target)
    {
        (int outWidth, int outHeight) = Turns(origin) ? (height, width) : (width, height);
        int t = 0;
        for (int y = 0; y < outHeight; y++)
        {
            for (int x = 0; x < outWidth; x++, t += 3)
            {
                (int sx, int sy) = Source(x, y, width, height, origin);
                WritePixel(rgba.Slice(((sy * width) + sx) * 4, 4), target[t..]);
            }
        }
    }

    /// <summary>Which stored pixel is shown at (x, y): the eight EXIF orientations.</summary>
    private static (int X, int Y) Source(int x, int y, int width, int height, SKEncodedOrigin origin) => origin switch
    {
        SKEncodedOrigin.TopRight => (width - 1 - x, y),
        SKEncodedOrigin.BottomRight => (width - 1 - x, height - 1 - y),
        SKEncodedOrigin.BottomLeft => (x, height - 1 - y),
        SKEncodedOrigin.LeftTop => (y, x),
        SKEncodedOrigin.RightTop => (y, height - 1 - x),
        SKEncodedOrigin.RightBottom => (width - 1 - y, height - 1 - x),
        SKEncodedOrigin.LeftBottom => (width - 1 - y, x),
        _ => (x, y),
    };

    private static void WritePixel(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        int alpha = rgba[3];
        for (int c = 0; c < VideoFrames.Channels; c++)
            rgb[c] = alpha == 255 ? rgba[c] : (byte)(((rgba[c] * alpha) + (255 * (255 - alpha)) + 127) / 255);
    }
}
