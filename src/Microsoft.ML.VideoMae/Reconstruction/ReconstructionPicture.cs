// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Reconstruction;

/// <summary>Puts the frames of a reconstruction beside each other.</summary>
internal static class ReconstructionPicture
{
    private const int SmallestSide = 64;
    private const int Gap = 2;

    /// <summary>A strip of all frames, in three rows.</summary>
    public static byte[] DrawPng(VideoMaeReconstruction reconstruction)
    {
        int scale = Math.Max(1, SmallestSide / Math.Min(reconstruction.Height, reconstruction.Width));
        int width = reconstruction.Width * scale, height = reconstruction.Height * scale, count = reconstruction.Original.Count;
        using SKSurface surface = SKSurface.Create(Info(count * (width + Gap) - Gap, 3 * (height + Gap) - Gap));
        surface.Canvas.Clear(SKColors.White);
        IReadOnlyList<ReadOnlyMemory<byte>>[] rows = Rows(reconstruction);
        for (int row = 0; row < rows.Length; row++)
        {
            for (int frame = 0; frame < count; frame++)
                Draw(surface.Canvas, rows[row][frame].Span, reconstruction, frame * (width + Gap), row * (height + Gap), scale);
        }

        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <summary>One frame of an animation, the three side by side, [height, width, 3].</summary>
    public static (byte[] Pixels, int Width, int Height) DrawFrame(VideoMaeReconstruction reconstruction, int frame)
    {
        int scale = Math.Max(1, 2 * SmallestSide / Math.Min(reconstruction.Height, reconstruction.Width));
        int width = reconstruction.Width * scale, height = reconstruction.Height * scale;
        using var bitmap = new SKBitmap(Info(3 * (width + Gap) - Gap, height));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        IReadOnlyList<ReadOnlyMemory<byte>>[] rows = Rows(reconstruction);
        for (int i = 0; i < rows.Length; i++)
            Draw(canvas, rows[i][frame].Span, reconstruction, i * (width + Gap), 0, scale);
        byte[] rgba = bitmap.Bytes;
        var rgb = new byte[rgba.Length / 4 * VideoFrames.Channels];
        for (int i = 0; i < rgba.Length / 4; i++)
            rgba.AsSpan(i * 4, VideoFrames.Channels).CopyTo(rgb.AsSpan(i * VideoFrames.Channels));
        return (rgb, bitmap.Width, bitmap.Height);
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>>[] Rows(VideoMaeReconstruction reconstruction) =>
        [reconstruction.Original, reconstruction.Masked, reconstruction.Reconstructed];

    private static SKImageInfo Info(int width, int height) => new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);

    private static void Draw(SKCanvas canvas, ReadOnlySpan<byte> frame, VideoMaeReconstruction reconstruction, int x, int y, int scale)
    {
        using var bitmap = new SKBitmap(Info(reconstruction.Width, reconstruction.Height));
        for (int row = 0; row < reconstruction.Height; row++)
        {
            for (int column = 0; column < reconstruction.Width; column++)
            {
                int at = (row * reconstruction.Width + column) * VideoFrames.Channels;
                bitmap.SetPixel(column, row, new SKColor(frame[at], frame[at + 1], frame[at + 2]));
            }
        }

        canvas.DrawBitmap(bitmap, new SKRect(x, y, x + reconstruction.Width * scale, y + reconstruction.Height * scale));
    }
}
