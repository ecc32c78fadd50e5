// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// What one writes without a thought for speed, and what today's reference implementation is: a 3-D convolution for the patches, three
/// products for queries, keys and values, and libtorch's fused attention. For gelu, on a model's own weights.
/// </summary>
internal sealed class StraightforwardLayers(VideoMaePreTrainedModel model)
{
    private readonly Dictionary<string, Tensor> _weights = model
        .named_parameters()
        .ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter);

    /// <summary>A weight by its name.</summary>
    public Tensor this[string name] => _weights[name];

    /// <summary>[B, T, C, H, W] to [B, N, D], without positions.</summary>
    public Tensor Embed(Tensor clips, VideoMaeConfig config)
    {
        const string Projection = "videomae.embeddings.patch_embeddings.projection";
        if (config.UseMeanFrameDifference)
            clips = cat([clips, clips - clips.mean([1], keepdim: true)], 2); // [B, T, 2 C, H, W]
        long[] stride = [config.TubeletSize, config.PatchSize.Height, config.PatchSize.Width];
        return nn
            .functional.conv3d(clips.permute(0, 2, 1, 3, 4), _weights[$"{Projection}.weight"], _weights[$"{Projection}.bias"], stride)
            .flatten(2)
            .transpose(1, 2);
    }

    /// <summary>Transformer blocks, [B, N, D] to [B, N, D].</summary>
    public Tensor Blocks(Tensor x, string prefix, int count, int heads, double epsilon)
    {
        for (int i = 0; i < count; i++)
        {
            string block = $"{prefix}{i}.";
            x = x.Plus(
                Dense(Attend(Norm(x, $"{block}layernorm_before", epsilon), $"{block}attention.attention.", heads),
                    $"{block}attention.output.dense"));
            x = x.Plus(
                Dense(Dense(Norm(x, $"{block}layernorm_after", epsilon), $"{block}intermediate.dense").gelu(), $"{block}output.dense"));
        }

        return x;
    }

    /// <summary>A linear layer.</summary>
    public Tensor Dense(Tensor x, string name) =>
        nn.functional.linear(x, _weights[$"{name}.weight"], _weights.GetValueOrDefault($"{name}.bias"));

    /// <summary>Layer normalisation.</summary>
    public Tensor Norm(Tensor x, string name, double epsilon) =>
        nn.functional.layer_norm(x, [x.shape[^1]], _weights[$"{name}.weight"], _weights[$"{name}.bias"], epsilon);

    private Tensor Attend(Tensor x, string prefix, int heads)
    {
        return nn.functional.scaled_dot_product_attention(
            Heads(nn.functional.linear(x, _weights[$"{prefix}query.weight"], _weights[$"{prefix}q_bias"])),
            Heads(nn.functional.linear(x, _weights[$"{prefix}key.weight"])),
            Heads(nn.functional.linear(x, _weights[$"{prefix}value.weight"], _weights[$"{prefix}v_bias"]))).transpose(1, 2).flatten(2);

        Tensor Heads(Tensor tokens) => tokens.view(tokens.shape[0], tokens.shape[1], heads, -1).transpose(1, 2);
    }
}
