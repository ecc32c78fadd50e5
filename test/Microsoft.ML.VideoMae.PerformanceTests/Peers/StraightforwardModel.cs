// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>A classifier with mean pooling, written in the straightforward way.</summary>
internal sealed class StraightforwardModel(VideoMaeForVideoClassification model)
{
    private readonly StraightforwardLayers _layers = new(model);
    private readonly VideoMaeConfig _config = model.Config;
    private readonly Tensor _positions = SinusoidPositions.Table(model.Config, model.Config.HiddenSize).DetachFromDisposeScope();

    /// <summary>[B, T, C, H, W] to [B, K].</summary>
    public Tensor Forward(Tensor clips)
    {
        Tensor x = _layers.Embed(clips, _config).Plus(_positions);
        x = _layers.Blocks(x, "videomae.encoder.layer.", _config.NumHiddenLayers, _config.NumAttentionHeads, _config.LayerNormEps);
        Tensor pooled = _config.UseNormedMeanPooling
            ? _layers.Norm(x, "videomae.layernorm", _config.LayerNormEps).mean([1])
            : _layers.Norm(x.mean([1]), "fc_norm", _config.HeadNormEps);
        return _layers.Dense(pooled, "classifier");
    }
}
