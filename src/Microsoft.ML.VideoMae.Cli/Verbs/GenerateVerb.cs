// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using SkiaSharp;

namespace VideoMaeCli.Verbs;

/// <summary>Writes generated videos, to be looked at.</summary>
internal static class GenerateVerb
{
    private const int ShownClips = 16;
    private const int ShownFrames = 8;
    private const int Gap = 2;

    private static readonly SKColor s_paper = SKColors.White;

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "The folder to write to; it is made where it is missing." };
        var count = new Option<int>("--count") { Description = "The number of videos.", DefaultValueFactory = _ => ShownClips };
        var seed = new Option<int>("--seed") { Description = "The seed: another one gives other videos.", DefaultValueFactory = _ => 1 };
        var frames = new Option<int>("--frames") { Description = "The frames of a video, a multiple of 4.", DefaultValueFactory = _ => 16 };
        var size = new Option<int>("--size")
        {
            Description = "The height and width of a frame in pixels, a multiple of 4.",
            DefaultValueFactory = _ => 64,
        };
        var command = new Command("generate", """
            Writes generated videos to look at: a folder of PNG frames for each, which every verb reads as a video, and
            contact-sheet.png with frames of the first ones.

            Example:
              videomae generate --count 16 generated
            """) { folder, count, seed, frames, size };
        command.SetAction((result, stop) =>
        {
            GeneratedVideos videos = new MLContext().Data.GenerateVideos(
                result.GetValue(count), result.GetValue(seed), result.GetValue(frames), result.GetValue(size));
            return System.Threading.Tasks.Task.FromResult(Write(videos, result.GetValue(folder)!.FullName, stop));
        });
        return command;
    }

    private static int Write(GeneratedVideos videos, string folder, CancellationToken stop)
    {
        long count = videos.GetRowCount()!.Value;
        Directory.CreateDirectory(folder);
        int pitch = videos.FrameSize + Gap;
        using var sheet = new SKBitmap(
            Gap + Math.Min(ShownFrames, videos.NumberOfFrames) * pitch, Gap + (int)Math.Min(ShownClips, count) * pitch);
        sheet.Erase(s_paper);
        using var canvas = new SKCanvas(sheet);
        for (int i = 0; i < count; i++)
        {
            stop.ThrowIfCancellationRequested();
            VideoFrames frames = videos.Create(i).Frames;
            string clip = Directory.CreateDirectory(Path.Combine(folder, i.ToString("000000", CultureInfo.InvariantCulture))).FullName;
            for (int t = 0; t < frames.Count; t++)
            {
                using SKImage picture = Picture(frames, t);
                Save(picture, Path.Combine(clip, $"{t.ToString("000", CultureInfo.InvariantCulture)}.png"));
                int shown = Math.Min(ShownFrames, frames.Count), column = t * shown / frames.Count;
                if (i < ShownClips && t == column * frames.Count / shown)
                    canvas.DrawImage(picture, Gap + column * pitch, Gap + i * pitch);
            }
        }

        canvas.Flush();
        string path = Path.Combine(folder, "contact-sheet.png");
        using SKImage whole = SKImage.FromBitmap(sheet);
        Save(whole, path);
        Console.WriteLine($"Wrote {count} videos to {folder}. {path} shows the first.");
        return ExitCode.Done;
    }

    private static SKImage Picture(VideoFrames frames, int index)
    {
        ReadOnlySpan<byte> rgb = frames.Frame(index);
        byte[] rgba = new byte[frames.Width * frames.Height * 4];
        for (int i = 0; i < frames.Width * frames.Height; i++)
        {
            rgb.Slice(i * VideoFrames.Channels, VideoFrames.Channels).CopyTo(rgba.AsSpan(i * 4));
            rgba[i * 4 + 3] = byte.MaxValue;
        }

        return SKImage.FromPixelCopy(new SKImageInfo(frames.Width, frames.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
    }

    private static void Save(SKImage picture, string path)
    {
        using SKData png = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
        OutputFile.Write(path, file =>
        {
            using FileStream stream = File.Create(file);
            png.SaveTo(stream);
        });
    }
}
