// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae;
using SkiaSharp;

namespace VideoMaeCli.Report;

/// <summary>Frames of a video side by side in one JPEG, which the page plays.</summary>
/// <param name="Url">A data URL.</param>
/// <param name="Frames">The number of frames.</param>
/// <param name="Ratio">The width of a frame by its height.</param>
internal sealed record ClipStrip(string Url, int Frames, double Ratio)
{
    private const int NumFrames = 8;
    private const int Side = 80;
    private const int Quality = 70;

    private static readonly VideoReadOptions s_options = VideoReadOptions.Default with { MaxShortSide = Side };

    /// <summary>Reads frames spread over videos; null for each that cannot be read: the training has warned of it already.</summary>
    public static ClipStrip?[] MakeMany(IEnumerable<string> paths) =>
    [
        .. VideoReader.Default.ReadMany(paths.Select(MLVideo.CreateFromFile), new UniformFrameSampler(NumFrames), s_options)
            .Select(read => read.Error is null ? Draw(read.Frames) : null),
    ];

    private static ClipStrip Draw(VideoFrames frames)
    {
        var info = new SKImageInfo(frames.Width * frames.Count, frames.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = new byte[info.BytesSize];
        for (int f = 0; f < frames.Count; f++)
        {
            ReadOnlySpan<byte> frame = frames.Frame(f);
            for (int i = 0; i < frames.Width * frames.Height; i++)
            {
                Span<byte> pixel = pixels.AsSpan((i / frames.Width * info.Width + f * frames.Width + i % frames.Width) * 4, 4);
                frame.Slice(i * VideoFrames.Channels, VideoFrames.Channels).CopyTo(pixel);
                pixel[3] = byte.MaxValue;
            }
        }

        GCHandle pinned = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            using SKImage image = SKImage.FromPixelCopy(info, pinned.AddrOfPinnedObject(), info.RowBytes);
            using SKData jpeg = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
            return new ClipStrip($"data:image/jpeg;base64,{Convert.ToBase64String(jpeg.ToArray())}", frames.Count,
                (double)frames.Width / frames.Height);
        }
        finally
        {
            pinned.Free();
        }
    }
}
