// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// The config.json of VideoMAE V2's folders on the hub (<c>model_type</c> VideoMAEv2_..., everything inside <c>model_config</c>) in the
/// fields of Hugging Face's VideoMAE. V2's fine-tuning model is the same ViT.
/// </summary>
internal static class VideoMaeV2ConfigTranslation
{
    private static readonly (string Theirs, string Ours)[] s_fields =
    [
        ("img_size", "image_size"), ("patch_size", "patch_size"), ("in_chans", "num_channels"), ("num_frames", "num_frames"), ("all_frames", "num_frames"),
        ("tubelet_size", "tubelet_size"), ("embed_dim", "hidden_size"), ("depth", "num_hidden_layers"), ("num_heads", "num_attention_heads"),
        ("drop_rate", "hidden_dropout_prob"), ("attn_drop_rate", "attention_probs_dropout_prob"), ("qkv_bias", "qkv_bias"),
        ("layer_norm_eps", "layer_norm_eps"), ("layer_norm_eps", "head_norm_eps"), ("use_mean_pooling", "use_mean_pooling"),
    ];

    internal static bool Applies(JsonObject fields) =>
        fields["model_type"] is JsonValue type && type.TryGetValue(out string? name) && name.StartsWith("VideoMAEv2", StringComparison.OrdinalIgnoreCase) && fields["model_config"] is JsonObject;

    /// <summary>The translation; what this model cannot do is added to <paramref name="problems"/>.</summary>
    internal static JsonObject Translate(JsonObject fields, ProblemList problems)
    {
        JsonObject model = fields["model_config"]!.AsObject(), translated = [];
        foreach ((string theirs, string ours) in s_fields)
        {
            if (model[theirs] is JsonNode value && !translated.ContainsKey(ours))
                translated[ours] = value.DeepClone();
        }

        if (JsonFields.AsNumber(model["embed_dim"]) is double width && JsonFields.AsNumber(model["mlp_ratio"]) is double ratio)
            translated["intermediate_size"] = Math.Floor(width * ratio);
        if (JsonFields.AsNumber(model["num_classes"]) is double classes and > 0)
            translated["num_labels"] = classes;
        foreach ((string name, string what) in ((string, string)[])[("cos_attn", "cosine attention"), ("use_learnable_pos_emb", "learned positions"), ("init_values", "layer scale")])
        {
            if (IsOn(model[name]))
                problems.Add($"{name} is {model[name]!.ToJsonString()}; {what} is not supported.");
        }

        if (model["norm_layer"] is JsonValue norm && norm.TryGetValue(out string? layer) && !layer.EndsWith("LayerNorm", StringComparison.Ordinal))
            problems.Add($"norm_layer is '{layer}'; only LayerNorm is supported.");
        return translated;
    }

    private static bool IsOn(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => value.GetValue<double>() != 0,
        _ => false,
    };
}
