// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>A row with one image, which is set again and again: what a pipeline for images reads.</summary>
internal sealed class FrameImageRow(DataViewSchema schema) : DataViewRow
{
    private readonly ImageSource _source = new();
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _source.Getter<TValue>(column);

    /// <summary>Sets the image. The position changes with it: pipelines keep what they computed for one.</summary>
    /// <param name="rgb">RGB bytes, [height, width, 3].</param>
    /// <param name="height">The height of the image.</param>
    /// <param name="width">The width of the image.</param>
    public void Set(ReadOnlySpan<byte> rgb, int height, int width)
    {
        _source.Set(rgb, height, width);
        _position++;
    }
}

/// <summary>Gives images of pixels to whoever asks.</summary>
internal sealed class ImageSource
{
    private const int PixelBytes = 4;

    private byte[] _pixels = [];
    private int _height, _width;

    /// <summary>Sets the image.</summary>
    /// <param name="rgb">RGB bytes, [height, width, 3].</param>
    /// <param name="height">The height of the image.</param>
    /// <param name="width">The width of the image.</param>
    public void Set(ReadOnlySpan<byte> rgb, int height, int width)
    {
        int length = height * width * PixelBytes;
        if (_pixels.Length != length)
            _pixels = new byte[length];
        for (int from = 0, to = 0; to < length; from += VideoFrames.Channels, to += PixelBytes)
        {
            rgb.Slice(from, VideoFrames.Channels).CopyTo(_pixels.AsSpan(to));
            _pixels[to + VideoFrames.Channels] = byte.MaxValue;
        }

        (_height, _width) = (height, width);
    }

    /// <summary>Makes an image of its own for each call, and disposes of the one that it replaces, as ML.NET's own loader does.</summary>
    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column)
    {
        ValueGetter<MLImage> getter = (ref MLImage image) =>
        {
            image?.Dispose();
            image = MLImage.CreateFromPixels(_width, _height, MLPixelFormat.Rgba32, _pixels);
        };
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds images, which are not read as {typeof(TValue)}.");
    }
}
