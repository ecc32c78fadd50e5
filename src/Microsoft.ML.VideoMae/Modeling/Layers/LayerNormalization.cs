// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>Layer normalisation over the last dimension.</summary>
internal sealed class LayerNormalization : ModelModule
{
    private readonly long[] _shape;
    private readonly double _epsilon;

    internal LayerNormalization(long size, double epsilon) : base(nameof(LayerNormalization))
    {
        _shape = [size];
        _epsilon = epsilon;
        AddParameter("weight", 1, size);
        AddParameter("bias", 0, size);
    }

    internal Tensor Forward(Tensor x)
    {
        Tensor weight = Get("weight");
        // Sums over many values are not for short numbers: see ProductType.
        return nn.functional.layer_norm(ProductType is null ? x : x.to(weight.dtype), _shape, weight, Get("bias"), _epsilon);
    }
}
