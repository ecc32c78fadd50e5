// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// The attention of blocks in training, where products of whole heads are faster than libtorch's fused operator. libtorch records nothing
/// of it. A <see cref="BackwardPass"/> goes through it on its way.
/// </summary>
internal sealed class BlockAttention
{
    private readonly BackwardPass _way;
    private readonly HeadAttention _heads;

    private BlockAttention(BackwardPass way, HeadAttention heads)
    {
        _way = way;
        _heads = heads;
    }

    /// <summary>The attention for a forward pass through blocks; null where libtorch's is to attend.</summary>
    /// <param name="way">The way back of the model whose blocks these are.</param>
    /// <param name="x">What goes into the first block, [B, N, D].</param>
    /// <param name="type">The type of products; null for the parameters' own.</param>
    /// <param name="products">What multiplies in the linear layers of these blocks; null for libtorch.</param>
    internal static BlockAttention? For(BackwardPass way, Tensor x, ScalarType? type, BlockProducts? products)
    {
        if (x.device_type != DeviceType.CPU || !AttentionRows.AreAvailable)
            return null;
        HeadAttention? heads = (type ?? x.dtype) switch
        {
            ScalarType.BFloat16 => AttentionProducts.ArePossible ? new HeadAttention(null) : null,
            ScalarType.Float32 when products is not null && AttentionProducts.PayByHead(x.shape[1]) => new HeadAttention(products.Products),
            _ => null,
        };
        return heads is null ? null : new BlockAttention(way, heads);
    }

    /// <summary>Attends; the graph begins anew there.</summary>
    /// <param name="joined">Queries, keys and values, [B, N, 3, heads, d].</param>
    /// <returns>The contexts, [B, N, heads * d].</returns>
    internal Tensor Attend(Tensor joined)
    {
        Tensor contexts, logSums;
        using (IDisposable noGrad = no_grad())
            (contexts, logSums) = _heads.Attend(joined);
        if (is_grad_enabled() && joined.requires_grad)
        {
            contexts.DetachFromDisposeScope().requires_grad = true;
            _way.Add(new Piece(_heads, joined.alias().DetachFromDisposeScope(), contexts, logSums.DetachFromDisposeScope()));
        }

        return contexts.flatten(2);
    }

    /// <summary>From the contexts to queries, keys and values.</summary>
    private sealed class Piece(HeadAttention heads, Tensor joined, Tensor contexts, Tensor logSums) : BackwardPiece
    {
        internal override void Run(Action<TransformerBlock> passed)
        {
            using DisposeScope scope = NewDisposeScope();
            if (contexts.grad is not Tensor gradient)
                return; // The loss has nothing to do with it.
            Tensor result;
            using (IDisposable noGrad = no_grad())
                result = heads.Gradient(joined, contexts, logSums, gradient);
            joined.backward([result]);
        }

        public override void Dispose()
        {
            joined.Dispose();
            contexts.Dispose();
            logSums.Dispose();
        }
    }
}
