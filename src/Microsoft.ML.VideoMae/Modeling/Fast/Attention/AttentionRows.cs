// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>The loops of attention over rows of tensors, in Float32 or BFloat16, on the CPU; tensors lie in memory without gaps.</summary>
internal static unsafe class AttentionRows
{
    /// <summary>Whether the loops can run here.</summary>
    internal static bool AreAvailable => OpenMp.IsAvailable && TorchLibrary.GivesData;

    /// <summary>Queries, keys and values of some heads, [3, range, N, d], out of those of all, [B, N, 3, heads, d].</summary>
    internal static Tensor Parts(Tensor joined, HeadRange range)
    {
        Tensor parts = joined.new_empty([3, range.Count, range.Tokens, range.Width]);
        if (IsShort(joined))
            OpenMp.For(range.Rows, new PartRows<ushort>(At<ushort>(joined), At<ushort>(parts), range));
        else
            OpenMp.For(range.Rows, new PartRows<float>(At<float>(joined), At<float>(parts), range));
        return parts;
    }

    /// <summary>Makes exp(scale * scores) of scores, over the largest of each row; see <see cref="SoftmaxRows{T,TFormat}"/>.</summary>
    /// <param name="scores">[range, N, N]; are changed.</param>
    /// <param name="scale">What scores are multiplied by.</param>
    /// <param name="logSums">[range, N]; written.</param>
    /// <returns>1 over the sums of rows, [range, N].</returns>
    internal static Tensor Softmax(Tensor scores, double scale, Tensor logSums)
    {
        Tensor inverses = empty_like(logSums);
        long rows = logSums.numel(), tokens = scores.shape[^1];
        float* inverse = At<float>(inverses), logSum = At<float>(logSums);
        if (IsShort(scores))
            OpenMp.For(rows, new SoftmaxRows<ushort, BFloat16Format>(At<ushort>(scores), tokens, (float)scale, inverse, logSum));
        else
            OpenMp.For(rows, new SoftmaxRows<float, SingleFormat>(At<float>(scores), tokens, (float)scale, inverse, logSum));
        return inverses;
    }

    /// <summary>Puts contexts, [range, N, d], times a factor for each row, [range, N], among those of all, [B, N, heads, d].</summary>
    internal static void PutContexts(Tensor contexts, Tensor factors, Tensor joined, HeadRange range)
    {
        float* factor = At<float>(factors);
        if (IsShort(joined))
            OpenMp.For(range.Rows, new ContextRows<ushort, BFloat16Format>(At<ushort>(contexts), factor, At<ushort>(joined), range));
        else
            OpenMp.For(range.Rows, new ContextRows<float, SingleFormat>(At<float>(contexts), factor, At<float>(joined), range));
    }

    /// <summary>Gradients of contexts of some heads, [range, N, d], and the sums of their products with the contexts, [range, N].</summary>
    /// <param name="gradients">Of all heads, [B, N, heads, d].</param>
    /// <param name="contexts">Of all heads, [B, N, heads, d].</param>
    /// <param name="range">The heads.</param>
    internal static (Tensor Gradients, Tensor Deltas) ContextGradients(Tensor gradients, Tensor contexts, HeadRange range)
    {
        Tensor parts = gradients.new_empty([range.Count, range.Tokens, range.Width]);
        Tensor deltas = empty([range.Count, range.Tokens], ScalarType.Float32);
        float* delta = At<float>(deltas);
        if (IsShort(gradients))
            OpenMp.For(range.Rows, new ContextGradientRows<ushort, BFloat16Format>(
                At<ushort>(gradients), At<ushort>(contexts), At<ushort>(parts), delta, range));
        else
            OpenMp.For(range.Rows, new ContextGradientRows<float, SingleFormat>(
                At<float>(gradients), At<float>(contexts), At<float>(parts), delta, range));
        return (parts, deltas);
    }

    /// <summary>
    /// Makes probabilities of scores, and the gradients of scores of those of probabilities: see
    /// <see cref="SoftmaxGradientRows{T,TFormat}"/>.
    /// </summary>
    /// <param name="scores">[range, N, N]; are changed.</param>
    /// <param name="gradients">[range, N, N]; are changed.</param>
    /// <param name="scale">What scores are multiplied by.</param>
    /// <param name="logSums">[range, N].</param>
    /// <param name="deltas">[range, N].</param>
    internal static void SoftmaxGradients(Tensor scores, Tensor gradients, double scale, Tensor logSums, Tensor deltas)
    {
        long rows = logSums.numel(), tokens = scores.shape[^1];
        float* logSum = At<float>(logSums), delta = At<float>(deltas);
        if (IsShort(scores))
            OpenMp.For(rows, new SoftmaxGradientRows<ushort, BFloat16Format>(
                At<ushort>(scores), At<ushort>(gradients), tokens, (float)scale, logSum, delta));
        else
            OpenMp.For(rows, new SoftmaxGradientRows<float, SingleFormat>(
                At<float>(scores), At<float>(gradients), tokens, (float)scale, logSum, delta));
    }

    /// <summary>Puts gradients of queries, keys or values of some heads among those of all.</summary>
    /// <param name="gradients">[range, N, d], in any order of memory.</param>
    /// <param name="joined">[B, N, 3, heads, d].</param>
    /// <param name="part">0 for queries, 1 for keys, 2 for values.</param>
    /// <param name="range">The heads.</param>
    internal static void PutGradients(Tensor gradients, Tensor joined, int part, HeadRange range)
    {
        long[] s = gradients.stride();
        (long, long, long) strides = (s[0], s[1], s[2]);
        long offset = part * range.Heads * range.Width;
        void* from = TorchLibrary.Data(gradients);
        if (IsShort(joined))
            OpenMp.For(range.Rows, new PartGradientRows<ushort>((ushort*)from, strides, At<ushort>(joined) + offset, range));
        else
            OpenMp.For(range.Rows, new PartGradientRows<float>((float*)from, strides, At<float>(joined) + offset, range));
    }

    private static bool IsShort(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float32 => false,
        ScalarType.BFloat16 => true,
        _ => throw new ArgumentException($"Attention by rows is there for Float32 and BFloat16, not for {tensor.dtype}."),
    };

    /// <summary>Where a tensor without gaps begins.</summary>
    private static T* At<T>(Tensor tensor)
        where T : unmanaged => tensor.is_contiguous()
            ? (T*)TorchLibrary.Data(tensor)
            : throw new ArgumentException("Rows must lie in memory without gaps.");
}
