// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae;

/// <summary>Where a model looked in a video: for each tubelet in time a map over the frame, by attention rollout.</summary>
/// <remarks>
/// Rollout (Abnar and Zuidema, 2020) follows attention through the blocks. It shows what information could flow, not what decided for a
/// class: read it as a hint.
/// </remarks>
public sealed class VideoMaeExplanation
{
    private readonly float[] _shares;
    private readonly byte[][] _frames;

    internal VideoMaeExplanation(VideoMaeConfig config, float[] shares, byte[][] frames,
        IReadOnlyList<KeyValuePair<string, float>> prediction)
    {
        Tubelets = config.NumFrames / config.TubeletSize;
        MapHeight = config.ImageSize.Height / config.PatchSize.Height;
        MapWidth = config.ImageSize.Width / config.PatchSize.Width;
        FrameHeight = config.ImageSize.Height;
        FrameWidth = config.ImageSize.Width;
        Prediction = prediction;
        _shares = shares;
        _frames = frames;
    }

    /// <summary>Class names and probabilities, the most probable first.</summary>
    public IReadOnlyList<KeyValuePair<string, float>> Prediction { get; }

    /// <summary>The number of maps.</summary>
    public int Tubelets { get; }

    /// <summary>The height of a map, in patches.</summary>
    public int MapHeight { get; }

    /// <summary>The width of a map, in patches.</summary>
    public int MapWidth { get; }

    internal int FrameHeight { get; }

    internal int FrameWidth { get; }

    /// <summary>
    /// The map of a tubelet, [<see cref="MapHeight"/>, <see cref="MapWidth"/>] row by row; the shares of all maps add up to 1.
    /// </summary>
    /// <param name="tubelet">The tubelet, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such tubelet.</exception>
    public ReadOnlySpan<float> Map(int tubelet)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tubelet);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tubelet, Tubelets);
        return _shares.AsSpan(tubelet * MapHeight * MapWidth, MapHeight * MapWidth);
    }

    /// <summary>Writes a picture: the first frame of every tubelet above, and below it darkened where the model did not look.</summary>
    /// <param name="path">The PNG file; replaced in one step.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] png = ExplanationPicture.Draw(this);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>The first frame of a tubelet as the model saw it, RGB.</summary>
    internal ReadOnlySpan<byte> Frame(int tubelet) => _frames[tubelet];
}

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
