// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Pixel values of a batch of clips: what a VideoMAE model takes.</summary>
public sealed class VideoPixelValues
{
    internal VideoPixelValues(float[] values, int count, int frames, int height, int width)
    {
        Values = values;
        Count = count;
        FramesPerClip = frames;
        Height = height;
        Width = width;
    }

    /// <summary>[Count, FramesPerClip, 3, Height, Width], row-major.</summary>
    public float[] Values { get; }

    /// <summary>The number of clips.</summary>
    public int Count { get; }

    /// <summary>The number of frames of every clip.</summary>
    public int FramesPerClip { get; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The shape, [B, T, C, H, W].</summary>
    public IReadOnlyList<long> Shape => [Count, FramesPerClip, VideoFrames.Channels, Height, Width];

    /// <summary>The pixel values of one clip, [T, C, H, W].</summary>
    /// <param name="index">The clip, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not below <see cref="Count"/>.</exception>
    public ReadOnlyMemory<float> Clip(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int length = Values.Length / Count;
        return Values.AsMemory(index * length, length);
    }
}
