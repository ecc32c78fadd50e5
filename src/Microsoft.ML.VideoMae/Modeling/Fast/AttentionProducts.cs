// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Attention in 16 bits as products of whole heads. libtorch's fused operator multiplies small pieces, which costs more than it saves in
/// this type: on 2 cores of a Zen 4 EPYC it took 1.3 to 1.5 times as long to score, and 1.2 to 2.8 times as long in a training step. In
/// Float32 it is ahead, and stays.
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
        long clips = joined.shape[0], tokens = joined.shape[1], heads = joined.shape[3], width = joined.shape[4], all = clips * heads;
        Tensor parts = joined.permute(2, 0, 3, 1, 4).contiguous().view(3, all, tokens, width);  // [3, B * heads, N, d]
        Tensor query = parts[0].Times(1 / Math.Sqrt(width)), key = parts[1].transpose(1, 2), value = parts[2];
        Tensor context = empty_like(value);                                                     // [B * heads, N, d]
        long atOnce = Math.Max(1, ScoresAtOnce / (tokens * tokens));
        for (long first = 0; first < all; first += atOnce)
        {
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            long count = Math.Min(atOnce, all - first);
            Tensor scores = query.narrow(0, first, count).bmm(key.narrow(0, first, count));     // [count, N, N]
            context.narrow(0, first, count).copy_(scores.softmax(-1).bmm(value.narrow(0, first, count)));
        }

        return context.view(clips, heads, tokens, width).transpose(1, 2).flatten(2);
    }
}
