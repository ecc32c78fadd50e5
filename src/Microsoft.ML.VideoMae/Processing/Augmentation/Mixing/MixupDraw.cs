// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>How one clip is mixed with its partner.</summary>
/// <param name="Lambda">The share of the clip itself in its label; 1 leaves the clip alone.</param>
/// <param name="Box">The part that is replaced by the partner's (cutmix); null where all of both is blended (mixup).</param>
internal readonly record struct MixupDraw(double Lambda, CropWindow? Box)
{
    public static readonly MixupDraw None = new(1, null);
}

/// <summary>The part of the frames that cutmix replaces.</summary>
internal static class CutmixBox
{
    /// <summary>A box of share 1 - lambda of the area, about a random centre, clipped at the edges.</summary>
    public static CropWindow Draw(int height, int width, double lambda, Random random) =>
        At(height, width, lambda, random.Next(height), random.Next(width));

    /// <summary>The box about a given centre. Half sizes are rounded down, so that its sides are even before they are clipped.</summary>
    public static CropWindow At(int height, int width, double lambda, int centerY, int centerX)
    {
        double ratio = Math.Sqrt(1 - lambda);
        int halfHeight = (int)(height * ratio) / 2;
        int halfWidth = (int)(width * ratio) / 2;
        int top = Math.Max(centerY - halfHeight, 0);
        int left = Math.Max(centerX - halfWidth, 0);
        return new CropWindow(top, left, Math.Min(centerY + halfHeight, height) - top, Math.Min(centerX + halfWidth, width) - left);
    }

    /// <summary>A box whose sides are random shares of height and width.</summary>
    public static CropWindow Draw(int height, int width, (double Min, double Max) shares, Random random)
    {
        int h = Side(height, shares, random);
        int w = Side(width, shares, random);
        return new CropWindow(random.Next(height - h + 1), random.Next(width - w + 1), h, w);
    }

    /// <summary>The share of the frame that is left of it.</summary>
    public static double Lambda(CropWindow box, int height, int width) =>
        1 - (double)((long)box.Height * box.Width) / ((long)height * width);

    private static int Side(int edge, (double Min, double Max) shares, Random random)
    {
        int min = (int)(edge * shares.Min);
        return random.Next(min, Math.Max((int)(edge * shares.Max), min + 1));
    }
}
