// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>Multi-head self-attention with biases on queries and values only.</summary>
internal sealed class SelfAttention : ModelModule
{
    private readonly BlockShape _shape;
    private readonly Stochasticity _random;
    private readonly Dense _query;
    private readonly Dense _key;
    private readonly Dense _value;

    internal SelfAttention(BlockShape shape, Stochasticity random) : base(nameof(SelfAttention))
    {
        _shape = shape;
        _random = random;
        _query = Add("query", new Dense(shape.HiddenSize, shape.HiddenSize, bias: false));
        _key = Add("key", new Dense(shape.HiddenSize, shape.HiddenSize, bias: false));
        _value = Add("value", new Dense(shape.HiddenSize, shape.HiddenSize, bias: false));
        if (shape.QkvBias)
        {
            AddParameter("q_bias", 0, shape.HiddenSize);
            AddParameter("v_bias", 0, shape.HiddenSize);
        }
    }

    /// <summary>[B, N, D] to [B, N, D]; the attention probabilities [B, heads, N, N] on request.</summary>
    internal (Tensor Context, Tensor? Probabilities) Forward(Tensor x, AttentionImplementation implementation, bool outputAttentions)
    {
        (Tensor query, Tensor key, Tensor value) = Project(x); // [B, heads, N, D / heads]
        Tensor context;
        Tensor? probabilities = null;
        double dropout = training ? _shape.AttentionDropout : 0;
        if (implementation == AttentionImplementation.Sdpa && !outputAttentions && dropout == 0)
            context = nn.functional.scaled_dot_product_attention(query, key, value);
        else
            (context, probabilities) = Explicit(query, key, value, dropout);
        return (context.transpose(1, 2).flatten(2), outputAttentions ? probabilities : null);
    }

    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor x)
    {
        // One product instead of three; joining the weights costs far less than it saves.
        Tensor weight = cat([_query.Weight, _key.Weight, _value.Weight]); // [3 D, D]
        Tensor? bias = null;
        if (_shape.QkvBias)
        {
            Parameter query = Get("q_bias");
            bias = cat([query, zeros_like(query, requires_grad: false), Get("v_bias")]); // [3 D]
        }

        // [B, N, 3 D] -> [B, N, 3, heads, D / heads] -> [3, B, heads, N, D / heads]
        Tensor joined = nn.functional.linear(Factor(x), Factor(weight), bias is null ? null : Factor(bias)).view(x.shape[0], x.shape[1], 3, _shape.Heads, -1).permute(2, 0, 3, 1, 4);
        Tensor[] parts = joined.unbind(0);
        return (parts[0], parts[1], parts[2]);
    }

    private (Tensor Context, Tensor Probabilities) Explicit(Tensor query, Tensor key, Tensor value, double dropout)
    {
        double scale = 1 / Math.Sqrt(query.shape[^1]);
        Tensor probabilities = query.matmul(key.transpose(-1, -2)).Times(scale).softmax(-1); // [B, heads, N, N]
        probabilities = _random.Dropout(probabilities, dropout);
        return (probabilities.matmul(value), probabilities);
    }
}
