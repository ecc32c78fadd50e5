// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// A video: a path, bytes, frames already in memory, or a part of one of these. Nothing is opened or decoded before it is read.
/// </summary>
/// <remarks>
/// Immutable, owns nothing, needs no disposal; the frames come from <see cref="VideoReader"/>, a trainer or a transformer.
/// </remarks>
public sealed class MLVideo
{
    private MLVideo(string name, string? path, ReadOnlyMemory<byte> bytes, VideoFrames? frames)
    {
        Name = name;
        Path = path;
        Bytes = bytes;
        Frames = frames;
    }

    /// <summary>How messages call the video: its path, or the name given to it.</summary>
    public string Name { get; }

    /// <summary>The absolute path of the file or of the folder of images; null for a video in memory.</summary>
    public string? Path { get; }

    /// <summary>The encoded bytes; empty unless made from bytes or a stream.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The frames, if made from frames.</summary>
    public VideoFrames? Frames { get; }

    /// <summary>A video file, or a folder of JPEG or PNG images that are the frames in natural order of their names.</summary>
    /// <param name="path">The path, made absolute now; the file is not looked at before it is read.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty or holds a zero character.</exception>
    public static MLVideo CreateFromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new MLVideo(path, System.IO.Path.GetFullPath(path), default, null);
    }

    /// <summary>An encoded video in memory.</summary>
    /// <param name="bytes">The content of a video file, not copied: it must not be changed afterwards.</param>
    /// <param name="name">What messages call the video; the default names the number of bytes.</param>
    public static MLVideo CreateFromBytes(ReadOnlyMemory<byte> bytes, string? name = null)
        => new(name ?? $"({bytes.Length} bytes in memory)", null, bytes, null);

    /// <summary>An encoded video that is read from a stream to its end now; the stream stays open.</summary>
    /// <param name="stream">The content of a video file.</param>
    /// <param name="name">What messages call the video; the default names the number of bytes.</param>
    public static MLVideo CreateFromStream(Stream stream, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return CreateFromBytes(copy.ToArray(), name);
    }

    /// <summary>Frames that are decoded already.</summary>
    /// <param name="frames">The frames, not copied.</param>
    /// <param name="name">What messages call the video; the default names the frames' number and size.</param>
    public static MLVideo CreateFromFrames(VideoFrames frames, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return new MLVideo(name ?? $"({frames.Count} frames of {frames.Width}x{frames.Height} in memory)", null, default, frames);
    }

    /// <summary>A part of this video in time: a handle as any other, which reads only the frames of its range.</summary>
    /// <param name="start">Where it starts, from the first frame of this video; not negative.</param>
    /// <param name="duration">How long it is, more than nothing. What lies beyond the end of the video is left out.</param>
    /// <returns>
    /// The part. A range in which no frame begins has the frame that is on the screen then. Times come from the file: reading a part of
    /// a video that stores none fails with <see cref="VideoReadError.NoTimes"/>.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of range.</exception>
    public MLVideo Window(TimeSpan start, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(start, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        if (Range is not { } outer)
            return CreateWindow(new VideoWindow(new WindowSource(this), start.TotalSeconds, (start + duration).TotalSeconds));
        double first = Math.Min(outer.End, outer.Start + start.TotalSeconds);
        return CreateWindow(new VideoWindow(outer.Source, first, Math.Min(outer.End, first + duration.TotalSeconds)));
    }

    /// <summary>The video's name.</summary>
    public override string ToString() => Name;

    /// <summary>Frames from ML.NET images, all of one size. The pixels are copied now, so the images may be disposed of.</summary>
    /// <param name="images">The frames in order, at least one. Alpha is dropped.</param>
    /// <param name="name">What messages call the video; the default names the frames' number and size.</param>
    /// <exception cref="ArgumentException">There are no images, or they differ in size.</exception>
    public static MLVideo CreateFromFrames(IReadOnlyList<MLImage> images, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
            throw new ArgumentException("No images were given; a video has at least one frame.", nameof(images));
        (int width, int height) = (images[0].Width, images[0].Height);
        int size = width * height;
        var pixels = new byte[(long)images.Count * size * VideoFrames.Channels];
        for (int i = 0; i < images.Count; i++)
        {
            MLImage image = images[i];
            if (image.Width != width || image.Height != height)
                throw new ArgumentException($"Image {i} is {image.Width}x{image.Height} and image 0 is {width}x{height}; all frames of a " +
                    "video have one size. Resize them.", nameof(images));
            CopyRgb(image.Pixels, image.PixelFormat == MLPixelFormat.Bgra32,
                pixels.AsSpan(i * size * VideoFrames.Channels, size * VideoFrames.Channels));
        }

        return CreateFromFrames(new VideoFrames(pixels, images.Count, height, width), name);
    }

    private static void CopyRgb(ReadOnlySpan<byte> source, bool isBgra, Span<byte> target)
    {
        (int red, int blue) = isBgra ? (2, 0) : (0, 2);
        for (int s = 0, t = 0; t < target.Length; s += 4, t += 3)
        {
            target[t] = source[s + red];
            target[t + 1] = source[s + 1];
            target[t + 2] = source[s + blue];
        }
    }

    /// <summary>Normalised pixel values, [T, C, H, W]; null where there are frames to process still.</summary>
    internal float[]? PixelValues { get; private init; }

    /// <summary>The part of a video that this is; null for a whole one.</summary>
    internal VideoWindow? Range { get; private init; }

    internal static MLVideo CreateWindow(VideoWindow range) =>
        new(range.Name, null, default, null) { Range = range };

    internal static MLVideo CreateFromPixelValues(float[] pixelValues, string name) =>
        new(name, null, default, null) { PixelValues = pixelValues };
}
