// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>A linear layer: x W^T + b.</summary>
internal sealed class Dense : ModelModule
{
    private readonly bool _bias;

    internal Dense(long inputs, long outputs, bool bias = true) : base(nameof(Dense))
    {
        _bias = bias;
        AddParameter("weight", 0, outputs, inputs);
        if (bias)
            AddParameter("bias", 0, outputs);
    }

    /// <summary>The weight, [outputs, inputs].</summary>
    internal Parameter Weight => Get("weight");

    /// <summary>[..., inputs] to [..., outputs].</summary>
    internal Tensor Forward(Tensor x) => nn.functional.linear(Factor(x), Factor(Weight), _bias ? Factor(Get("bias")) : null);
}

/// <summary>A linear layer under the name <c>dense</c>, as Hugging Face nests it.</summary>
internal sealed class DenseBlock : ModelModule
{
    internal DenseBlock(long inputs, long outputs) : base(nameof(DenseBlock)) => Dense = Add("dense", new Dense(inputs, outputs));

    internal Dense Dense { get; }
}
