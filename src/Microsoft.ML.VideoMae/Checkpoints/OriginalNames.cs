// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// The names of a model's parameters in the original code, in its order. What each of them is here is said by <see cref="CheckpointKeyMap"/>
/// alone, so that reading and writing share one table.
/// </summary>
internal static class OriginalNames
{
    internal static IEnumerable<string> For(VideoMaeConfig config, ModelKind kind)
    {
        bool pretraining = kind == ModelKind.PreTraining;
        string encoder = pretraining ? "encoder." : "";
        IEnumerable<string> names = Dense($"{encoder}patch_embed.proj").Concat(Blocks(encoder, config.NumHiddenLayers, config.QkvBias));
        if (!config.UseMeanPooling)
            names = names.Concat(Dense($"{encoder}norm"));
        return kind switch
        {
            ModelKind.PreTraining => names.Prepend("mask_token").Concat(Blocks("decoder.", config.DecoderNumHiddenLayers, config.QkvBias))
                .Concat(Dense("decoder.norm")).Concat(Dense("decoder.head")).Append("encoder_to_decoder.weight"),
            ModelKind.Classification => names.Concat(config.UseMeanPooling ? Dense("fc_norm") : []).Concat(Dense("head")),
            _ => names,
        };
    }

    private static IEnumerable<string> Blocks(string prefix, int count, bool bias) => Enumerable.Range(0, count).SelectMany(i =>
        Dense("norm1").Concat(bias ? ["attn.q_bias", "attn.v_bias"] : []).Append("attn.qkv.weight")
            .Concat(((string[])["attn.proj", "norm2", "mlp.fc1", "mlp.fc2"]).SelectMany(Dense))
            .Select(name => $"{prefix}blocks.{i}.{name}"));

    private static string[] Dense(string name) => [$"{name}.weight", $"{name}.bias"];
}
