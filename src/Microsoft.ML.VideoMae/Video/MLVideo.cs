// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae;

/// <summary>A video: a path, bytes, or frames already in memory. Nothing is opened or decoded before it is read.</summary>
/// <remarks>
/// Immutable, owns nothing, needs no disposal; the frames come from <see cref="VideoReader"/>, a trainer or a transformer.
/// </remarks>
public sealed partial class MLVideo
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

    /// <summary>The video's name.</summary>
    public override string ToString() => Name;
}
