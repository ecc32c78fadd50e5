// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Resizes frames of one source size one after the other: <see cref="Load"/> a frame, then read its output rows.
/// </summary>
/// <remarks>An instance holds scratch memory for one frame and serves one thread. Dispose it to give the memory back.</remarks>
internal abstract class FrameResizer(int height, int width) : IDisposable
{
    /// <summary>The number of output rows.</summary>
    public int Height { get; } = height;

    /// <summary>The number of output columns.</summary>
    public int Width { get; } = width;

    /// <summary>The distance between the red, green and blue part of a planar row: <see cref="Width"/> rounded up to 16.</summary>
    public int Stride { get; } = (width + 15) & ~15;

    /// <summary>Takes one frame, [sourceHeight, sourceWidth, 3].</summary>
    public abstract void Load(ReadOnlySpan<byte> frame);

    /// <summary>Writes output row <paramref name="y"/> of the loaded frame as [3, Stride]; bytes beyond Width are undefined.</summary>
    public abstract void ReadRow(int y, Span<byte> planarRow);

    public abstract void Dispose();
}

/// <summary>
/// Cuts a window out of frames that have the wanted size already, as those of a frame cache
/// mostly do: any resizer leaves their pixels as they are.
/// </summary>
internal sealed class UnscaledResizer : FrameResizer
{
    private readonly int _sourceWidth;
    private readonly CropWindow _window;
    private readonly SimdLevel _simd;
    private byte[]? _image;     // [Height, 3, Stride]

    /// <param name="sourceWidth">The width of the source frames.</param>
    /// <param name="window">The part that is the result; it must lie inside of the frames.</param>
    /// <param name="simd">The widest vectors to use.</param>
    public UnscaledResizer(int sourceWidth, CropWindow window, SimdLevel simd)
        : base(window.Height, window.Width)
    {
        _sourceWidth = sourceWidth;
        _window = window;
        _simd = Simd.AtMost(simd);
        _image = ArrayPool<byte>.Shared.Rent(Height * VideoFrames.Channels * Stride);
    }

    public override void Load(ReadOnlySpan<byte> frame)
    {
        ObjectDisposedException.ThrowIf(_image is null, this);
        for (int row = 0; row < Height; row++)
        {
            int first = (_window.Top + row) * _sourceWidth + _window.Left;
            PlanarRows.Split(frame.Slice(first * VideoFrames.Channels, Width * VideoFrames.Channels), Width, Row(row), Stride, _simd);
        }
    }

    public override void ReadRow(int y, Span<byte> planarRow)
    {
        ObjectDisposedException.ThrowIf(_image is null, this);
        Row(y).CopyTo(planarRow);
    }

    public override void Dispose()
    {
        if (_image is not null)
            ArrayPool<byte>.Shared.Return(_image);
        _image = null;
    }

    private Span<byte> Row(int row) => _image.AsSpan(row * VideoFrames.Channels * Stride, VideoFrames.Channels * Stride);
}
