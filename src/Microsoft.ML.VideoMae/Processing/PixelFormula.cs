// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// (level * factor - mean) / std without a division: the factor in two float32 parts, and one correction step after the
/// multiplication by 1 / std. Rounds as the division does for nearly all values; <see cref="PixelTable"/> checks all 256.
/// </summary>
internal readonly struct PixelFormula(float factor, float factorRest, float mean, float std)
{
    private readonly float _factor = factor;
    private readonly float _factorRest = factorRest;
    private readonly float _mean = mean;
    private readonly float _std = std;
    private readonly float _inverse = 1 / std;

    public float Apply(float level)
    {
        float difference = MathF.FusedMultiplyAdd(level, _factor, level * _factorRest) - _mean;
        float quotient = difference * _inverse;
        return MathF.FusedMultiplyAdd(MathF.FusedMultiplyAdd(-quotient, _std, difference), _inverse, quotient);
    }

    /// <summary>Converts as many leading pixels as fill vectors and returns their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Run512(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        Vector512<float> factor = Vector512.Create(_factor);
        Vector512<float> factorRest = Vector512.Create(_factorRest);
        Vector512<float> mean = Vector512.Create(_mean);
        Vector512<float> std = Vector512.Create(_std);
        Vector512<float> inverse = Vector512.Create(_inverse);
        int x = 0;
        for (; x + Vector512<float>.Count <= source.Length; x += Vector512<float>.Count)
        {
            Vector512<float> level = Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref from, (nuint)x)));
            Vector512<float> difference = Vector512.FusedMultiplyAdd(level, factor, level * factorRest) - mean;
            Vector512<float> quotient = difference * inverse;
            Vector512<float> rest = Vector512.FusedMultiplyAdd(-quotient, std, difference);
            Vector512.FusedMultiplyAdd(rest, inverse, quotient).StoreUnsafe(ref to, (nuint)x);
        }

        return x;
    }

    /// <inheritdoc cref="Run512"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Run256(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        Vector256<float> factor = Vector256.Create(_factor);
        Vector256<float> factorRest = Vector256.Create(_factorRest);
        Vector256<float> mean = Vector256.Create(_mean);
        Vector256<float> std = Vector256.Create(_std);
        Vector256<float> inverse = Vector256.Create(_inverse);
        int x = 0;
        for (; x + Vector256<float>.Count <= source.Length; x += Vector256<float>.Count)
        {
            Vector128<byte> pixels = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, x))).AsByte();
            Vector256<float> level = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(pixels));
            Vector256<float> difference = Vector256.FusedMultiplyAdd(level, factor, level * factorRest) - mean;
            Vector256<float> quotient = difference * inverse;
            Vector256<float> rest = Vector256.FusedMultiplyAdd(-quotient, std, difference);
            Vector256.FusedMultiplyAdd(rest, inverse, quotient).StoreUnsafe(ref to, (nuint)x);
        }

        return x;
    }

    /// <inheritdoc cref="Run512"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Run128(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        int x = 0;
        for (; x + Vector128<byte>.Count <= source.Length; x += Vector128<byte>.Count)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)x));
            Apply(Vector128.WidenLower(low)).StoreUnsafe(ref to, (nuint)x);
            Apply(Vector128.WidenUpper(low)).StoreUnsafe(ref to, (nuint)x + 4);
            Apply(Vector128.WidenLower(high)).StoreUnsafe(ref to, (nuint)x + 8);
            Apply(Vector128.WidenUpper(high)).StoreUnsafe(ref to, (nuint)x + 12);
        }

        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> Apply(Vector128<uint> pixels)
    {
        Vector128<float> level = Vector128.ConvertToSingle(pixels.AsInt32());
        Vector128<float> inverse = Vector128.Create(_inverse);
        Vector128<float> difference =
            Vector128.FusedMultiplyAdd(level, Vector128.Create(_factor), level * _factorRest) - Vector128.Create(_mean);
        Vector128<float> quotient = difference * inverse;
        Vector128<float> rest = Vector128.FusedMultiplyAdd(-quotient, Vector128.Create(_std), difference);
        return Vector128.FusedMultiplyAdd(rest, inverse, quotient);
    }
}
