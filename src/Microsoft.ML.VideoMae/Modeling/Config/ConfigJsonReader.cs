// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Turns the fields of a config.json into a <see cref="VideoMaeConfig"/>, noting what has the wrong type.</summary>
internal sealed class ConfigJsonReader(JsonObject json, ProblemList problems)
{
    /// <summary>The names of <see cref="VideoMaeProblemType"/>'s values, in their order.</summary>
    internal static readonly string[] ProblemTypeNames = ["regression", "single_label_classification", "multi_label_classification"];

    private readonly JsonFields _fields = new(json, problems);

    internal VideoMaeConfig Read()
    {
        string? modelType = _fields.Text("model_type");
        if (modelType is not (null or "videomae"))
            problems.Add($"model_type is '{modelType}'; only 'videomae' can be read.");
        VideoMaeConfig defaults = new();
        VideoMaeConfig config = ReadShape(defaults) with
        {
            HiddenAct = _fields.Text("hidden_act") ?? defaults.HiddenAct,
            HiddenDropoutProb = _fields.Number("hidden_dropout_prob", defaults.HiddenDropoutProb),
            AttentionProbsDropoutProb = _fields.Number("attention_probs_dropout_prob", defaults.AttentionProbsDropoutProb),
            InitializerRange = _fields.Number("initializer_range", defaults.InitializerRange),
            LayerNormEps = _fields.Number("layer_norm_eps", defaults.LayerNormEps),
            HeadNormEps = _fields.Number("head_norm_eps", defaults.HeadNormEps),
            QkvBias = ReadBias(defaults.QkvBias),
            UseMeanPooling = _fields.Flag("use_mean_pooling", defaults.UseMeanPooling),
            UseNormedMeanPooling = _fields.Flag("use_normed_mean_pooling", defaults.UseNormedMeanPooling),
            UseCellPooling = _fields.Flag("use_cell_pooling", defaults.UseCellPooling),
            UseMeanFrameDifference = _fields.Flag("use_mean_frame_difference", defaults.UseMeanFrameDifference),
            UseDisplacementHead = _fields.Flag("use_displacement_head", defaults.UseDisplacementHead),
            UseSeparablePositions = _fields.Flag("use_separable_positions", defaults.UseSeparablePositions),
            UseEqualPositionParts = _fields.Flag("use_equal_position_parts", defaults.UseEqualPositionParts),
            UseAttentivePooling = _fields.Flag("use_attentive_pooling", defaults.UseAttentivePooling),
            NormPixLoss = _fields.Flag("norm_pix_loss", defaults.NormPixLoss),
            ProblemType = ReadProblemType(),
            Id2Label = ReadId2Label(),
            Label2Id = ReadLabel2Id(),
        };
        if (_fields.Integer("num_labels") is int labels)
            config = config with { NumLabels = labels };
        return ReadDType(config) with { AdditionalFields = _fields.Unknown().ToDictionary(StringComparer.Ordinal) };
    }

    private VideoMaeConfig ReadShape(VideoMaeConfig defaults) => defaults with
    {
        ImageSize = Size("image_size", defaults.ImageSize),
        PatchSize = Size("patch_size", defaults.PatchSize),
        NumChannels = _fields.Integer("num_channels", defaults.NumChannels),
        NumFrames = _fields.Integer("num_frames", defaults.NumFrames),
        TubeletSize = _fields.Integer("tubelet_size", defaults.TubeletSize),
        HiddenSize = _fields.Integer("hidden_size", defaults.HiddenSize),
        NumHiddenLayers = _fields.Integer("num_hidden_layers", defaults.NumHiddenLayers),
        NumAttentionHeads = _fields.Integer("num_attention_heads", defaults.NumAttentionHeads),
        IntermediateSize = _fields.Integer("intermediate_size", defaults.IntermediateSize),
        DecoderNumAttentionHeads = _fields.Integer("decoder_num_attention_heads", defaults.DecoderNumAttentionHeads),
        DecoderHiddenSize = _fields.Integer("decoder_hidden_size", defaults.DecoderHiddenSize),
        DecoderNumHiddenLayers = _fields.Integer("decoder_num_hidden_layers", defaults.DecoderNumHiddenLayers),
        DecoderIntermediateSize = _fields.Integer("decoder_intermediate_size", defaults.DecoderIntermediateSize),
    };

    private VideoMaeConfig ReadDType(VideoMaeConfig config)
    {
        string? old = _fields.Text("torch_dtype"), current = _fields.Text("dtype");
        if (old is not null && current is not null && old != current)
            problems.Add($"torch_dtype is '{old}' but dtype is '{current}'; the two must agree.");
        return config with { DType = current ?? old, DTypeFieldName = current is not null ? "dtype" : "torch_dtype" };
    }

