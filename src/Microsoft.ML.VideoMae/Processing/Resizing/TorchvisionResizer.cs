// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// torchvision's antialiased resize of tensors: both passes in float32; 8-bit results are
/// clamped and rounded (half to even) once, at the end.
/// </summary>
internal sealed class TorchvisionResizer : FrameResizer
{
    private readonly FloatWeights _horizontal;
    private readonly FloatWeights _vertical;
    private readonly CropWindow _window;
    private readonly int _sourceWidth;
    private readonly int _firstRow;
    private readonly int _endRow;
    private float[]? _image;    // [rows, 3, Stride]
    private float[]? _row;      // [3 * Stride]
    private float[]? _source;   // [sourceWidth * 3]

    private TorchvisionResizer(int sourceWidth, FloatWeights horizontal, FloatWeights vertical, CropWindow window)
        : base(window.Height, window.Width)
    {
        _sourceWidth = sourceWidth;
        _horizontal = horizontal;
        _vertical = vertical;
        _window = window;
        (_firstRow, _endRow) = (vertical.First[window.Top], vertical.End(window.Top + window.Height - 1));
        _image = ArrayPool<float>.Shared.Rent((_endRow - _firstRow) * 3 * Stride);
        _row = ArrayPool<float>.Shared.Rent(3 * Stride);
        _source = ArrayPool<float>.Shared.Rent(3 * sourceWidth);
    }

    /// <summary>
    /// A resizer of whole frames of one size to <paramref name="height"/> x <paramref name="width"/>, of which a window is computed.
    /// </summary>
    public static TorchvisionResizer Create(
        int sourceHeight, int sourceWidth, int height, int width, Resampling resampling, CropWindow? window = null) =>
        new(sourceWidth,
            FloatWeights.Torchvision(sourceWidth, width, resampling),
            FloatWeights.Torchvision(sourceHeight, height, resampling),
            window ?? new CropWindow(0, 0, height, width));

    public override void Load(ReadOnlySpan<byte> frame)
    {
        ObjectDisposedException.ThrowIf(_image is null || _source is null, this);
        for (int row = _firstRow; row < _endRow; row++)
        {
            Span<float> source = _source.AsSpan(0, _sourceWidth * 3);
            ReadOnlySpan<byte> pixels = frame.Slice(row * source.Length, source.Length);
            for (int i = 0; i < source.Length; i++)
                source[i] = pixels[i];
            ResizeRow(source, _image.AsSpan((row - _firstRow) * 3 * Stride, 3 * Stride));
        }
    }

    /// <summary>Takes one frame of floats, [sourceHeight, sourceWidth, 3].</summary>
    public void Load(ReadOnlySpan<float> frame)
    {
        ObjectDisposedException.ThrowIf(_image is null, this);
        for (int row = _firstRow; row < _endRow; row++)
        {
            ResizeRow(
                frame.Slice(row * _sourceWidth * 3, _sourceWidth * 3), _image.AsSpan((row - _firstRow) * 3 * Stride, 3 * Stride));
        }
    }

    public override void ReadRow(int y, Span<byte> planarRow)
    {
        ReadOnlySpan<float> row = ReadRow(y);
        for (int x = 0; x < row.Length; x++)
            planarRow[x] = (byte)MathF.Round(Math.Clamp(row[x], 0f, 255f), MidpointRounding.ToEven);
    }

    /// <summary>
    /// Output row <paramref name="y"/> of the loaded frame, [3, Stride], neither clamped nor rounded; valid until the next call.
    /// </summary>
    public ReadOnlySpan<float> ReadRow(int y)
    {
        ObjectDisposedException.ThrowIf(_image is null, this);
        Span<float> sum = _row.AsSpan(0, 3 * Stride);
        sum.Clear();
        int output = _window.Top + y;
        ReadOnlySpan<float> weights = _vertical.Of(output);
        for (int k = 0; k < weights.Length; k++)
        {
            ReadOnlySpan<float> source = _image.AsSpan((_vertical.First[output] + k - _firstRow) * 3 * Stride, 3 * Stride);
            AddScaled(source, weights[k], sum);
        }

        return sum;
    }

    public override void Dispose()
    {
        if (_image is not null)
            ArrayPool<float>.Shared.Return(_image);
        if (_row is not null)
            ArrayPool<float>.Shared.Return(_row);
        if (_source is not null)
            ArrayPool<float>.Shared.Return(_source);
        _image = null;
        _row = null;
        _source = null;
    }

    private void ResizeRow(ReadOnlySpan<float> source, Span<float> target)
    {
        for (int x = 0; x < Width; x++)
        {
            int column = _window.Left + x;
            ReadOnlySpan<float> weights = _horizontal.Of(column);
            for (int c = 0; c < 3; c++)
            {
                float sum = 0;
                for (int k = 0, at = _horizontal.First[column] * 3 + c; k < weights.Length; k++, at += 3)
                    sum = MathF.FusedMultiplyAdd(source[at], weights[k], sum);
                target[c * Stride + x] = sum;
            }
        }
    }

    // The reference rounds products in its vertical pass and fuses them in its horizontal one; ties of 8-bit rounding show it.
    private static void AddScaled(ReadOnlySpan<float> source, float weight, Span<float> sum)
    {
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(source);
        Span<Vector<float>> to = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (int i = 0; i < to.Length; i++)
            to[i] += from[i] * weight;
        for (int i = to.Length * Vector<float>.Count; i < sum.Length; i++)
            sum[i] += source[i] * weight;
    }
}
