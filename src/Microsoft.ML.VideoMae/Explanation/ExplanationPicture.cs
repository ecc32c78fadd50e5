// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Explanation;

/// <summary>Draws frames and what the model looked at in them.</summary>
internal static class ExplanationPicture
{
    private const int SmallestSide = 96;
    private const int Gap = 4;

    /// <summary>How bright a pixel stays that the model did not look at.</summary>
    private const double Dimmest = 0.15;

    /// <summary>A PNG.</summary>
    public static byte[] Draw(VideoMaeExplanation explanation)
    {
        int scale = Math.Max(1, SmallestSide / Math.Min(explanation.FrameHeight, explanation.FrameWidth));
        int width = explanation.FrameWidth * scale, height = explanation.FrameHeight * scale;
        var info = new SKImageInfo(explanation.Tubelets * (width + Gap) - Gap, 2 * height + Gap, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKSurface surface = SKSurface.Create(info);
        surface.Canvas.Clear(SKColors.White);
        float most = Enumerable.Range(0, explanation.Tubelets).Max(t => explanation.Map(t).ToArray().Max());
        for (int tubelet = 0; tubelet < explanation.Tubelets; tubelet++)
        {
            float x = tubelet * (width + Gap);
            using SKBitmap frame = Bitmap(explanation, tubelet, most: null), looked = Bitmap(explanation, tubelet, most);
            surface.Canvas.DrawBitmap(frame, new SKRect(x, 0, x + width, height));
            surface.Canvas.DrawBitmap(looked, new SKRect(x, height + Gap, x + width, 2 * height + Gap));
        }

        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static SKBitmap Bitmap(VideoMaeExplanation explanation, int tubelet, float? most)
    {
        var bitmap = new SKBitmap(explanation.FrameWidth, explanation.FrameHeight, SKColorType.Rgba8888, SKAlphaType.Opaque);
        ReadOnlySpan<byte> frame = explanation.Frame(tubelet);
        ReadOnlySpan<float> map = explanation.Map(tubelet);
        for (int y = 0; y < explanation.FrameHeight; y++)
        {
            for (int x = 0; x < explanation.FrameWidth; x++)
            {
                int patch = y * explanation.MapHeight / explanation.FrameHeight * explanation.MapWidth
                    + x * explanation.MapWidth / explanation.FrameWidth;
                double light = most is float largest ? Dimmest + (1 - Dimmest) * map[patch] / largest : 1;
                int at = (y * explanation.FrameWidth + x) * VideoFrames.Channels;
                bitmap.SetPixel(x, y, new SKColor((byte)(frame[at] * light), (byte)(frame[at + 1] * light), (byte)(frame[at + 2] * light)));
            }
        }

        return bitmap;
    }
}
