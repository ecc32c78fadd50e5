// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Explanation;

/// <summary>Frames, with maps of what counted in them.</summary>
internal interface IExplainedFrames
{
    /// <summary>The number of frames.</summary>
    int Count { get; }

    int FrameHeight { get; }

    int FrameWidth { get; }

    int MapHeight { get; }

    int MapWidth { get; }

    /// <summary>A frame, RGB, [FrameHeight, FrameWidth, 3].</summary>
    ReadOnlySpan<byte> Frame(int index);

    /// <summary>The map of a frame, [MapHeight, MapWidth].</summary>
    ReadOnlySpan<float> Map(int index);
}

/// <summary>Draws frames and what the model looked at in them.</summary>
internal static class ExplanationPicture
{
    private const int SmallestSide = 96;
    private const int LargestSide = 320;
    private const int Gap = 4;

    /// <summary>How bright a pixel stays that the model did not look at.</summary>
    private const double Dimmest = 0.15;

    /// <summary>A PNG.</summary>
    public static byte[] Draw(IExplainedFrames explanation)
    {
        int scale = Math.Max(1, SmallestSide / Math.Min(explanation.FrameHeight, explanation.FrameWidth));
        int step = Math.Max(1, Math.Max(explanation.FrameHeight, explanation.FrameWidth) / LargestSide);
        int width = explanation.FrameWidth / step * scale, height = explanation.FrameHeight / step * scale;
        var info = new SKImageInfo(explanation.Count * (width + Gap) - Gap, 2 * height + Gap, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKSurface surface = SKSurface.Create(info);
        surface.Canvas.Clear(SKColors.White);
        float most = Math.Max(float.Epsilon, Enumerable.Range(0, explanation.Count).Max(t => explanation.Map(t).ToArray().Max()));
        for (int index = 0; index < explanation.Count; index++)
        {
            float x = index * (width + Gap);
            using SKBitmap frame = Bitmap(explanation, index, step, most: null), looked = Bitmap(explanation, index, step, most);
            surface.Canvas.DrawBitmap(frame, new SKRect(x, 0, x + width, height));
            surface.Canvas.DrawBitmap(looked, new SKRect(x, height + Gap, x + width, 2 * height + Gap));
        }

        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static SKBitmap Bitmap(IExplainedFrames explanation, int index, int step, float? most)
    {
        int width = explanation.FrameWidth / step, height = explanation.FrameHeight / step;
        var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        ReadOnlySpan<byte> frame = explanation.Frame(index);
        ReadOnlySpan<float> map = explanation.Map(index);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int patch = y * explanation.MapHeight / height * explanation.MapWidth + x * explanation.MapWidth / width;
                double light = most is float largest ? Dimmest + (1 - Dimmest) * Math.Max(0, map[patch]) / largest : 1;
                int at = ((y * explanation.FrameWidth) + x) * step * VideoFrames.Channels;
                bitmap.SetPixel(x, y, new SKColor((byte)(frame[at] * light), (byte)(frame[at + 1] * light), (byte)(frame[at + 2] * light)));
            }
        }

        return bitmap;
    }
}
