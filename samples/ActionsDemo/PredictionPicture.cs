// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Text;
using Microsoft.ML.VideoMae;
using SkiaSharp;

namespace ActionsDemo;

/// <summary>Draws frames of some clips beside what was predicted for them, as one SVG file.</summary>
internal static class PredictionPicture
{
    private const int FramesShown = 8;
    private const int FrameHeight = 64;
    private const int RowHeight = FrameHeight + 12;
    private const int TextWidth = 300;

    /// <param name="path">The file to write.</param>
    /// <param name="predictions">Clips with their class, the predicted class and its probability.</param>
    public static void Write(string path, IReadOnlyList<(string Video, string Label, string Predicted, float Probability)> predictions)
    {
        var svg = new StringBuilder();
        int width = 0;
        for (int row = 0; row < predictions.Count; row++)
        {
            (string video, string label, string predicted, float probability) = predictions[row];
            VideoFrames frames = VideoReader.Default.Read(MLVideo.CreateFromFile(video), new Microsoft.ML.VideoMae.Sampling.UniformFrameSampler(FramesShown));
            int frameWidth = FrameHeight * frames.Width / frames.Height;
            int top = row * RowHeight + 6;
            for (int i = 0; i < FramesShown; i++)
            {
                svg.Append(FormattableString.Invariant($"<image x=\"{6 + i * (frameWidth + 3)}\" y=\"{top}\" width=\"{frameWidth}\" height=\"{FrameHeight}\" "));
                svg.Append(FormattableString.Invariant($"href=\"data:image/jpeg;base64,{Convert.ToBase64String(Jpeg(frames, i))}\"/>\n"));
            }

            int left = 6 + FramesShown * (frameWidth + 3) + 12;
            width = Math.Max(width, left + TextWidth);
            string colour = label == predicted ? "#1a7f37" : "#cf222e";
            svg.Append(FormattableString.Invariant(
                $"<text x=\"{left}\" y=\"{top + 28}\" fill=\"{colour}\" font-weight=\"bold\">{WebUtility.HtmlEncode(predicted)} {probability:0.00}</text>\n"));
            svg.Append(FormattableString.Invariant($"<text x=\"{left}\" y=\"{top + 50}\" fill=\"#57606a\">is: {WebUtility.HtmlEncode(label)}</text>\n"));
        }

        int height = predictions.Count * RowHeight;
        File.WriteAllText(path, FormattableString.Invariant(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"17\">\n") +
            FormattableString.Invariant($"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n") + svg + "</svg>\n");
    }

    private static byte[] Jpeg(VideoFrames frames, int index)
    {
        ReadOnlySpan<byte> rgb = frames.Frame(index);
        var rgba = new byte[frames.Width * frames.Height * 4];
        for (int i = 0; i < frames.Width * frames.Height; i++)
        {
            rgb.Slice(i * 3, 3).CopyTo(rgba.AsSpan(i * 4));
            rgba[i * 4 + 3] = byte.MaxValue;
        }

        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(frames.Width, frames.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
        using SKData data = image.Encode(SKEncodedImageFormat.Jpeg, quality: 85);
        return data.ToArray();
    }
}