    /// <summary>Transformers renamed qkv_bias to qv_bias in version 5. A file may have either name, or both.</summary>
    private bool ReadBias(bool otherwise)
    {
        bool current = _fields.Flag("qv_bias", otherwise);
        bool old = _fields.Flag("qkv_bias", current);
        if (_fields.Take("qv_bias") is not null && old != current)
            problems.Add($"qkv_bias is {Json(old)} but qv_bias, its new name, is {Json(current)}; the two must agree.");
        return old;

        static string Json(bool value) => value ? "true" : "false";
    }

    private VideoMaeProblemType? ReadProblemType()
    {
        string? name = _fields.Text("problem_type");
        if (name is null)
            return null;
        int index = Array.IndexOf(ProblemTypeNames, name);
        if (index < 0)
            problems.Add($"problem_type is '{name}'; it must be one of {string.Join(", ", ProblemTypeNames)}.");
        return (VideoMaeProblemType)index;
    }

    private Dictionary<int, string>? ReadId2Label()
    {
        if (_fields.Object("id2label") is not { } labels)
            return null;
        Dictionary<int, string> names = [];
        foreach ((string key, JsonNode? value) in labels)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                || value?.GetValueKind() != JsonValueKind.String || !names.TryAdd(index, value.GetValue<string>()))
                return _fields.Wrong<Dictionary<int, string>?>(
                    "id2label", labels, "an object with class indices as names and texts as values", null);
        }

        return names;
    }

    private Dictionary<string, int>? ReadLabel2Id()
    {
        if (_fields.Object("label2id") is not { } labels)
            return null;
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach ((string key, JsonNode? value) in labels)
        {
            // Some published files hold the indices as text.
            if (value is not JsonValue number || !(number.TryGetValue(out int index) || (number.TryGetValue(out string? text)
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index))))
                return _fields.Wrong<Dictionary<string, int>?>("label2id", labels, "an object with whole numbers as values", null);
            ids[key] = index;
        }

        return ids;
    }

    private SpatialSize Size(string name, SpatialSize fallback)
    {
        switch (_fields.Take(name))
        {
            case null:
                return fallback;
            case JsonArray { Count: 2 } pair when JsonFields.AsInteger(pair[0]) is int height && JsonFields.AsInteger(pair[1]) is int width:
                return new SpatialSize(height, width);
            case JsonNode value when JsonFields.AsInteger(value) is int side:
                return side;
            case JsonNode other:
                return _fields.Wrong(name, other, "a whole number or a pair [height, width]", fallback);
        }
    }
}

/// <summary>
/// The config.json of VideoMAE V2's folders on the hub (<c>model_type</c> VideoMAEv2_..., everything inside <c>model_config</c>) in the
/// fields of Hugging Face's VideoMAE. V2's fine-tuning model is the same ViT.
/// </summary>
internal static class VideoMaeV2ConfigTranslation
{
    private static readonly (string Theirs, string Ours)[] s_fields =
    [
        ("img_size", "image_size"), ("patch_size", "patch_size"), ("in_chans", "num_channels"), ("num_frames", "num_frames"),
        ("all_frames", "num_frames"),
        ("tubelet_size", "tubelet_size"), ("embed_dim", "hidden_size"), ("depth", "num_hidden_layers"),
        ("num_heads", "num_attention_heads"),
        ("drop_rate", "hidden_dropout_prob"), ("attn_drop_rate", "attention_probs_dropout_prob"), ("qkv_bias", "qkv_bias"),
        ("layer_norm_eps", "layer_norm_eps"), ("layer_norm_eps", "head_norm_eps"), ("use_mean_pooling", "use_mean_pooling"),
    ];

    internal static bool Applies(JsonObject fields) =>
        fields["model_type"] is JsonValue type && type.TryGetValue(out string? name)
            && name.StartsWith("VideoMAEv2", StringComparison.OrdinalIgnoreCase) && fields["model_config"] is JsonObject;

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
        foreach ((string name, string what) in ((string, string)[])
            [("cos_attn", "cosine attention"), ("use_learnable_pos_emb", "learned positions"), ("init_values", "layer scale")])
        {
            if (IsOn(model[name]))
                problems.Add($"{name} is {model[name]!.ToJsonString()}; {what} is not supported.");
        }

        if (model["norm_layer"] is JsonValue norm && norm.TryGetValue(out string? layer)
            && !layer.EndsWith("LayerNorm", StringComparison.Ordinal))
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
