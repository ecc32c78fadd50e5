// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>32-bit floats and their upper halves, which are BFloat16. Spans of a call have the same length.</summary>
internal static class BFloat16Numbers
{
    private const uint Infinity = 0x7F80_0000, WithoutSign = 0x7FFF_FFFF, Quiet = 0x40;

    private static int Width => Vector<ushort>.Count;

    /// <summary>To the nearest, from the middle to the even one; beyond the largest is infinity. What is no number stays none.</summary>
    public static void Round(ReadOnlySpan<float> from, Span<ushort> to)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(from);
        int i = 0;
        for (; i <= from.Length - Width; i += Width)
        {
            Vector<uint> low = new(bits[i..]), high = new(bits[(i + Width / 2)..]);
            Vector.Narrow(Round(low), Round(high)).CopyTo(to[i..]);
        }

        for (; i < from.Length; i++)
            to[i] = (ushort)Round(new Vector<uint>(bits[i]))[0];
    }

    /// <summary>Exactly.</summary>
    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - Width; i += Width)
        {
            (Vector<float> low, Vector<float> high) = Widened(from[i..]);
            low.CopyTo(to[i..]);
            high.CopyTo(to[(i + Width / 2)..]);
        }

        for (; i < from.Length; i++)
            to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }

    /// <summary>Adds to sums of 32 bits.</summary>
    public static void Add(ReadOnlySpan<ushort> from, Span<float> sums)
    {
        int i = 0;
        for (; i <= from.Length - Width; i += Width)
        {
            (Vector<float> low, Vector<float> high) = Widened(from[i..]);
            (new Vector<float>(sums[i..]) + low).CopyTo(sums[i..]);
            (new Vector<float>(sums[(i + Width / 2)..]) + high).CopyTo(sums[(i + Width / 2)..]);
        }

        for (; i < from.Length; i++)
            sums[i] += BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }

    private static (Vector<float> Low, Vector<float> High) Widened(ReadOnlySpan<ushort> from)
    {
        Vector.Widen(new Vector<ushort>(from), out Vector<uint> low, out Vector<uint> high);
        return ((low << 16).As<uint, float>(), (high << 16).As<uint, float>());
    }

    private static Vector<uint> Round(Vector<uint> bits)
    {
        Vector<uint> half = new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One), rounded = (bits + half) >> 16;
        Vector<uint> isNumber = Vector.LessThanOrEqual(bits & new Vector<uint>(WithoutSign), new Vector<uint>(Infinity));
        return Vector.ConditionalSelect(isNumber, rounded, (bits >> 16) | new Vector<uint>(Quiet));
    }
}
