// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using Microsoft.ML.VideoMae;
using SkiaSharp;

namespace ActionsDemo;

/// <summary>Draws frames of some clips beside what was predicted for them, as one SVG file.</summary>
internal static class PredictionPicture
{
    private const int MostClasses = 8;
    private const int Mistakes = 2;
    private const int FramesShown = 8;
    private const int FrameHeight = 72;
    private const int RowHeight = FrameHeight + 20;
    private const int Margin = 16;
    private const int Header = 44;
    private const int BarsShown = 3;
    private const int BarWidth = 150;
    private const string Right = "#1a7f37";
    private const string Wrong = "#cf222e";

    /// <param name="path">The file to write.</param>
    /// <param name="clips">Clips to choose from: one of each class is drawn, and some mistakes below.</param>
    public static void Write(string path, IReadOnlyList<ScoredClip> clips)
    {
        ScoredClip[] chosen = [.. clips.DistinctBy(clip => clip.Label).Take(MostClasses)];
        chosen = [.. chosen, .. clips.Where(clip => !clip.IsRight).Except(chosen).Take(Mistakes)];
        var rows = new StringBuilder();
        int textLeft = 0;
        for (int i = 0; i < chosen.Length; i++)
            textLeft = Math.Max(textLeft, DrawFrames(rows, chosen[i], Header + i * RowHeight) + Margin);
        for (int i = 0; i < chosen.Length; i++)
            DrawScores(rows, chosen[i], textLeft, Header + i * RowHeight);
        int width = textLeft + 110 + BarWidth + 150 + Margin, height = Header + chosen.Length * RowHeight + 4;
        File.WriteAllText(path, Invariant(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"
                font-family="system-ui, sans-serif" font-size="15" fill="#1f2328">
            <rect width="{width}" height="{height}" rx="8" fill="white"/>
            <g fill="#57606a" font-size="13"><text x="{Margin}" y="28">{FramesShown} frames of clips not seen in training</text>
            <text x="{textLeft}" y="28">is</text><text x="{textLeft + 110}" y="28">predicted</text></g>
            {rows}</svg>

            """));
    }

    private static int DrawFrames(StringBuilder svg, ScoredClip clip, int top)
    {
        VideoFrames frames = VideoReader.Default.Read(MLVideo.CreateFromFile(clip.VideoPath), new UniformFrameSampler(FramesShown));
        int width = FrameHeight * frames.Width / frames.Height;
        for (int i = 0; i < FramesShown; i++)
        {
            svg.Append(Invariant($"<image x=\"{Margin + i * (width + 4)}\" y=\"{top}\" width=\"{width}\" height=\"{FrameHeight}\" "));
            svg.AppendLine(Invariant($"href=\"data:image/jpeg;base64,{Convert.ToBase64String(Jpeg(frames, i))}\"/>"));
        }

        return Margin + FramesShown * (width + 4);
    }

    private static void DrawScores(StringBuilder svg, ScoredClip clip, int left, int top)
    {
        svg.AppendLine(Invariant($"<text x=\"{left}\" y=\"{top + 17}\">{WebUtility.HtmlEncode(clip.Label)}</text>"));
        for (int i = 0; i < Math.Min(BarsShown, clip.Scores.Count); i++)
        {
            (string name, float probability) = clip.Scores[i];
            int x = left + 110, y = top + 4 + i * 23;
            string colour = name == clip.Label ? Right : i == 0 ? Wrong : "#8c959f";
            float bar = Math.Max(2, probability * BarWidth);
            svg.Append(Invariant($"<rect x=\"{x}\" y=\"{y}\" width=\"{BarWidth}\" height=\"16\" rx=\"3\" fill=\"#eaeef2\"/>"));
            svg.AppendLine(Invariant($"<rect x=\"{x}\" y=\"{y}\" width=\"{bar:0.0}\" height=\"16\" rx=\"3\" fill=\"{colour}\"/>"));
            string style = i == 0 ? $"fill=\"{colour}\" font-weight=\"600\"" : "fill=\"#57606a\"";
            string label = WebUtility.HtmlEncode(name);
            svg.AppendLine(Invariant($"<text x=\"{x + BarWidth + 8}\" y=\"{y + 13}\" {style}>{label} {probability:0.00}</text>"));
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static byte[] Jpeg(VideoFrames frames, int index)
    {
        ReadOnlySpan<byte> rgb = frames.Frame(index);
        var rgba = new byte[frames.Width * frames.Height * 4];
        for (int i = 0; i < frames.Width * frames.Height; i++)
        {
            rgb.Slice(i * 3, 3).CopyTo(rgba.AsSpan(i * 4));
            rgba[i * 4 + 3] = byte.MaxValue;
        }

        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(frames.Width, frames.Height, SKColorType.Rgba8888, SKAlphaType.Opaque),
            rgba);
        using SKData data = image.Encode(SKEncodedImageFormat.Jpeg, quality: 85);
        return data.ToArray();
    }
}
