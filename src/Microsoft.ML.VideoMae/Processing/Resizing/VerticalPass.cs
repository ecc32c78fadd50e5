// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>One output row as the weighted sum of rows below each other, in fixed point, rounded to 8 bits.</summary>
internal static class VerticalPass
{
    /// <param name="source">[weights.Length, rowBytes].</param>
    /// <param name="rowBytes">The distance between rows; a multiple of 16.</param>
    /// <param name="weights">One weight per row.</param>
    /// <param name="destination">[rowBytes].</param>
    /// <param name="simd">The widest vectors to use.</param>
    public static void Run(ReadOnlySpan<byte> source, int rowBytes, ReadOnlySpan<int> weights, Span<byte> destination, SimdLevel simd)
    {
        Debug.Assert(rowBytes % 16 == 0 && source.Length == rowBytes * weights.Length && destination.Length == rowBytes);
        if (weights.Length == 1 && weights[0] == ResampleWeights.One)
        {
            source.CopyTo(destination);
            return;
        }

        int x = 0;
        if (simd >= SimdLevel.Vector512 && Avx512BW.IsSupported)
            x = Run512(source, rowBytes, weights, destination);
        else if (simd >= SimdLevel.Vector128 && Vector128.IsHardwareAccelerated)
            x = Run128(source, rowBytes, weights, destination, simd >= SimdLevel.Vector256 && Vector256.IsHardwareAccelerated);

        for (; x < rowBytes; x++)
        {
            int sum = ResampleWeights.Half;
            for (int k = 0; k < weights.Length; k++)
                sum += source[k * rowBytes + x] * weights[k];
            destination[x] = FixedPoint.ToByte(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run512(ReadOnlySpan<byte> source, int rowBytes, ReadOnlySpan<int> weights, Span<byte> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        Vector512<int> half = Vector512.Create(ResampleWeights.Half);
        int x = 0;
        for (; x + 32 <= rowBytes; x += 32)
        {
            Vector512<int> a = half;
            Vector512<int> b = half;
            nuint at = (nuint)x;
            for (int k = 0; k < weights.Length; k++, at += (nuint)rowBytes)
            {
                Vector512<int> weight = Vector512.Create(weights[k]);
                a += Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref from, at)) * weight;
                b += Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref from, at + 16)) * weight;
            }

            FixedPoint.ToBytes(a).StoreUnsafe(ref to, (nuint)x);
            FixedPoint.ToBytes(b).StoreUnsafe(ref to, (nuint)x + 16);
        }

        for (; x + 16 <= rowBytes; x += 16)
        {
            Vector512<int> a = half;
            nuint at = (nuint)x;
            for (int k = 0; k < weights.Length; k++, at += (nuint)rowBytes)
                a += Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref from, at)) * Vector512.Create(weights[k]);
            FixedPoint.ToBytes(a).StoreUnsafe(ref to, (nuint)x);
        }

        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run128(ReadOnlySpan<byte> source, int rowBytes, ReadOnlySpan<int> weights, Span<byte> destination, bool wide)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        int x = 0;
        for (; x + 16 <= rowBytes; x += 16)
        {
            nuint at = (nuint)x;
            Vector128<byte> result = wide
                ? Sum256(ref from, at, (nuint)rowBytes, weights)
                : Sum128(ref from, at, (nuint)rowBytes, weights);
            result.StoreUnsafe(ref to, (nuint)x);
        }

        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<byte> Sum256(ref byte from, nuint at, nuint rowBytes, ReadOnlySpan<int> weights)
    {
        Vector256<int> a = Vector256.Create(ResampleWeights.Half);
        Vector256<int> b = a;
        for (int k = 0; k < weights.Length; k++, at += rowBytes)
        {
            Vector256<int> weight = Vector256.Create(weights[k]);
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, at));
            a += Vector256.WidenLower(low.ToVector256Unsafe()).AsInt32() * weight;
            b += Vector256.WidenLower(high.ToVector256Unsafe()).AsInt32() * weight;
        }

        return FixedPoint.ToBytes(a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<byte> Sum128(ref byte from, nuint at, nuint rowBytes, ReadOnlySpan<int> weights)
    {
        Vector128<int> a = Vector128.Create(ResampleWeights.Half);
        Vector128<int> b = a;
        Vector128<int> c = a;
        Vector128<int> d = a;
        for (int k = 0; k < weights.Length; k++, at += rowBytes)
        {
            Vector128<int> weight = Vector128.Create(weights[k]);
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, at));
            a += Vector128.WidenLower(low).AsInt32() * weight;
            b += Vector128.WidenUpper(low).AsInt32() * weight;
            c += Vector128.WidenLower(high).AsInt32() * weight;
            d += Vector128.WidenUpper(high).AsInt32() * weight;
        }

        return FixedPoint.ToBytes(a, b, c, d);
    }
}
