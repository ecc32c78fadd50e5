// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// Pillow's <c>Image.resize(size, resample, box)</c> on 8-bit RGB: a horizontal pass rounded to 8 bits, then a vertical one,
/// both in fixed point. Only the rows and columns of a window of the result are computed.
/// </summary>
internal sealed class PillowResizer : FrameResizer
{
    private readonly int _sourceWidth;
    private readonly int _firstRow;
    private readonly int _firstColumn;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int _planeStride;
    private readonly HorizontalKernel _horizontal;
    private readonly ResampleWeights _vertical;
    private readonly SimdLevel _simd;
    private byte[]? _planes;
    private byte[]? _image;

    private PillowResizer(int sourceWidth, ResampleWeights horizontal, ResampleWeights vertical, SimdLevel simd)
        : base(vertical.Length, horizontal.Length)
    {
        _sourceWidth = sourceWidth;
        (_firstRow, int endRow) = vertical.SourceRange();
        (_firstColumn, int endColumn) = horizontal.SourceRange();
        _rows = endRow - _firstRow;
        _columns = endColumn - _firstColumn;
        _simd = Simd.AtMost(simd);
        _horizontal = HorizontalKernel.Create(horizontal, _firstColumn, _simd);
        _vertical = vertical;
        _planeStride = _columns + _horizontal.Padding;
        _planes = ArrayPool<byte>.Shared.Rent(3 * _planeStride);
        _image = ArrayPool<byte>.Shared.Rent(_rows * 3 * Stride);
    }

    /// <summary>A resizer of frames of one size.</summary>
    /// <param name="sourceHeight">The height of the source frames.</param>
    /// <param name="sourceWidth">The width of the source frames.</param>
    /// <param name="box">The part of the source that fills the result.</param>
    /// <param name="height">The height of the result.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="resampling">The kernel.</param>
    /// <param name="window">The part of the result that is computed; it must lie inside.</param>
    /// <param name="mirrored">Whether the window is flipped left to right.</param>
    /// <param name="simd">The widest vectors to use.</param>
    public static PillowResizer Create(
        int sourceHeight, int sourceWidth, ResizeBox box, int height, int width, Resampling resampling,
        CropWindow? window = null, bool mirrored = false, SimdLevel simd = SimdLevel.Vector512)
    {
        if (!(box.Left >= 0 && box.Top >= 0 && box.Right <= sourceWidth && box.Bottom <= sourceHeight && box.Left < box.Right
            && box.Top < box.Bottom))
            throw new ArgumentException($"The box {box} must be a part of the source frame of {sourceWidth}x{sourceHeight} pixels.",
                nameof(box));

        CropWindow part = window ?? new CropWindow(0, 0, height, width);
        ResampleWeights horizontal = ResampleWeights.Pillow(sourceWidth, box.Left, box.Right, width, resampling);
        ResampleWeights vertical = ResampleWeights.Pillow(sourceHeight, box.Top, box.Bottom, height, resampling);
        return new PillowResizer(
            sourceWidth, horizontal.Slice(part.Left, part.Width, mirrored), vertical.Slice(part.Top, part.Height), simd);
    }

    /// <summary>A resizer of a part that is cut out first: pixels beyond its edges have no influence, as they have with a box.</summary>
    /// <param name="sourceHeight">The height of the source frames.</param>
    /// <param name="sourceWidth">The width of the source frames.</param>
    /// <param name="crop">The part that fills the result.</param>
    /// <param name="height">The height of the result.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="resampling">The kernel.</param>
    /// <param name="mirrored">Whether the result is flipped left to right.</param>
    /// <param name="simd">The widest vectors to use.</param>
    public static PillowResizer CreateCropped(
        int sourceHeight, int sourceWidth, CropWindow crop, int height, int width, Resampling resampling,
        bool mirrored = false, SimdLevel simd = SimdLevel.Vector512)
    {
        if (crop.Height < 1 || crop.Width < 1 || crop != crop.Inside(sourceHeight, sourceWidth))
            throw new ArgumentException($"The part {crop} must lie inside the source frame of {sourceWidth}x{sourceHeight} pixels.",
                nameof(crop));

        ResampleWeights horizontal = ResampleWeights.Pillow(crop.Width, 0, crop.Width, width, resampling);
        ResampleWeights vertical = ResampleWeights.Pillow(crop.Height, 0, crop.Height, height, resampling);
        return new PillowResizer(
            sourceWidth, horizontal.Slice(0, width, mirrored).Shift(crop.Left), vertical.Slice(0, height).Shift(crop.Top), simd);
    }

    public override void Load(ReadOnlySpan<byte> frame)
    {
        ObjectDisposedException.ThrowIf(_planes is null, this);
        Span<byte> planes = _planes;
        Span<byte> image = _image;
        for (int row = 0; row < _rows; row++)
        {
            ReadOnlySpan<byte> source = frame.Slice(((_firstRow + row) * _sourceWidth + _firstColumn) * 3, _columns * 3);
            PlanarRows.Split(source, _columns, planes, _planeStride, _simd);
            _horizontal.Run(planes, _planeStride, image.Slice(row * 3 * Stride, 3 * Stride), Stride);
        }
    }

    public override void ReadRow(int y, Span<byte> planarRow)
    {
        ObjectDisposedException.ThrowIf(_image is null, this);
        int rowBytes = 3 * Stride;
        ReadOnlySpan<int> weights = _vertical.Weights.AsSpan(y * _vertical.Taps, _vertical.Count[y]);
        ReadOnlySpan<byte> source = _image.AsSpan((_vertical.First[y] - _firstRow) * rowBytes, _vertical.Count[y] * rowBytes);
        VerticalPass.Run(source, rowBytes, weights, planarRow[..rowBytes], _simd);
    }

    public override void Dispose()
    {
        if (_planes is not null)
            ArrayPool<byte>.Shared.Return(_planes);
        if (_image is not null)
            ArrayPool<byte>.Shared.Return(_image);
        _planes = null;
        _image = null;
    }
}
