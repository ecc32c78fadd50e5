// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>The model as it is.</summary>
internal sealed class ModelEncoder(VideoMaeForVideoClassification model) : IClipEncoder
{
    /// <inheritdoc/>
    public Tensor Tokens(Tensor pixelValues, int? blocks) =>
        blocks is null ? model.Tokens(pixelValues) : TokensAt(pixelValues, [blocks])[0];

    /// <inheritdoc/>
    public Tensor[] TokensAt(Tensor pixelValues, IReadOnlyList<int?> blocks)
    {
        VideoMaeModelOutput encoded = model.Encoder.forward(pixelValues, outputHiddenStates: true);
        return [.. blocks.Select(b => b is int count ? encoded.HiddenStates![count] : encoded.LastHiddenState)];
    }

    /// <summary>Does nothing: the model is not this object's.</summary>
    public void Dispose()
    {
    }
}
