// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>
/// One learned query that attends to all tokens: a weighted mean whose weights are learned, head by head (the attentive probe of V-JEPA,
/// Bardes et al., 2024, arXiv:2404.08471, without its feed-forward layer).
/// </summary>
internal sealed class AttentivePooler : ModelModule
{
    private readonly int _heads;
    private readonly LayerNormalization _before;
    private readonly LayerNormalization _after;
    private readonly Dense _key;
    private readonly Dense _value;
    private readonly Dense _output;

    internal AttentivePooler(VideoMaeConfig config) : base(nameof(AttentivePooler))
    {
        _heads = config.NumAttentionHeads;
        AddParameter("query", 0, 1, config.HiddenSize);
        _before = Add("layernorm_before", new LayerNormalization(config.HiddenSize, config.HeadNormEps));
        _key = Add("key", new Dense(config.HiddenSize, config.HiddenSize));
        _value = Add("value", new Dense(config.HiddenSize, config.HiddenSize));
        _output = Add("output", new Dense(config.HiddenSize, config.HiddenSize));
        _after = Add("layernorm_after", new LayerNormalization(config.HiddenSize, config.HeadNormEps));
    }

    /// <summary>[B, N, D] to [B, D].</summary>
    internal Tensor Forward(Tensor tokens)
    {
        Tensor normalized = _before.Forward(tokens);
        Tensor query = Factor(Get("query")).expand(tokens.shape[0], -1, -1);
        Tensor pooled = nn.functional.scaled_dot_product_attention(Split(query), Split(_key.Forward(normalized)), Split(_value.Forward(normalized))); // [B, heads, 1, D / heads]
        return _after.Forward(_output.Forward(pooled.flatten(1)));
    }

    /// <summary>[B, n, D] to [B, heads, n, D / heads].</summary>
    private Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
}
