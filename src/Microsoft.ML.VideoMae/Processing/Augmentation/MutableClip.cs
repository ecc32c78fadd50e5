// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>A working copy of a clip's pixels, which operations change one after the other. Dispose it to give the memory back.</summary>
internal sealed class MutableClip : IDisposable
{
    // Vectors read a little beyond the last pixel.
    private const int Padding = 16;

    private readonly int _length;
    private byte[]? _pixels;
    private byte[]? _spare;

    private MutableClip(VideoFrames source)
    {
        (Count, Height, Width) = (source.Count, source.Height, source.Width);
        _length = source.Pixels.Length;
        _pixels = ArrayPool<byte>.Shared.Rent(_length + Padding);
        source.Pixels.Span.CopyTo(_pixels);
    }

    public int Count { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The bytes of one frame.</summary>
    public int FrameLength => Height * Width * VideoFrames.Channels;

    public static MutableClip Copy(VideoFrames source) => new(source);

    /// <summary>One frame, [Height, Width, 3].</summary>
    public Span<byte> Frame(int index) => Pixels.AsSpan(index * FrameLength, FrameLength);

    /// <summary>The pixels from one frame on, with readable bytes after the last one.</summary>
    public ReadOnlySpan<byte> From(int index) => Pixels.AsSpan(index * FrameLength);

    /// <summary>The other buffer, for operations that cannot work in place; <see cref="Swap"/> makes it the clip.</summary>
    public Span<byte> Spare(int index) =>
        (_spare ??= ArrayPool<byte>.Shared.Rent(_length + Padding)).AsSpan(index * FrameLength, FrameLength);

    public void Swap() => (_pixels, _spare) = (_spare, _pixels);

    /// <summary>The clip as frames, valid until this is changed or disposed.</summary>
    public VideoFrames View() => new(Pixels.AsMemory(0, _length), Count, Height, Width);

    public void Dispose()
    {
        if (_pixels is not null)
            ArrayPool<byte>.Shared.Return(_pixels);
        if (_spare is not null)
            ArrayPool<byte>.Shared.Return(_spare);
        (_pixels, _spare) = (null, null);
    }

    private byte[] Pixels => _pixels ?? throw new ObjectDisposedException(nameof(MutableClip));
}
