// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>How numbers lie in memory. They are computed with as 32-bit numbers, 16 at a time.</summary>
/// <typeparam name="T">Has their size.</typeparam>
internal unsafe interface INumberFormat<T>
    where T : unmanaged
{
    /// <summary>Reads 16 numbers.</summary>
    static abstract Vector512<float> Load(T* from);

    /// <summary>Writes 16 numbers.</summary>
    static abstract void Store(Vector512<float> values, T* to);
}

/// <summary>32-bit numbers.</summary>
internal readonly unsafe struct SingleFormat : INumberFormat<float>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, float* to) => values.Store(to);
}

/// <summary>BFloat16: the upper half of a 32-bit number, rounded to the nearest, to an even one where two are as near.</summary>
internal readonly unsafe struct BFloat16Format : INumberFormat<ushort>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ushort* from) => (Widen(Vector256.Load(from)) << 16).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, ushort* to)
    {
        Vector512<uint> bits = values.AsUInt32();
        // What is not a number stays so: arithmetic makes it with a lower half of zeros, or keeps the one that was read.
        Narrow((bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(Vector256<ushort> halves)
    {
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512UInt32(halves);
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(halves);
        return Vector512.Create(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Narrow(Vector512<uint> values) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector256UInt16(values)
        : Vector256.Narrow(values.GetLower(), values.GetUpper());
}
