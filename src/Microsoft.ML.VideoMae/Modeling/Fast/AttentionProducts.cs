// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Attention in 16 bits as products of whole heads. libtorch's fused operator multiplies small pieces, which costs more than it saves in
/// this type: on 2 cores of a Zen 4 EPYC it took 1.3 to 1.5 times as long to score, and 1.2 to 2.8 times as long in a training step.
/// In Float32 it is ahead, and stays, but for processors where oneDNN multiplies about twice as fast as what libtorch's operator uses.
/// </summary>
internal static class AttentionProducts
{
    /// <summary>The scores of so many pairs of tokens, 5 MB in 16 bits, stay in the processor's caches.</summary>
    private const long ScoresAtOnce = 2_500_000;

    /// <summary>
    /// For the way back, probabilities are kept: 2 N bytes a head and token. Up to so many tokens for each value of a head, that is less
    /// than what a step keeps otherwise.
    /// </summary>
    private const long TokensPerHeadValue = 12;

    /// <summary>With fewer tokens products are small, and what a call costs counts. None below was measured.</summary>
    private const long FewestTokensByHead = 1024;

    /// <summary>
    /// What multiplies in Float32, head by head; null where the fused operator is to attend. On 2 cores of a Zen 5 EPYC, with full-width
    /// AVX-512, the fused operator took 61 ms for 1568 tokens and 12 heads, and products took 38. On a Zen 4 EPYC they took longer.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="type">The type of its products.</param>
    /// <param name="oneDnn">Checks oneDNN's products; null where it is not to do them.</param>
    internal static CheckedProducts? ByHead(VideoMaeConfig config, ScalarType type, OperatorCheck? oneDnn) =>
        oneDnn is not null && type == ScalarType.Float32 && config.NumPatches >= FewestTokensByHead
        && ProductSpeeds.Of(config.NumPatches, config.HiddenSize, config.IntermediateSize).OneDnnPays
            ? CheckedProducts.OfOneDnn(oneDnn) : null;

    /// <summary>Whether they are faster than the fused operator.</summary>
    /// <param name="query">[B, heads, N, d].</param>
    internal static bool Pay(Tensor query) =>
        query.dtype == ScalarType.BFloat16 && query.device_type == TorchSharp.DeviceType.CPU && BFloat16Support.IsFast && FastPaths.AreOn;

    /// <summary>Whether they are faster where gradients are wanted, at a bearable price in memory.</summary>
    /// <param name="query">[B, heads, N, d].</param>
    internal static bool PayInTraining(Tensor query) => Pay(query) && query.shape[2] <= TokensPerHeadValue * query.shape[3];

    /// <summary>Attends without gradients, to as many heads at once as fit the caches.</summary>
    /// <param name="joined">Queries, keys and values, [B, N, 3, heads, d].</param>
    /// <returns>[B, N, heads * d].</returns>
    internal static Tensor Attend(Tensor joined)
    {
        (Tensor query, Tensor key, Tensor value) = Parts(joined);                               // each [B * heads, N, d]
        key = key.transpose(1, 2);                                                              // [B * heads, d, N]
        Tensor context = empty_like(value);                                                     // [B * heads, N, d]
        long tokens = value.shape[1], all = value.shape[0];
        long atOnce = Math.Max(1, ScoresAtOnce / (tokens * tokens));
        for (long first = 0; first < all; first += atOnce)
        {
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            long count = Math.Min(atOnce, all - first);
            Tensor scores = query.narrow(0, first, count).bmm(key.narrow(0, first, count));     // [count, N, N]
            context.narrow(0, first, count).copy_(scores.softmax(-1).bmm(value.narrow(0, first, count)));
        }

        return Joined(context, joined);
    }

    /// <summary>Attends without gradients, head by head: the scores of one stay in the processor's caches.</summary>
    /// <param name="joined">Queries, keys and values, [B, N, 3, heads, d].</param>
    /// <param name="products">What multiplies.</param>
    /// <returns>[B, N, heads * d].</returns>
    internal static Tensor Attend(Tensor joined, CheckedProducts products)
    {
        (Tensor query, Tensor key, Tensor value) = Parts(joined);                               // each [B * heads, N, d]
        Tensor columns = value.transpose(1, 2).contiguous();                                    // [B * heads, d, N]
        Tensor context = empty_like(value);                                                     // [B * heads, N, d]
        for (long head = 0; head < value.shape[0]; head++)
        {
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            Tensor scores = products.Multiply(ProductUse.Scores, query[head], key[head]);       // [N, N]
            context[head].copy_(products.Multiply(ProductUse.Contexts, scores.softmax(-1), columns[head]));
        }

        return Joined(context, joined);
    }

    /// <summary>Queries that are scaled already, keys and values, each [B * heads, N, d].</summary>
    private static (Tensor Query, Tensor Key, Tensor Value) Parts(Tensor joined)
    {
        long tokens = joined.shape[1], width = joined.shape[4];
        Tensor parts = joined.permute(2, 0, 3, 1, 4).contiguous().view(3, -1, tokens, width);
        return (parts[0].Times(1 / Math.Sqrt(width)), parts[1], parts[2]);
    }

    /// <summary>[B * heads, N, d] to [B, N, heads * d].</summary>
    private static Tensor Joined(Tensor context, Tensor joined) =>
        context.view(joined.shape[0], joined.shape[3], joined.shape[1], joined.shape[4]).transpose(1, 2).flatten(2);
}
