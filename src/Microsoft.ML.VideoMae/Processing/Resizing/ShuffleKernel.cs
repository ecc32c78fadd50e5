// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Four outputs at a time: per tap their source bytes lie in one 128-bit register and are spread by a byte shuffle.</summary>
internal sealed class ShuffleKernel : HorizontalKernel
{
    private const int Lanes = 4;
    private const int Window = 16;

    private readonly int[] _start;       // [groups, taps]
    private readonly byte[] _indices;    // [groups, taps, 16]: byte of the window, or 0x80 for zero
    private readonly int[] _weights;     // [groups, taps, 4]
    private readonly int _taps;
    private readonly bool _wide;

    private ShuffleKernel(int[] start, byte[] indices, int[] weights, int taps, bool wide)
    {
        _wide = wide;
        _start = start;
        _indices = indices;
        _weights = weights;
        _taps = taps;
    }

    public override int Padding => Window;

    /// <summary>The kernel, or null where one tap of four outputs needs more than 16 source bytes.</summary>
    public static ShuffleKernel? TryCreate(ResampleWeights weights, int firstColumn, SimdLevel simd)
    {
        int groups = (weights.Length + Lanes - 1) / Lanes;
        var start = new int[groups * weights.Taps];
        var indices = new byte[groups * weights.Taps * Window];
        var lanes = new int[groups * weights.Taps * Lanes];
        Array.Fill(indices, (byte)0x80);
        for (int entry = 0; entry < start.Length; entry++)
        {
            int output = entry / weights.Taps * Lanes;
            int k = entry % weights.Taps;
            int low = int.MaxValue;
            for (int i = output; i < Math.Min(output + Lanes, weights.Length); i++)
                low = k < weights.Count[i] ? Math.Min(low, weights.First[i] + k) : low;
            if (low == int.MaxValue)
                continue;
            start[entry] = low - firstColumn;
            for (int i = output; i < Math.Min(output + Lanes, weights.Length); i++)
            {
                if (k >= weights.Count[i])
                    continue;
                int distance = weights.First[i] + k - low;
                if (distance >= Window)
                    return null;
                indices[entry * Window + (i - output) * sizeof(int)] = (byte)distance;
                lanes[entry * Lanes + i - output] = weights.Weights[i * weights.Taps + k];
            }
        }

        return new ShuffleKernel(start, indices, lanes, weights.Taps, simd >= SimdLevel.Vector256 && Avx2.IsSupported);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(ReadOnlySpan<byte> planes, int planeStride, Span<byte> destination, int stride)
    {
        int groups = _start.Length / _taps;
        ref byte to = ref MemoryMarshal.GetReference(destination);
        for (int c = 0; c < 3; c++)
        {
            ref byte plane = ref MemoryMarshal.GetReference(planes[(c * planeStride)..]);
            int g = 0;
            for (; g + 4 <= groups; g += 4)
            {
                nuint x = (nuint)(c * stride + g * Lanes);
                if (_wide)
                    FixedPoint.ToBytes(Sum256(ref plane, g), Sum256(ref plane, g + 2)).StoreUnsafe(ref to, x);
                else
                    FixedPoint.ToBytes(Sum(ref plane, g), Sum(ref plane, g + 1), Sum(ref plane, g + 2), Sum(ref plane, g + 3))
                        .StoreUnsafe(ref to, x);
            }

            if (g < groups)
            {
                Vector128<int> none = Vector128<int>.Zero;
                Vector128<int> second = g + 1 < groups ? Sum(ref plane, g + 1) : none;
                Vector128<int> third = g + 2 < groups ? Sum(ref plane, g + 2) : none;
                FixedPoint.ToBytes(Sum(ref plane, g), second, third, none).StoreUnsafe(ref to, (nuint)(c * stride + g * Lanes));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Sum(ref byte plane, int group)
    {
        ref int start = ref MemoryMarshal.GetArrayDataReference(_start);
        ref byte indices = ref MemoryMarshal.GetArrayDataReference(_indices);
        ref int weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        Vector128<int> sum = Vector128.Create(ResampleWeights.Half);
        for (int entry = group * _taps; entry < (group + 1) * _taps; entry++)
        {
            Vector128<byte> window = Vector128.LoadUnsafe(ref plane, (nuint)Unsafe.Add(ref start, entry));
            Vector128<byte> index = Vector128.LoadUnsafe(ref indices, (nuint)(entry * Window));
            sum += Vector128.ShuffleNative(window, index).AsInt32() * Vector128.LoadUnsafe(ref weights, (nuint)(entry * Lanes));
        }

        return sum;
    }

    // Two groups side by side: AVX2 shuffles each half of the register by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Sum256(ref byte plane, int group)
    {
        ref int start = ref MemoryMarshal.GetArrayDataReference(_start);
        ref byte indices = ref MemoryMarshal.GetArrayDataReference(_indices);
        ref int weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        Vector256<int> sum = Vector256.Create(ResampleWeights.Half);
        int low = group * _taps;
        int high = low + _taps;
        for (int k = 0; k < _taps; k++, low++, high++)
        {
            var window = Vector256.Create(
                Vector128.LoadUnsafe(ref plane, (nuint)Unsafe.Add(ref start, low)),
                Vector128.LoadUnsafe(ref plane, (nuint)Unsafe.Add(ref start, high)));
            var index = Vector256.Create(
                Vector128.LoadUnsafe(ref indices, (nuint)(low * Window)), Vector128.LoadUnsafe(ref indices, (nuint)(high * Window)));
            var weight = Vector256.Create(
                Vector128.LoadUnsafe(ref weights, (nuint)(low * Lanes)), Vector128.LoadUnsafe(ref weights, (nuint)(high * Lanes)));
            sum += Avx2.Shuffle(window, index).AsInt32() * weight;
        }

        return sum;
    }
}
