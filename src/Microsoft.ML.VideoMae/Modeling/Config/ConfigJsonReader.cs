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

/// <summary>Turns the fields of a config.json into a <see cref="VideoMaeConfig"/>, collecting what has the wrong type.</summary>
internal sealed class ConfigJsonReader(JsonObject fields)
{
    /// <summary>The names of <see cref="VideoMaeProblemType"/>'s values, in their order.</summary>
    internal static readonly string[] ProblemTypeNames = ["regression", "single_label_classification", "multi_label_classification"];

    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { "model_type" };

    internal IReadOnlyList<string> Problems => _problems;

    internal VideoMaeConfig Read()
    {
        string? modelType = Text("model_type", null);
        if (modelType is not (null or "videomae"))
            _problems.Add($"model_type is '{modelType}'; only 'videomae' can be read.");
        VideoMaeConfig defaults = new();
        VideoMaeConfig config = ReadShape(defaults) with
        {
            HiddenAct = Text("hidden_act", defaults.HiddenAct)!,
            HiddenDropoutProb = Number("hidden_dropout_prob", defaults.HiddenDropoutProb),
            AttentionProbsDropoutProb = Number("attention_probs_dropout_prob", defaults.AttentionProbsDropoutProb),
            InitializerRange = Number("initializer_range", defaults.InitializerRange),
            LayerNormEps = Number("layer_norm_eps", defaults.LayerNormEps),
            HeadNormEps = Number("head_norm_eps", defaults.HeadNormEps),
            QkvBias = Flag("qkv_bias", defaults.QkvBias),
            UseMeanPooling = Flag("use_mean_pooling", defaults.UseMeanPooling),
            UseSeparablePositions = Flag("use_separable_positions", defaults.UseSeparablePositions),
            UseEqualPositionParts = Flag("use_equal_position_parts", defaults.UseEqualPositionParts),
            UseAttentivePooling = Flag("use_attentive_pooling", defaults.UseAttentivePooling),
            NormPixLoss = Flag("norm_pix_loss", defaults.NormPixLoss),
            ProblemType = ReadProblemType(),
            Id2Label = ReadId2Label(),
            Label2Id = ReadLabel2Id(),
        };
        if (Value("num_labels") is not null)
            config = config with { NumLabels = Integer("num_labels", 2) };
        config = ReadDType(config);
        return config with
        {
            AdditionalFields = fields.Where(field => !_known.Contains(field.Key)).ToDictionary(field => field.Key, field => field.Value?.DeepClone(), StringComparer.Ordinal),
        };
    }

    private VideoMaeConfig ReadShape(VideoMaeConfig defaults) => defaults with
    {
        ImageSize = Size("image_size", defaults.ImageSize),
        PatchSize = Size("patch_size", defaults.PatchSize),
        NumChannels = Integer("num_channels", defaults.NumChannels),
        NumFrames = Integer("num_frames", defaults.NumFrames),
        TubeletSize = Integer("tubelet_size", defaults.TubeletSize),
        HiddenSize = Integer("hidden_size", defaults.HiddenSize),
        NumHiddenLayers = Integer("num_hidden_layers", defaults.NumHiddenLayers),
        NumAttentionHeads = Integer("num_attention_heads", defaults.NumAttentionHeads),
        IntermediateSize = Integer("intermediate_size", defaults.IntermediateSize),
        DecoderNumAttentionHeads = Integer("decoder_num_attention_heads", defaults.DecoderNumAttentionHeads),
        DecoderHiddenSize = Integer("decoder_hidden_size", defaults.DecoderHiddenSize),
        DecoderNumHiddenLayers = Integer("decoder_num_hidden_layers", defaults.DecoderNumHiddenLayers),
        DecoderIntermediateSize = Integer("decoder_intermediate_size", defaults.DecoderIntermediateSize),
    };

