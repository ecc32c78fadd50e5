// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Softmax without its division: a row of scores s becomes exp(c s) over its largest, in one pass while it is in the cache. The division by
/// the sum follows where it costs little, in the contexts. Logarithms are those to the base 2: exp(c s) is 2^(c s / ln 2).
/// </summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <typeparam name="TFormat">How numbers lie in memory.</typeparam>
/// <param name="scores">[rows, tokens]; are changed.</param>
/// <param name="tokens">The scores of a row.</param>
/// <param name="scale">The factor c.</param>
/// <param name="inverses">1 over the sum of each row, [rows]; written.</param>
/// <param name="logSums">The logarithm of the sum of exp(c s) of each row, to the base 2, [rows]; written.</param>
internal readonly unsafe struct SoftmaxRows<T, TFormat>(T* scores, long tokens, float scale, float* inverses, float* logSums) : IRows
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    private readonly T* _scores = scores;
    private readonly long _tokens = tokens;
    private readonly float _power = scale * MathF.Log2(MathF.E);
    private readonly float* _inverses = inverses;
    private readonly float* _logSums = logSums;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long first, long end)
    {
        for (long row = first; row < end; row++)
        {
            T* scores = _scores + row * _tokens;
            float largest = Largest(scores, _tokens) * _power, sum = Exponentials(scores, _tokens, _power, largest);
            _inverses[row] = 1 / sum;
            _logSums[row] = largest + MathF.Log2(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest(T* scores, long tokens)
    {
        // The last ones come first: with a call behind the loop, the compiler would keep in memory what the loop works on.
        long whole = LastOfRow<T, TFormat>.Begin(tokens);
        Vector512<float> most = LastOfRow<T, TFormat>.Load(scores + whole, tokens - whole, float.NegativeInfinity);
        for (long i = 0; i < whole; i += Vector512<float>.Count)
            most = Vector512.MaxNative(most, TFormat.Load(scores + i));
        Vector256<float> half = Vector256.MaxNative(most.GetLower(), most.GetUpper());
        Vector128<float> quarter = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentials(T* scores, long tokens, float power, float largest)
    {
        Vector512<float> factor = Vector512.Create(power), less = Vector512.Create(-largest);
        long whole = LastOfRow<T, TFormat>.Begin(tokens);
        Vector512<float> sum = LastOfRow<T, TFormat>.Load(scores + whole, tokens - whole, float.NegativeInfinity);
        sum = PowerOfTwo.Of(Vector512.FusedMultiplyAdd(sum, factor, less));
        LastOfRow<T, TFormat>.Store(sum, scores + whole, tokens - whole);
        for (long i = 0; i < whole; i += Vector512<float>.Count)
        {
            Vector512<float> values = PowerOfTwo.Of(Vector512.FusedMultiplyAdd(TFormat.Load(scores + i), factor, less));
            TFormat.Store(values, scores + i);
            sum += values;
        }

        return Vector512.Sum(sum);
    }
}

/// <summary>
/// The way back through softmax: a row of scores s becomes probabilities p = exp(c s) over their sum, and one of their gradients g becomes
/// the gradients of scores, c p (g - delta), where delta is the sum of p g (Dao et al., 2022, arXiv:2205.14135, appendix B).
/// </summary>
/// <typeparam name="T">Has the size of a number.</typeparam>
/// <typeparam name="TFormat">How numbers lie in memory.</typeparam>
/// <param name="scores">[rows, tokens]; become probabilities.</param>
/// <param name="gradients">[rows, tokens]; of probabilities, become those of scores.</param>
/// <param name="tokens">The scores of a row.</param>
/// <param name="scale">The factor c.</param>
/// <param name="logSums">Those of <see cref="SoftmaxRows{T,TFormat}"/>, [rows].</param>
/// <param name="deltas">[rows].</param>
internal readonly unsafe struct SoftmaxGradientRows<T, TFormat>(
    T* scores, T* gradients, long tokens, float scale, float* logSums, float* deltas) : IRows
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    private readonly T* _scores = scores;
    private readonly T* _gradients = gradients;
    private readonly long _tokens = tokens;
    private readonly float _scale = scale;
    private readonly float* _logSums = logSums;
    private readonly float* _deltas = deltas;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long first, long end)
    {
        for (long row = first; row < end; row++)
            Run(_scores + row * _tokens, _gradients + row * _tokens, _tokens, _scale, _logSums[row], _deltas[row]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(T* scores, T* gradients, long tokens, float scale, float logSum, float delta)
    {
        Vector512<float> power = Vector512.Create(scale * MathF.Log2(MathF.E)), less = Vector512.Create(-logSum);
        Vector512<float> factor = Vector512.Create(scale), mean = Vector512.Create(delta);
        long whole = LastOfRow<T, TFormat>.Begin(tokens), left = tokens - whole;
        Vector512<float> last = LastOfRow<T, TFormat>.Load(scores + whole, left, 0);
        last = PowerOfTwo.Of(Vector512.FusedMultiplyAdd(last, power, less));
        LastOfRow<T, TFormat>.Store(last, scores + whole, left);
        last *= factor * (LastOfRow<T, TFormat>.Load(gradients + whole, left, 0) - mean);
        LastOfRow<T, TFormat>.Store(last, gradients + whole, left);
        for (long i = 0; i < whole; i += Vector512<float>.Count)
        {
            Vector512<float> values = PowerOfTwo.Of(Vector512.FusedMultiplyAdd(TFormat.Load(scores + i), power, less));
            TFormat.Store(values, scores + i);
            TFormat.Store(values * factor * (TFormat.Load(gradients + i) - mean), gradients + i);
        }
    }
}
