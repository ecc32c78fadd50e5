// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>A linear layer: x W^T + b.</summary>
internal sealed class Dense : ModelModule
{
    private readonly bool _hasBias;
    private readonly bool _isMatrix;

    internal Dense(long inputs, long outputs, bool bias = true) : this([outputs, inputs], bias)
    {
    }

    /// <param name="shape">
    /// The shape of the weight, [outputs, ...]. A convolution whose stride is its kernel is a linear layer too, over patches; its weight
    /// keeps the dimensions of the kernel.
    /// </param>
    /// <param name="bias">Whether there is a bias.</param>
    internal Dense(long[] shape, bool bias = true) : base(nameof(Dense))
    {
        _hasBias = bias;
        _isMatrix = shape.Length == 2;
        AddParameter("weight", 0, shape);
        if (bias)
            AddParameter("bias", 0, shape[0]);
    }

    /// <summary>The weight, [outputs, inputs], or with the dimensions of a kernel.</summary>
    internal Parameter Weight => Get("weight");

    /// <summary>The weight as a matrix, [outputs, inputs].</summary>
    internal Tensor Matrix => _isMatrix ? Weight : Weight.flatten(1);

    /// <summary>The bias, [outputs]; null for none.</summary>
    internal Parameter? Bias => _hasBias ? Get("bias") : null;

    /// <summary>[..., inputs] to [..., outputs].</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="products">What multiplies, in the parameters' own type; null for libtorch.</param>
    internal Tensor Forward(Tensor x, BlockProducts? products = null) => products is null
        ? nn.functional.linear(Factor(x), Factor(Matrix), Bias is Parameter bias ? Factor(bias) : null)
        : products.Linear(x, Matrix, Bias);
}
