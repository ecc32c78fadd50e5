// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>A pre-norm transformer block: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
internal sealed class TransformerBlock : ModelModule
{
    private readonly BlockShape _shape;
    private readonly Stochasticity _random;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly LayerNormalization _before;
    private readonly LayerNormalization _after;
    private readonly AttentionBlock _attention;
    private readonly DenseBlock _intermediate;
    private readonly DenseBlock _output;

    internal TransformerBlock(BlockShape shape, Stochasticity random) : base(nameof(TransformerBlock))
    {
        _shape = shape;
        _random = random;
        _activation = Modeling.Activation.Get(shape.Activation);
        _attention = Add("attention", new AttentionBlock(shape, random));
        _intermediate = Add("intermediate", new DenseBlock(shape.HiddenSize, shape.IntermediateSize));
        _output = Add("output", new DenseBlock(shape.IntermediateSize, shape.HiddenSize));
        _before = Add("layernorm_before", new LayerNormalization(shape.HiddenSize, shape.NormEps));
        _after = Add("layernorm_after", new LayerNormalization(shape.HiddenSize, shape.NormEps));
    }

    /// <summary>The probability with which a sample skips a branch of this block in training.</summary>
    internal double DropPathRate { get; set; }

    /// <summary>[B, N, D] to [B, N, D]; the attention probabilities [B, heads, N, N] on request.</summary>
    internal (Tensor Hidden, Tensor? Attention) Forward(Tensor x, AttentionImplementation implementation, bool outputAttentions)
    {
        double dropout = training ? _shape.HiddenDropout : 0, dropPath = training ? DropPathRate : 0;
        (Tensor branch, Tensor? probabilities) = _attention.Self.Forward(_before.Forward(x), implementation, outputAttentions);
        branch = _random.Dropout(_attention.Output.Dense.Forward(branch), dropout);
        Tensor hidden = x.Plus(_random.DropPath(branch, dropPath));
        branch = _activation(_intermediate.Dense.Forward(_after.Forward(hidden)));
        branch = _random.Dropout(_output.Dense.Forward(branch), dropout);
        return (hidden.Plus(_random.DropPath(branch, dropPath)), probabilities);
    }

    /// <summary>The attention and its projection, nested as <c>attention.attention</c> and <c>attention.output.dense</c>.</summary>
    private sealed class AttentionBlock : ModelModule
    {
        internal AttentionBlock(BlockShape shape, Stochasticity random) : base(nameof(AttentionBlock))
        {
            Self = Add("attention", new SelfAttention(shape, random));
            Output = Add("output", new DenseBlock(shape.HiddenSize, shape.HiddenSize));
        }

        internal SelfAttention Self { get; }

        internal DenseBlock Output { get; }
    }
}
