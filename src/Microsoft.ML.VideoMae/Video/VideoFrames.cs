// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>Decoded frames of one clip in memory: 8-bit RGB, all of one size, in presentation order.</summary>
/// <remarks>Instances are immutable: the pixels must not be changed after construction.</remarks>
public sealed class VideoFrames
{
    /// <summary>Wraps decoded pixels; nothing is copied.</summary>
    /// <param name="pixels">RGB bytes, [<paramref name="count"/>, <paramref name="height"/>, <paramref name="width"/>, 3].</param>
    /// <param name="count">The number of frames, at least 1.</param>
    /// <param name="height">The height of every frame in pixels.</param>
    /// <param name="width">The width of every frame in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">The number of bytes is not count * height * width * 3.</exception>
    public VideoFrames(ReadOnlyMemory<byte> pixels, int count, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        long expected = (long)count * height * width * Channels;
        if (pixels.Length != expected)
        {
            throw new ArgumentException(
                $"{pixels.Length} bytes were given for {count} frames of {width}x{height}; {expected} " +
                "are needed (count * height * width * 3).",
                nameof(pixels));
        }

        Pixels = pixels;
        Count = count;
        Height = height;
        Width = width;
    }

    /// <summary>The number of bytes a pixel has: red, green, blue.</summary>
    public const int Channels = 3;

    /// <summary>RGB bytes, [Count, Height, Width, 3].</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>The number of frames.</summary>
    public int Count { get; }

    /// <summary>The height of every frame in pixels.</summary>
    public int Height { get; }

    /// <summary>The width of every frame in pixels.</summary>
    public int Width { get; }

    /// <summary>
    /// What a user should be told once, such as that the frames changed size on the way and were scaled. Empty if there is nothing to tell.
    /// </summary>
    public string Notes { get; init; } = "";

    /// <summary>When the frames are shown, where that is known: samplers that go by time choose by it.</summary>
    internal FrameTimeline? Timeline { get; init; }

    /// <summary>The pixels of one frame, [Height, Width, 3].</summary>
    /// <param name="index">The frame, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not below <see cref="Count"/>.</exception>
    public ReadOnlySpan<byte> Frame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int size = Height * Width * Channels;
        return Pixels.Span.Slice(index * size, size);
    }
}
