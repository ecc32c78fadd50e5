// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Reads a stream of binary PPM images (P6), which tell their own size: what ffmpeg writes for "-c:v ppm -f image2pipe".</summary>
internal sealed class PpmStream(Stream stream)
{
    private readonly Stream _stream = stream;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The width of the image whose header was read last.</summary>
    public int Width { get; private set; }

    /// <summary>The height of the image whose header was read last.</summary>
    public int Height { get; private set; }

    /// <summary>The number of bytes of the image whose header was read last; long, as a header can say anything.</summary>
    public long Size => (long)Width * Height * VideoFrames.Channels;

    /// <summary>Reads an image's header.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool TryReadHeader()
    {
        int first = ReadByte();
        if (first < 0)
            return false;
        if (first != 'P' || ReadByte() != '6')
            throw new InvalidDataException("The decoder's output is not a PPM image.");
        ReadByte();
        Width = ReadNumber();
        Height = ReadNumber();
        if (ReadNumber() != 255)
            throw new InvalidDataException("The decoder's output is not 8-bit RGB.");
        return true;
    }

    /// <summary>Reads the image's pixels.</summary>
    /// <returns>False if the stream ended in the middle.</returns>
    public bool TryReadPixels(Span<byte> pixels)
    {
        int buffered = Math.Min(pixels.Length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(pixels);
        _start += buffered;
        pixels = pixels[buffered..];
        return _stream.ReadAtLeast(pixels, pixels.Length, throwOnEndOfStream: false) == pixels.Length;
    }

    /// <summary>Passes over the image's pixels.</summary>
    /// <returns>False if the stream ended in the middle.</returns>
    public bool TrySkipPixels()
    {
        for (long left = Size; left > 0;)
        {
            if (_start == _end && !Fill())
                return false;
            int step = (int)Math.Min(left, _end - _start);
            _start += step;
            left -= step;
        }

        return true;
    }

    private int ReadNumber()
    {
        int value = 0;
        for (int c = ReadByte(); c is >= '0' and <= '9'; c = ReadByte())
            value = Math.Min((value * 10) + (c - '0'), 100_000_000);
        return value;
    }

    private int ReadByte() => _start < _end || Fill() ? _buffer[_start++] : -1;

    private bool Fill()
    {
        _start = 0;
        _end = _stream.Read(_buffer, 0, _buffer.Length);
        return _end > 0;
    }
}
