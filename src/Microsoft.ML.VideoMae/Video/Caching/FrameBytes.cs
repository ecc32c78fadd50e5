// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae.Decoding;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Caching;

/// <summary>One frame as JPEG, through SkiaSharp.</summary>
internal static class FrameJpeg
{
    public static byte[] Encode(ReadOnlySpan<byte> rgb, int width, int height, int quality)
    {
        using var bitmap = new SKBitmap(SkiaImage.Info(width, height));
        var rgba = new byte[bitmap.ByteCount];
        for (int s = 0, t = 0; s < rgb.Length; s += 3, t += 4)
        {
            rgb.Slice(s, 3).CopyTo(rgba.AsSpan(t));
            rgba[t + 3] = 255;
        }

        Marshal.Copy(rgba, 0, bitmap.GetPixels(), rgba.Length);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality)
            ?? throw new InvalidOperationException(
                $"SkiaSharp cannot encode a frame of {width}x{height} as JPEG; at most 65535 pixels a side.");
        return data.ToArray();
    }

    public static void Decode(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> rgb)
    {
        using SKData data = SKData.CreateCopy(jpeg);
        using SKCodec? codec = SKCodec.Create(data);
        using var bitmap = new SKBitmap(SkiaImage.Info(width, height));
        if (codec is null || codec.Info.Width != width || codec.Info.Height != height
            || codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
            throw new InvalidDataException("A frame of the cache entry is not the JPEG it should be.");
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        for (int s = 0, t = 0; t < rgb.Length; s += 4, t += 3)
            rgba.Slice(s, 3).CopyTo(rgb[t..]);
    }
}

/// <summary>CRC-32C (Castagnoli), which processors compute in hardware.</summary>
internal static class Crc32C
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
