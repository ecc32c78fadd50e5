// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Reads and writes the numbers at the end of a row, where fewer than 16 are left.</summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <typeparam name="TFormat">How numbers lie in memory.</typeparam>
internal static unsafe class LastOfRow<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>Where they begin in a row of so many numbers.</summary>
    internal static long Begin(long numbers) => numbers / Vector512<float>.Count * Vector512<float>.Count;

    /// <summary>Reads them; <paramref name="rest"/> stands for what is missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Load(T* from, long left, float rest) => left == 0 ? Vector512.Create(rest) : LoadSome(from, left, rest);

    /// <summary>Writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector512<float> values, T* to, long left)
    {
        if (left > 0)
            StoreSome(values, to, left);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> LoadSome(T* from, long left, float rest)
    {
        T* numbers = stackalloc T[Vector512<float>.Count];
        TFormat.Store(Vector512.Create(rest), numbers);
        new ReadOnlySpan<T>(from, (int)left).CopyTo(new Span<T>(numbers, Vector512<float>.Count));
        return TFormat.Load(numbers);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreSome(Vector512<float> values, T* to, long left)
    {
        T* numbers = stackalloc T[Vector512<float>.Count];
        TFormat.Store(values, numbers);
        new ReadOnlySpan<T>(numbers, (int)left).CopyTo(new Span<T>(to, (int)left));
    }
}