    private VideoMaeConfig ReadDType(VideoMaeConfig config)
    {
        string? old = Text("torch_dtype", null), current = Text("dtype", null);
        if (old is not null && current is not null && old != current)
            _problems.Add($"torch_dtype is '{old}' but dtype is '{current}'; the two must agree.");
        return config with { DType = current ?? old, DTypeFieldName = current is not null ? "dtype" : "torch_dtype" };
    }

    private VideoMaeProblemType? ReadProblemType()
    {
        string? name = Text("problem_type", null);
        if (name is null)
            return null;
        int index = Array.IndexOf(ProblemTypeNames, name);
        if (index < 0)
            _problems.Add($"problem_type is '{name}'; it must be one of {string.Join(", ", ProblemTypeNames)}.");
        return (VideoMaeProblemType)index;
    }

    private Dictionary<int, string>? ReadId2Label()
    {
        if (Object("id2label") is not { } labels)
            return null;
        Dictionary<int, string> names = [];
        foreach ((string key, JsonNode? value) in labels)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || value?.GetValueKind() != JsonValueKind.String || !names.TryAdd(index, value.GetValue<string>()))
                return Wrong<Dictionary<int, string>?>("id2label", labels, "an object with class indices as names and texts as values", null);
        }

        return names;
    }

    private Dictionary<string, int>? ReadLabel2Id()
    {
        if (Object("label2id") is not { } labels)
            return null;
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach ((string key, JsonNode? value) in labels)
        {
            // Some published files hold the indices as text.
            if (value is not JsonValue number || !(number.TryGetValue(out int index) || (number.TryGetValue(out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index))))
                return Wrong<Dictionary<string, int>?>("label2id", labels, "an object with whole numbers as values", null);
            ids[key] = index;
        }

        return ids;
    }

    private JsonNode? Value(string name)
    {
        _known.Add(name);
        return fields.TryGetPropertyValue(name, out JsonNode? value) ? value : null;
    }

    private JsonObject? Object(string name) =>
        Value(name) switch { null => null, JsonObject value => value, JsonNode other => Wrong<JsonObject?>(name, other, "an object", null) };

    private int Integer(string name, int fallback) =>
        Value(name) switch { null => fallback, JsonNode value => TryInteger(value, out int number) ? number : Wrong(name, value, "a whole number", fallback) };

    private double Number(string name, double fallback) =>
        Value(name) switch { null => fallback, JsonValue value when value.GetValueKind() == JsonValueKind.Number => value.GetValue<double>(), JsonNode other => Wrong(name, other, "a number", fallback) };

    private bool Flag(string name, bool fallback) =>
        Value(name) switch { null => fallback, JsonValue value when value.TryGetValue(out bool flag) => flag, JsonNode other => Wrong(name, other, "true or false", fallback) };

    private string? Text(string name, string? fallback) =>
        Value(name) switch { null => fallback, JsonValue value when value.TryGetValue(out string? text) => text, JsonNode other => Wrong(name, other, "a text", fallback) };

    private SpatialSize Size(string name, SpatialSize fallback)
    {
        switch (Value(name))
        {
            case null:
                return fallback;
            case JsonArray { Count: 2 } pair when TryInteger(pair[0], out int height) && TryInteger(pair[1], out int width):
                return new SpatialSize(height, width);
            case JsonNode value when TryInteger(value, out int side):
                return side;
            case JsonNode other:
                return Wrong(name, other, "a whole number or a pair [height, width]", fallback);
        }
    }

    private static bool TryInteger(JsonNode? node, out int number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return false;
        double exact = value.GetValue<double>();
        number = (int)Math.Clamp(exact, int.MinValue, int.MaxValue);
        return number == exact;
    }

    private T Wrong<T>(string name, JsonNode value, string allowed, T fallback)
    {
        string text = value.ToJsonString();
        _problems.Add($"{name} is {(text.Length > 60 ? text[..60] + "..." : text)}; it must be {allowed}.");
        return fallback;
    }
}
