// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// Where attention is made of products of whole heads. libtorch's fused operator multiplies small pieces, which costs more than it saves in
/// 16 bits: on 2 cores of a Zen 4 EPYC it took 1.3 to 1.5 times as long to score, and 1.2 to 2.8 times as long in a training step.
/// In Float32 it is ahead, and stays, but for processors where oneDNN multiplies about twice as fast as what libtorch's operator uses.
/// </summary>
internal static class AttentionProducts
{
    /// <summary>
    /// Where libtorch goes back, probabilities are kept: 2 N bytes a head and token. Up to so many tokens for each value of a head, that is
    /// less than what a step keeps otherwise.
    /// </summary>
    private const long TokensPerHeadValue = 12;

    /// <summary>
    /// With fewer tokens products are small, and what a call costs counts. On a Zen 5 EPYC, attention and its way back took 0.87 of the
    /// fused operator's time with 512 tokens and 64 values of a head, and 1.1 of it with 392.
    /// </summary>
    private const long FewestTokensByHead = 512;

    /// <summary>
    /// What multiplies in Float32, head by head; null where the fused operator is to attend. On 2 cores of a Zen 5 EPYC, with full-width
    /// AVX-512, the fused operator took 54 ms for 1568 tokens and 12 heads, and products took 28. On a Zen 4 EPYC they took longer.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="type">The type of its products.</param>
    /// <param name="oneDnn">Checks oneDNN's products; null where it is not to do them.</param>
    internal static CheckedProducts? ByHead(VideoMaeConfig config, ScalarType type, OperatorCheck? oneDnn) =>
        oneDnn is not null && type == ScalarType.Float32 && PayByHead(config.NumPatches)
        && ProductSpeeds.Of(config.NumPatches, config.HiddenSize, config.IntermediateSize).OneDnnPays
            ? CheckedProducts.OfOneDnn(oneDnn) : null;

    /// <summary>Whether there are tokens enough to multiply head by head, where that is faster.</summary>
    internal static bool PayByHead(long tokens) => tokens >= FewestTokensByHead;

    /// <summary>Whether they are faster than the fused operator.</summary>
    /// <param name="query">[B, heads, N, d].</param>
    internal static bool Pay(Tensor query) =>
        query.dtype == ScalarType.BFloat16 && query.device_type == TorchSharp.DeviceType.CPU && ArePossible;

    /// <summary>Whether they are faster where libtorch goes back, at a bearable price in memory.</summary>
    /// <param name="query">[B, heads, N, d].</param>
    internal static bool PayInTraining(Tensor query) => Pay(query) && query.shape[2] <= TokensPerHeadValue * query.shape[3];

    /// <summary>Whether products in 16 bits are fast on this processor, and fast paths are on.</summary>
    internal static bool ArePossible => BFloat16Support.IsFast && FastPaths.AreOn;

    /// <summary>Attends without gradients, to as many heads at once as fit the caches, or to one.</summary>
    /// <param name="joined">Queries, keys and values, [B, N, 3, heads, d].</param>
    /// <param name="products">What multiplies, head by head; null for libtorch.</param>
    /// <returns>[B, N, heads * d].</returns>
    internal static Tensor Attend(Tensor joined, CheckedProducts? products = null)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        Tensor contexts = AttentionRows.AreAvailable
            ? new HeadAttention(products).Attend(joined).Contexts   // [B, N, heads, d]
            : ByOperators(joined, products);
        return contexts.flatten(2).MoveToOuterDisposeScope();
    }

    /// <summary>The same with libtorch's operators between products, for systems where loops of ours cannot run in its threads.</summary>
    /// <returns>[B, N, heads, d].</returns>
    internal static Tensor ByOperators(Tensor joined, CheckedProducts? products)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        (long clips, long tokens, long heads, long width) = (joined.shape[0], joined.shape[1], joined.shape[3], joined.shape[4]);
        Tensor parts = joined.permute(2, 0, 3, 1, 4).contiguous().view(3, -1, tokens, width);   // [3, B * heads, N, d]
        Tensor contexts = joined.new_empty([clips * heads, tokens, width]);
        foreach (HeadRange range in HeadAttention.Ranges(joined, products is not null))
        {
            using TorchSharp.DisposeScope some = NewDisposeScope();
            Tensor[] of = parts.narrow(1, range.First, range.Count).unbind(0);                  // 3 of [range, N, d]
            Tensor scores = HeadAttention.Product(products, ProductUse.Scores, of[0], of[1]);   // [range, N, N]
            Tensor probabilities = scores.TimesInPlace(HeadAttention.Scale(width)).softmax(-1);
            contexts.narrow(0, range.First, range.Count)
                .copy_(HeadAttention.Product(products, ProductUse.Contexts, probabilities, of[2].transpose(1, 2)));
        }

        return contexts.view(clips, heads, tokens, width).transpose(1, 2).MoveToOuterDisposeScope();
    }
}
