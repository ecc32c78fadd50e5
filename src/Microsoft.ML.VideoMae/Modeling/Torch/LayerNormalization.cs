// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Layer normalisation over the last dimension.</summary>
internal sealed class LayerNormalization : ModelModule
{
    private readonly long[] _shape;

    internal LayerNormalization(long size, double epsilon) : base(nameof(LayerNormalization))
    {
        _shape = [size];
        Epsilon = epsilon;
        AddParameter("weight", 1, size);
        AddParameter("bias", 0, size);
    }

    /// <summary>What keeps the deviation from 0.</summary>
    internal double Epsilon { get; }

    /// <summary>The factors, [size].</summary>
    internal Parameter Weight => Get("weight");

    /// <summary>The summands, [size].</summary>
    internal Parameter Bias => Get("bias");

    /// <summary>[..., size] to [..., size].</summary>
    internal Tensor Forward(Tensor x)
    {
        Tensor weight = Weight;
        // Sums over many values need 32 bits: see ProductType.
        return nn.functional.layer_norm(ProductType is null ? x : x.to(weight.dtype), _shape, weight, Bias, Epsilon);
    }
}
