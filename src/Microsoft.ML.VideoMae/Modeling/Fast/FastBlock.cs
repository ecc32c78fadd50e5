// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// A transformer block for inference: the contract of <see cref="TransformerBlock"/> without dropout and attention maps. Queries, keys and
/// values are one product whose weights were joined once; sums and normalisation are in 32 bits whatever the products are in.
/// </summary>
internal sealed class FastBlock : IDisposable
{
    private readonly ScalarType _type;
    private readonly int _heads;
    private readonly bool _isGelu;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly Norm _before;
    private readonly Norm _after;
    private readonly FastLinear _qkv;
    private readonly FastLinear _projection;
    private readonly FastLinear _intermediate;
    private readonly FastLinear _output;
    private readonly CheckedProducts? _attention;

    /// <param name="block">The block; the memory of its parameters may be shared.</param>
    /// <param name="names">What messages call its parts.</param>
    /// <param name="config">The model.</param>
    /// <param name="type">The type of the products.</param>
    /// <param name="oneDnn">Checks oneDNN's products; null where it is not to do them.</param>
    /// <param name="attention">Multiplies in attention, head by head; null where it is not to.</param>
    internal FastBlock(TransformerBlock block, IReadOnlyDictionary<nn.Module, string> names, VideoMaeConfig config, ScalarType type,
        OperatorCheck? oneDnn, CheckedProducts? attention)
    {
        _attention = attention;
        _type = type;
        _heads = config.NumAttentionHeads;
        _isGelu = config.HiddenAct == "gelu";
        _activation = Activation.Get(config.HiddenAct);
        _before = new Norm(block.NormBefore);
        _after = new Norm(block.NormAfter);
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = block.Attention.JoinedWeight().to(type);   // [3 D, D]
        Tensor? bias = block.Attention.JoinedBias()?.to(type);     // [3 D]
        _qkv = FastLinear.Create($"{names[block.Attention]}.query, key and value", joined, bias, oneDnn);
        _projection = Linear(block.AttentionOutput);
        _intermediate = Linear(block.Intermediate);
        _output = Linear(block.Output);

        FastLinear Linear(Dense layer) => FastLinear.Create(names[layer], layer, type, oneDnn);
    }

    /// <summary>[B, N, D] to [B, N, D], both in 32 bits; what goes in may be overwritten.</summary>
    internal Tensor Forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = _projection.ForwardAdd(Attend(_qkv.Forward(_before.Forward(x).to(_type))), x);
        Tensor normalized = _after.Forward(hidden).to(_type);
        Tensor wide = _isGelu ? _intermediate.ForwardGelu(normalized) : _activation(_intermediate.Forward(normalized));
        Tensor result = _output.ForwardAdd(wide, hidden);
        return ReferenceEquals(result, x) ? x : result.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
        _qkv.Dispose();
        _projection.Dispose();
        _intermediate.Dispose();
        _output.Dispose();
    }

    /// <summary>[B, N, 3 D] to [B, N, D].</summary>
    private Tensor Attend(Tensor joined)
    {
        Tensor all = joined.view(joined.shape[0], joined.shape[1], 3, _heads, -1);  // [B, N, 3, heads, D / heads]
        Tensor[] parts = all.permute(2, 0, 3, 1, 4).unbind(0);                      // 3 of [B, heads, N, D / heads]
        if (AttentionProducts.Pay(parts[0]))
            return AttentionProducts.Attend(all);
        if (_attention is not null)
            return AttentionProducts.Attend(all, _attention);
        return nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]).transpose(1, 2).flatten(2);
    }

    /// <summary>Layer normalisation in 32 bits.</summary>
    internal sealed class Norm(LayerNormalization layer) : IDisposable
    {
        private readonly Tensor _weight = layer.Weight.detach().DetachFromDisposeScope();
        private readonly Tensor _bias = layer.Bias.detach().DetachFromDisposeScope();
        private readonly double _epsilon = layer.Epsilon;

        internal Tensor Forward(Tensor x) => nn.functional.layer_norm(x, _weight.shape, _weight, _bias, _epsilon);

        public void Dispose()
        {
            _weight.Dispose();
            _bias.Dispose();
        }
    }
}
