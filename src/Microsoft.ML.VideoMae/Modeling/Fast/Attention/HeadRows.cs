// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Some heads of a batch: a row is a token in one of them.</summary>
/// <param name="First">The first head, counted through all clips.</param>
/// <param name="Count">The number of heads.</param>
/// <param name="Tokens">The tokens of a clip.</param>
/// <param name="Heads">The heads of a clip.</param>
/// <param name="Width">The values of a token in a head.</param>
internal readonly record struct HeadRange(long First, long Count, long Tokens, long Heads, long Width)
{
    /// <summary>The rows of all of them.</summary>
    internal long Rows => Count * Tokens;

    /// <summary>Where a row is in [clips, tokens, parts, heads, width].</summary>
    internal long Place(long row, long parts)
    {
        long head = First + row / Tokens, token = row % Tokens;
        return ((head / Heads * Tokens + token) * parts * Heads + head % Heads) * Width;
    }
}

/// <summary>Takes the queries, keys and values of some heads out of those of all.</summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <param name="joined">[clips, tokens, 3, heads, width].</param>
/// <param name="parts">[3, range, tokens, width]; written.</param>
/// <param name="range">The heads.</param>
internal readonly unsafe struct PartRows<T>(T* joined, T* parts, HeadRange range) : IRows
    where T : unmanaged
{
    private readonly T* _joined = joined;
    private readonly T* _parts = parts;
    private readonly HeadRange _range = range;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long first, long end)
    {
        int width = (int)_range.Width;
        for (long row = first; row < end; row++)
        {
            T* from = _joined + _range.Place(row, 3), to = _parts + row * width;
            for (int part = 0; part < 3; part++)
                new ReadOnlySpan<T>(from + part * _range.Heads * width, width).CopyTo(new Span<T>(to + part * _range.Rows * width, width));
        }
    }
}

/// <summary>Puts the contexts of some heads among those of all, each multiplied by a number of its own.</summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <typeparam name="TFormat">How numbers lie in memory.</typeparam>
/// <param name="contexts">[range, tokens, width].</param>
/// <param name="factors">[range, tokens].</param>
/// <param name="joined">[clips, tokens, heads, width]; written.</param>
/// <param name="range">The heads.</param>
internal readonly unsafe struct ContextRows<T, TFormat>(T* contexts, float* factors, T* joined, HeadRange range) : IRows
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    private readonly T* _contexts = contexts;
    private readonly float* _factors = factors;
    private readonly T* _joined = joined;
    private readonly HeadRange _range = range;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long first, long end)
    {
        long width = _range.Width;
        for (long row = first; row < end; row++)
        {
            T* from = _contexts + row * width, to = _joined + _range.Place(row, 1);
            Vector512<float> factor = Vector512.Create(_factors[row]);
            long whole = LastOfRow<T, TFormat>.Begin(width), left = width - whole;
            LastOfRow<T, TFormat>.Store(LastOfRow<T, TFormat>.Load(from + whole, left, 0) * factor, to + whole, left);
            for (long i = 0; i < whole; i += Vector512<float>.Count)
                TFormat.Store(TFormat.Load(from + i) * factor, to + i);
        }
    }
}

/// <summary>Takes the gradients of the contexts of some heads out of those of all, and sums up their products with the contexts.</summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <typeparam name="TFormat">How numbers lie in memory.</typeparam>
/// <param name="gradients">[clips, tokens, heads, width].</param>
/// <param name="contexts">[clips, tokens, heads, width].</param>
/// <param name="parts">[range, tokens, width]; written.</param>
/// <param name="deltas">[range, tokens]; written.</param>
/// <param name="range">The heads.</param>
internal readonly unsafe struct ContextGradientRows<T, TFormat>(
    T* gradients, T* contexts, T* parts, float* deltas, HeadRange range) : IRows
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    private readonly T* _gradients = gradients;
    private readonly T* _contexts = contexts;
    private readonly T* _parts = parts;
    private readonly float* _deltas = deltas;
    private readonly HeadRange _range = range;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long first, long end)
    {
        long width = _range.Width;
        for (long row = first; row < end; row++)
        {
            long place = _range.Place(row, 1);
            T* gradients = _gradients + place, contexts = _contexts + place, to = _parts + row * width;
            long whole = LastOfRow<T, TFormat>.Begin(width), left = width - whole;
            Vector512<float> sum = LastOfRow<T, TFormat>.Load(gradients + whole, left, 0)
                * LastOfRow<T, TFormat>.Load(contexts + whole, left, 0);
            for (long i = 0; i < whole; i += Vector512<float>.Count)
                sum += TFormat.Load(gradients + i) * TFormat.Load(contexts + i);
            new ReadOnlySpan<T>(gradients, (int)width).CopyTo(new Span<T>(to, (int)width));
            _deltas[row] = Vector512.Sum(sum);
        }
    }
}

/// <summary>Puts the gradients of queries, keys or values of some heads among those of all.</summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <param name="gradients">[range, tokens, width], in any order of memory.</param>
/// <param name="strides">How far apart heads, tokens and values are there.</param>
/// <param name="joined">Of the part: [clips, tokens, 3, heads, width]; written.</param>
/// <param name="range">The heads.</param>
internal readonly unsafe struct PartGradientRows<T>(
    T* gradients, (long Head, long Token, long Value) strides, T* joined, HeadRange range) : IRows
    where T : unmanaged
{
    private readonly T* _gradients = gradients;
    private readonly (long Head, long Token, long Value) _strides = strides;
    private readonly T* _joined = joined;
    private readonly HeadRange _range = range;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long first, long end)
    {
        long width = _range.Width, step = _strides.Value;
        for (long row = first; row < end; row++)
        {
            T* from = _gradients + row / _range.Tokens * _strides.Head + row % _range.Tokens * _strides.Token;
            T* to = _joined + _range.Place(row, 3);
            for (long i = 0; i < width; i++)
                to[i] = from[i * step];
        }
    }
}
