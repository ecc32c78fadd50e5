// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>The model as it is.</summary>
internal sealed class ModelEncoder(VideoMaeForVideoClassification model) : IClipEncoder
{
    /// <inheritdoc/>
    public Tensor Tokens(Tensor pixelValues, int? blocks) =>
        blocks is int count ? model.Encoder.forward(pixelValues, outputHiddenStates: true).HiddenStates![count] : model.Tokens(pixelValues);

    /// <inheritdoc/>
    public Tensor[] LastBlocks(Tensor pixelValues, int count) =>
        [.. model.Encoder.forward(pixelValues, outputHiddenStates: true).HiddenStates!.Reverse().Take(count)];

    /// <summary>Does nothing: the model is not this object's.</summary>
    public void Dispose()
    {
    }
}
