// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Makes planar rows, [3, stride], of interleaved ones, [pixels, 3].</summary>
internal static class PlanarRows
{
    private const int Block = 64;
    private const int SmallBlock = 16;

    // Where byte i of a red, green or blue vector lies among 192 interleaved bytes: first among the lower 128, then the upper 64.
    private static readonly Vector512<byte>[] s_splitLow = SplitTable(low: true);
    private static readonly Vector512<byte>[] s_splitHigh = SplitTable(low: false);

    // The same for 16 pixels: byte i of a colour from each of three vectors, 0x80 (zero) where another vector has it.
    private static readonly Vector128<byte>[] s_splitSmall = SplitSmallTable();

    /// <summary>Splits interleaved pixels into planes.</summary>
    /// <param name="source">At least [pixels, 3].</param>
    /// <param name="pixels">The number of pixels.</param>
    /// <param name="planes">[3, stride].</param>
    /// <param name="stride">The distance between planes, at least <paramref name="pixels"/>.</param>
    /// <param name="simd">The widest vectors to use.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(ReadOnlySpan<byte> source, int pixels, Span<byte> planes, int stride, SimdLevel simd)
    {
        int x = 0;
        if (simd >= SimdLevel.Vector512 && Avx512Vbmi.IsSupported)
        {
            for (; x + Block <= pixels; x += Block)
                SplitBlock(source.Slice(x * 3, Block * 3), planes[x..], stride);
        }
        else if (simd >= SimdLevel.Vector128 && Vector128.IsHardwareAccelerated)
        {
            for (; x + SmallBlock <= pixels; x += SmallBlock)
                SplitSmallBlock(source.Slice(x * 3, SmallBlock * 3), planes[x..], stride);
        }

        Span<byte> red = planes[..pixels];
        Span<byte> green = planes.Slice(stride, pixels);
        Span<byte> blue = planes.Slice(2 * stride, pixels);
        for (int i = x * 3; x < red.Length; x++, i += 3)
        {
            red[x] = source[i];
            green[x] = source[i + 1];
            blue[x] = source[i + 2];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitBlock(ReadOnlySpan<byte> source, Span<byte> planes, int stride)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        Vector512<byte> a = Vector512.LoadUnsafe(ref from);
        Vector512<byte> b = Vector512.LoadUnsafe(ref from, Block);
        Vector512<byte> c = Vector512.LoadUnsafe(ref from, 2 * Block);
        for (int channel = 0; channel < 3; channel++)
        {
            Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(a, s_splitLow[channel], b);
            Avx512Vbmi.PermuteVar64x8x2(low, s_splitHigh[channel], c).StoreUnsafe(ref planes[channel * stride]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitSmallBlock(ReadOnlySpan<byte> source, Span<byte> planes, int stride)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        Vector128<byte> a = Vector128.LoadUnsafe(ref from);
        Vector128<byte> b = Vector128.LoadUnsafe(ref from, SmallBlock);
        Vector128<byte> c = Vector128.LoadUnsafe(ref from, 2 * SmallBlock);
        ReadOnlySpan<Vector128<byte>> table = s_splitSmall;
        for (int channel = 0; channel < 3; channel++)
        {
            Vector128<byte> colour = Vector128.ShuffleNative(a, table[channel * 3])
                | Vector128.ShuffleNative(b, table[channel * 3 + 1])
                | Vector128.ShuffleNative(c, table[channel * 3 + 2]);
            colour.StoreUnsafe(ref planes[channel * stride]);
        }
    }

    private static Vector128<byte>[] SplitSmallTable()
    {
        var tables = new Vector128<byte>[9];
        var bytes = new byte[SmallBlock];
        for (int entry = 0; entry < tables.Length; entry++)
        {
            for (int i = 0; i < SmallBlock; i++)
            {
                int at = i * 3 + entry / 3 - entry % 3 * SmallBlock;
                bytes[i] = at is >= 0 and < SmallBlock ? (byte)at : (byte)0x80;
            }

            tables[entry] = Vector128.Create(bytes);
        }

        return tables;
    }

    private static Vector512<byte>[] SplitTable(bool low)
    {
        var tables = new Vector512<byte>[3];
        var bytes = new byte[Block];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int i = 0; i < Block; i++)
            {
                int at = i * 3 + channel;
                bytes[i] = (byte)(low ? Math.Min(at, 2 * Block - 1) : at < 2 * Block ? i : at - Block);
            }

            tables[channel] = Vector512.Create(bytes);
        }

        return tables;
    }
}
