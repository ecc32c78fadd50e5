// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// A transformer block for inference: the contract of <see cref="Layers.TransformerBlock"/> without dropout and attention maps. Queries, keys and
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

    /// <param name="weights">The parameters of a model by name; their memory may be shared.</param>
    /// <param name="prefix">The block's part of the names, with the last dot.</param>
    /// <param name="config">The model.</param>
    /// <param name="type">The type of the products.</param>
    /// <param name="oneDnn">Checks oneDNN's products; null where it is not to do them.</param>
    internal FastBlock(IReadOnlyDictionary<string, Tensor> weights, string prefix, VideoMaeConfig config, ScalarType type, OperatorCheck? oneDnn)
    {
        _type = type;
        _heads = config.NumAttentionHeads;
        _isGelu = config.HiddenAct == "gelu";
        _activation = Activation.Get(config.HiddenAct);
        _before = new Norm(weights, $"{prefix}layernorm_before", config.LayerNormEps);
        _after = new Norm(weights, $"{prefix}layernorm_after", config.LayerNormEps);
        string attention = $"{prefix}attention.attention.";
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = cat([weights[$"{attention}query.weight"], weights[$"{attention}key.weight"], weights[$"{attention}value.weight"]]); // [3 D, D]
        Tensor? bias = null;
        if (config.QkvBias)
            bias = cat([weights[$"{attention}q_bias"], zeros_like(weights[$"{attention}q_bias"]), weights[$"{attention}v_bias"]]);          // [3 D]
        _qkv = FastLinear.Create($"{attention}query, key and value", joined.to(type), bias?.to(type), oneDnn);
        _projection = Linear($"{prefix}attention.output.dense");
        _intermediate = Linear($"{prefix}intermediate.dense");
        _output = Linear($"{prefix}output.dense");

        FastLinear Linear(string name) => FastLinear.Create(name, weights[$"{name}.weight"].to(type), weights[$"{name}.bias"].to(type), oneDnn);
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
        // [B, N, 3, heads, D / heads] -> [3, B, heads, N, D / heads]
        Tensor[] parts = joined.view(joined.shape[0], joined.shape[1], 3, _heads, -1).permute(2, 0, 3, 1, 4).unbind(0);
        return nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]).transpose(1, 2).flatten(2);
    }

    /// <summary>Layer normalisation in 32 bits.</summary>
    internal sealed class Norm(IReadOnlyDictionary<string, Tensor> weights, string name, double epsilon) : IDisposable
    {
        private readonly Tensor _weight = weights[$"{name}.weight"].alias().DetachFromDisposeScope();
        private readonly Tensor _bias = weights[$"{name}.bias"].alias().DetachFromDisposeScope();

        internal Tensor Forward(Tensor x) => nn.functional.layer_norm(x, _weight.shape, _weight, _bias, epsilon);

        public void Dispose()
        {
            _weight.Dispose();
            _bias.Dispose();
        }
    }
}
