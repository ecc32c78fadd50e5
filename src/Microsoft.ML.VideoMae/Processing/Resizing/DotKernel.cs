// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// One output at a time, as the dot product of consecutive source bytes and weights: for strong reductions, with many taps.
/// </summary>
internal sealed class DotKernel : HorizontalKernel
{
    private readonly int[] _start;      // [outputs]
    private readonly int[] _weights;    // [outputs, taps]
    private readonly int _taps;         // rounded up to 8, so that vectors need no tail
    private readonly SimdLevel _simd;

    public DotKernel(ResampleWeights weights, int firstColumn, SimdLevel simd)
    {
        _simd = simd;
        _taps = (weights.Taps + 7) & ~7;
        _start = new int[weights.Length];
        _weights = new int[weights.Length * _taps];
        for (int i = 0; i < weights.Length; i++)
        {
            _start[i] = weights.First[i] - firstColumn;
            weights.Weights.AsSpan(i * weights.Taps, weights.Taps).CopyTo(_weights.AsSpan(i * _taps));
        }
    }

    public override int Padding => _taps;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(ReadOnlySpan<byte> planes, int planeStride, Span<byte> destination, int stride)
    {
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < _start.Length; i++)
            {
                ReadOnlySpan<byte> pixels = planes.Slice(c * planeStride + _start[i], _taps);
                ReadOnlySpan<int> weights = _weights.AsSpan(i * _taps, _taps);
                int sum = _simd >= SimdLevel.Vector128 && Vector128.IsHardwareAccelerated ? Dot128(pixels, weights) : Dot(pixels, weights);
                destination[c * stride + i] = FixedPoint.ToByte(ResampleWeights.Half + sum);
            }
        }
    }

    private static int Dot(ReadOnlySpan<byte> pixels, ReadOnlySpan<int> weights)
    {
        int sum = 0;
        for (int k = 0; k < weights.Length; k++)
            sum += pixels[k] * weights[k];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot128(ReadOnlySpan<byte> pixels, ReadOnlySpan<int> weights)
    {
        ref byte pixel = ref MemoryMarshal.GetReference(pixels);
        ref int weight = ref MemoryMarshal.GetReference(weights);
        Vector256<int> sum = Vector256<int>.Zero;
        for (int k = 0; k < weights.Length; k += 8)
        {
            // Eight bytes to eight integers.
            ulong eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref pixel, k));
            Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(eight).AsByte());
            sum += Vector256.WidenLower(wide.ToVector256Unsafe()).AsInt32() * Vector256.LoadUnsafe(ref weight, (nuint)k);
        }

        return Vector256.Sum(sum);
    }
}
