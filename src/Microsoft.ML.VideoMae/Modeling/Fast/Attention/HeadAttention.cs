// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Attention as products of whole heads, some at a time, with loops of ours between them. Scores are computed again on the way back, as
/// FlashAttention does (Dao et al., 2022, arXiv:2205.14135): what is kept of a row of scores is the logarithm of one sum.
/// </summary>
/// <param name="products">What multiplies the scores of one head at a time, without gradients; null for libtorch, and several heads.</param>
internal sealed class HeadAttention(CheckedProducts? products)
{
    /// <summary>The scores of so many pairs of tokens, 5 MB in 16 bits, stay in the processor's caches.</summary>
    private const long ScoresAtOnce = 2_500_000;

    /// <summary>Attends, without gradients.</summary>
    /// <param name="joined">Queries, keys and values, [B, N, 3, heads, d].</param>
    /// <returns>The contexts, [B, N, heads, d], and the logarithms of the sums of rows, [B * heads, N].</returns>
    internal (Tensor Contexts, Tensor LogSums) Attend(Tensor joined)
    {
        using DisposeScope scope = NewDisposeScope();
        joined = joined.contiguous();
        (long clips, long tokens, long heads, long width) = (joined.shape[0], joined.shape[1], joined.shape[3], joined.shape[4]);
        Tensor contexts = joined.new_empty([clips, tokens, heads, width]), logSums = empty([clips * heads, tokens], ScalarType.Float32);
        foreach (HeadRange range in Ranges(joined, products is not null))
        {
            using DisposeScope some = NewDisposeScope();
            Tensor parts = AttentionRows.Parts(joined, range);                                          // [3, range, N, d]
            Tensor scores = Product(products, ProductUse.Scores, parts[0], parts[1]);                   // [range, N, N]
            Tensor inverses = AttentionRows.Softmax(scores, Scale(width), Of(logSums, range));
            Tensor sums = Product(products, ProductUse.Contexts, scores, parts[2].transpose(1, 2));     // [range, N, d]
            AttentionRows.PutContexts(sums, inverses, contexts, range);
        }

        return (contexts.MoveToOuterDisposeScope(), logSums.MoveToOuterDisposeScope());
    }

    /// <summary>The gradient of queries, keys and values, [B, N, 3, heads, d].</summary>
    /// <param name="joined">Queries, keys and values, [B, N, 3, heads, d].</param>
    /// <param name="contexts">What <see cref="Attend"/> gave for them.</param>
    /// <param name="logSums">The same.</param>
    /// <param name="gradient">Of the contexts, [B, N, heads, d].</param>
    internal Tensor Gradient(Tensor joined, Tensor contexts, Tensor logSums, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        (joined, contexts, gradient) = (joined.contiguous(), contexts.contiguous(), gradient.contiguous());
        Tensor result = empty_like(joined);
        foreach (HeadRange range in Ranges(joined, products is not null))
        {
            using DisposeScope some = NewDisposeScope();
            Tensor parts = AttentionRows.Parts(joined, range);                                          // [3, range, N, d]
            (Tensor query, Tensor key, Tensor value) = (parts[0], parts[1], parts[2]);
            (Tensor outer, Tensor deltas) = AttentionRows.ContextGradients(gradient, contexts, range);  // [range, N, d]
            Tensor scores = Product(products, ProductUse.Scores, query, key);                           // [range, N, N]
            Tensor slopes = Product(products, ProductUse.GradientOfProbabilities, outer, value);        // [range, N, N]
            AttentionRows.SoftmaxGradients(scores, slopes, Scale(range.Width), Of(logSums, range), deltas);
            Put(Product(products, ProductUse.GradientOfQueries, slopes, key.transpose(1, 2)), 0);
            Put(Transposed(ProductUse.GradientOfKeys, slopes, query), 1);
            Put(Transposed(ProductUse.GradientOfValues, scores, outer), 2);

            void Put(Tensor part, int index) => AttentionRows.PutGradients(part, result, index, range);
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>What scores are multiplied by.</summary>
    internal static double Scale(long width) => 1 / Math.Sqrt(width);

    /// <summary>The heads of all clips, as many at a time as are multiplied together.</summary>
    /// <param name="joined">[B, N, 3, heads, d].</param>
    /// <param name="isOneByOne">Whether each is multiplied alone.</param>
    internal static IEnumerable<HeadRange> Ranges(Tensor joined, bool isOneByOne)
    {
        (long tokens, long heads, long width) = (joined.shape[1], joined.shape[3], joined.shape[4]);
        long all = joined.shape[0] * heads, atOnce = isOneByOne ? 1 : Math.Max(1, ScoresAtOnce / (tokens * tokens));
        for (long first = 0; first < all; first += atOnce)
            yield return new HeadRange(first, Math.Min(atOnce, all - first), tokens, heads, width);
    }

    /// <summary>a b^T of [range, n, k] and [range, m, k]: [range, n, m].</summary>
    internal static Tensor Product(CheckedProducts? products, ProductUse use, Tensor a, Tensor b) => products is null
        ? a.bmm(b.transpose(1, 2))
        : products.Multiply(use, a[0], b[0]).unsqueeze(0);

    /// <summary>
    /// a^T b of [range, n, m] and [range, n, k]: [range, m, k]. oneDNN takes a second factor in any order of memory, but copies the first.
    /// </summary>
    private Tensor Transposed(ProductUse use, Tensor a, Tensor b) => products is null
        ? a.transpose(1, 2).bmm(b)
        : products.Multiply(use, b[0].t(), a[0].t()).t().unsqueeze(0);

    private static Tensor Of(Tensor rows, HeadRange range) => rows.narrow(0, range.First, range.Count);
}
