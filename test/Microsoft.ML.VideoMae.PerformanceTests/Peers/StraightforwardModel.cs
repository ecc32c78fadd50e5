// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// What one writes without a thought for speed, and what today's reference implementation is: a 3-D convolution for the patches, three products for
/// queries, keys and values, and libtorch's fused attention. For mean pooling and gelu.
/// </summary>
internal sealed class StraightforwardModel(VideoMaeForVideoClassification model)
{
    private readonly Dictionary<string, Tensor> _weights = model.named_parameters().ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter);
    private readonly VideoMaeConfig _config = model.Config;
    private readonly Tensor _positions = SinusoidPositions.Table(model.Config, model.Config.HiddenSize).DetachFromDisposeScope();

    /// <summary>[B, T, C, H, W] to [B, K].</summary>
    public Tensor Forward(Tensor clips)
    {
        const string Projection = "videomae.embeddings.patch_embeddings.projection";
        long[] stride = [_config.TubeletSize, _config.PatchSize.Height, _config.PatchSize.Width];
        Tensor x = nn.functional.conv3d(clips.permute(0, 2, 1, 3, 4), _weights[$"{Projection}.weight"], _weights[$"{Projection}.bias"], stride).flatten(2).transpose(1, 2) + _positions;
        for (int i = 0; i < _config.NumHiddenLayers; i++)
        {
            string prefix = $"videomae.encoder.layer.{i}.";
            x = x + Dense(Attend(Norm(x, $"{prefix}layernorm_before", _config.LayerNormEps), $"{prefix}attention.attention."), $"{prefix}attention.output.dense");
            x = x + Dense(Dense(Norm(x, $"{prefix}layernorm_after", _config.LayerNormEps), $"{prefix}intermediate.dense").gelu(), $"{prefix}output.dense");
        }

        return Dense(Norm(x.mean([1]), "fc_norm", _config.HeadNormEps), "classifier");
    }

    private Tensor Attend(Tensor x, string prefix) => nn.functional.scaled_dot_product_attention(
        Heads(nn.functional.linear(x, _weights[$"{prefix}query.weight"], _weights[$"{prefix}q_bias"])),
        Heads(nn.functional.linear(x, _weights[$"{prefix}key.weight"])),
        Heads(nn.functional.linear(x, _weights[$"{prefix}value.weight"], _weights[$"{prefix}v_bias"]))).transpose(1, 2).flatten(2);

    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _config.NumAttentionHeads, -1).transpose(1, 2);

    private Tensor Dense(Tensor x, string name) => nn.functional.linear(x, _weights[$"{name}.weight"], _weights[$"{name}.bias"]);

    private Tensor Norm(Tensor x, string name, double epsilon) => nn.functional.layer_norm(x, [_config.HiddenSize], _weights[$"{name}.weight"], _weights[$"{name}.bias"], epsilon);
}
