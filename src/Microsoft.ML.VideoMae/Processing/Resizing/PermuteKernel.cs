// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Sixteen outputs at a time: their source bytes lie in one 512-bit register and are gathered by a byte permute per tap.</summary>
internal sealed class PermuteKernel : HorizontalKernel
{
    private const int Lanes = 16;
    private const int Window = 64;

    private readonly int[] _start;      // [groups]
    private readonly int[] _indices;    // [groups, taps, 16]: byte of the window
    private readonly int[] _weights;    // [groups, taps, 16]
    private readonly int _taps;

    private PermuteKernel(int[] start, int[] indices, int[] weights, int taps)
    {
        _start = start;
        _indices = indices;
        _weights = weights;
        _taps = taps;
    }

    public override int Padding => Window;

    /// <summary>The kernel, or null where a group of outputs needs more than 64 source bytes.</summary>
    public static PermuteKernel? TryCreate(ResampleWeights weights, int firstColumn)
    {
        int groups = (weights.Length + Lanes - 1) / Lanes;
        var start = new int[groups];
        var indices = new int[groups * weights.Taps * Lanes];
        var lanes = new int[groups * weights.Taps * Lanes];
        for (int g = 0; g < groups; g++)
        {
            ReadOnlySpan<int> first = weights.First.AsSpan(g * Lanes, Math.Min(Lanes, weights.Length - g * Lanes));
            ReadOnlySpan<int> count = weights.Count.AsSpan(g * Lanes, first.Length);
            int low = int.MaxValue;
            foreach (int f in first)
                low = Math.Min(low, f);
            start[g] = low - firstColumn;
            for (int i = 0; i < first.Length; i++)
            {
                if (first[i] + count[i] - low > Window)
                    return null;
                for (int k = 0; k < count[i]; k++)
                {
                    int at = (g * weights.Taps + k) * Lanes + i;
                    indices[at] = first[i] + k - low;
                    lanes[at] = weights.Weights[(g * Lanes + i) * weights.Taps + k];
                }
            }
        }

        return new PermuteKernel(start, indices, lanes, weights.Taps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(ReadOnlySpan<byte> planes, int planeStride, Span<byte> destination, int stride)
    {
        ref byte from = ref MemoryMarshal.GetReference(planes);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        ref int indices = ref MemoryMarshal.GetArrayDataReference(_indices);
        ref int weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        Vector512<int> half = Vector512.Create(ResampleWeights.Half);
        Vector512<int> lowByte = Vector512.Create(0xFF);
        nuint entry = 0;
        for (int g = 0; g < _start.Length; g++)
        {
            nuint at = (nuint)_start[g];
            Vector512<byte> red = Vector512.LoadUnsafe(ref from, at);
            Vector512<byte> green = Vector512.LoadUnsafe(ref from, at + (nuint)planeStride);
            Vector512<byte> blue = Vector512.LoadUnsafe(ref from, at + 2 * (nuint)planeStride);
            Vector512<int> r = half;
            Vector512<int> g2 = half;
            Vector512<int> b = half;
            for (int k = 0; k < _taps; k++, entry += Lanes)
            {
                Vector512<byte> index = Vector512.LoadUnsafe(ref indices, entry).AsByte();
                Vector512<int> weight = Vector512.LoadUnsafe(ref weights, entry);
                r += (Avx512Vbmi.PermuteVar64x8(red, index).AsInt32() & lowByte) * weight;
                g2 += (Avx512Vbmi.PermuteVar64x8(green, index).AsInt32() & lowByte) * weight;
                b += (Avx512Vbmi.PermuteVar64x8(blue, index).AsInt32() & lowByte) * weight;
            }

            nuint x = (nuint)(g * Lanes);
            FixedPoint.ToBytes(r).StoreUnsafe(ref to, x);
            FixedPoint.ToBytes(g2).StoreUnsafe(ref to, x + (nuint)stride);
            FixedPoint.ToBytes(b).StoreUnsafe(ref to, x + 2 * (nuint)stride);
        }
    }
}
