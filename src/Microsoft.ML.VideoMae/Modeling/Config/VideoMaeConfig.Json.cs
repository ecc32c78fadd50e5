// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae;

public sealed partial record VideoMaeConfig
{
    private const long MaxFileBytes = 64 << 20;
    private const string ModelType = "videomae";

    private static readonly JsonSerializerOptions s_indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions s_lenient =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a config.json of Hugging Face's, or one of VideoMAE V2's folders on the hub.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is not the configuration of a VideoMAE model; the message names the file and lists every problem.
    /// </exception>
    public static VideoMaeConfig Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        FileInfo file = new(path);
        if (!file.Exists)
            throw new FileNotFoundException($"'{path}' does not exist; a VideoMAE model folder has a config.json.", path);
        if (file.Length > MaxFileBytes)
            throw new InvalidDataException($"'{path}' has {file.Length} bytes; a configuration has at most {MaxFileBytes}.");
        return Parse(File.ReadAllText(path), $"'{path}'");
    }

    /// <summary>Reads the text of a config.json of Hugging Face's.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="InvalidDataException">It is not the configuration of a VideoMAE model; the message lists every problem.</exception>
    public static VideoMaeConfig FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(json, "The configuration");
    }

    private static VideoMaeConfig Parse(string json, string what)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json, documentOptions: s_lenient);
            (node as JsonObject)?.TryGetPropertyValue("model_type", out _); // Reports a key that appears twice.
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{what} is not JSON: {exception.Message}", exception);
        }

        if (node is not JsonObject fields)
            throw new InvalidDataException($"{what} is not a JSON object.");
        ProblemList problems = new();
        if (VideoMaeV2ConfigTranslation.Applies(fields))
            fields = VideoMaeV2ConfigTranslation.Translate(fields, problems);
        VideoMaeConfig config = new ConfigJsonReader(fields, problems).Read();
        if (problems.IsEmpty)
            VideoMaeConfigProblems.Find(config, problems);
        problems.ThrowIfAny($"{what} is not a valid VideoMAE configuration", message => new InvalidDataException(message));
        return config;
    }

    /// <summary>
    /// The text of a config.json that Hugging Face's library reads, with the fields in alphabetical order. Fields that were renamed in
    /// transformers 5 stand there under both names: <c>qkv_bias</c> and <c>qv_bias</c>, <c>torch_dtype</c> and <c>dtype</c>.
    /// </summary>
    public string ToJson() => Text([.. Fields(), .. NewNames()]);

    /// <summary>
    /// The text that is part of the names of stored runs. It has no field that came later, so that these keep their names.
    /// </summary>
    internal string ToIdentity() => Text(Fields());

    /// <summary>Writes <see cref="ToJson"/> to a file, replacing it in one step.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, ToJson());
    }

    private static string Text(IEnumerable<KeyValuePair<string, JsonNode?>> fields) =>
        new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal)).ToJsonString(s_indented) + "\n";

    private IEnumerable<KeyValuePair<string, JsonNode?>> NewNames()
    {
        yield return KeyValuePair.Create("qv_bias", (JsonNode?)QkvBias);
        if (DType is not null)
            yield return KeyValuePair.Create(DTypeFieldName == "dtype" ? "torch_dtype" : "dtype", (JsonNode?)DType);
    }

    private IEnumerable<KeyValuePair<string, JsonNode?>> Fields()
    {
        Dictionary<string, JsonNode?> fields = new(StringComparer.Ordinal)
        {
            ["model_type"] = ModelType,
            ["image_size"] = ToNode(ImageSize),
            ["patch_size"] = ToNode(PatchSize),
            ["num_channels"] = NumChannels,
            ["num_frames"] = NumFrames,
            ["tubelet_size"] = TubeletSize,
            ["hidden_size"] = HiddenSize,
            ["num_hidden_layers"] = NumHiddenLayers,
            ["num_attention_heads"] = NumAttentionHeads,
            ["intermediate_size"] = IntermediateSize,
            ["hidden_act"] = HiddenAct,
            ["hidden_dropout_prob"] = HiddenDropoutProb,
            ["attention_probs_dropout_prob"] = AttentionProbsDropoutProb,
            ["initializer_range"] = InitializerRange,
            ["layer_norm_eps"] = LayerNormEps,
            ["qkv_bias"] = QkvBias,
            ["use_mean_pooling"] = UseMeanPooling,
            ["decoder_num_attention_heads"] = DecoderNumAttentionHeads,
            ["decoder_hidden_size"] = DecoderHiddenSize,
            ["decoder_num_hidden_layers"] = DecoderNumHiddenLayers,
            ["decoder_intermediate_size"] = DecoderIntermediateSize,
            ["norm_pix_loss"] = NormPixLoss,
        };
        if (HeadNormEps != DefaultHeadNormEps)
            fields["head_norm_eps"] = HeadNormEps;
        if (UseNormedMeanPooling)
            fields["use_normed_mean_pooling"] = true;
        if (UseAttentivePooling)
            fields["use_attentive_pooling"] = true;
        if (UseCellPooling)
            fields["use_cell_pooling"] = true;
        if (UseMeanFrameDifference)
            fields["use_mean_frame_difference"] = true;
        if (UseDisplacementHead)
            fields["use_displacement_head"] = true;
        if (UseSeparablePositions)
            fields["use_separable_positions"] = true;
        if (UseEqualPositionParts)
            fields["use_equal_position_parts"] = true;
        if (DType is not null)
            fields[DTypeFieldName] = DType;
        if (ProblemType is VideoMaeProblemType type)
            fields["problem_type"] = ConfigJsonReader.ProblemTypeNames[(int)type];
        AddLabels(fields);
        foreach ((string name, JsonNode? value) in AdditionalFields)
            fields.TryAdd(name, value?.DeepClone());
        return fields;
    }

    private void AddLabels(Dictionary<string, JsonNode?> fields)
    {
        // Hugging Face derives the number of labels from id2label and leaves out its default of two nameless ones.
        if (Id2Label is null && Label2Id is null && NumLabels == 2)
            return;
        IEnumerable<(int Index, string Name)> names = Id2Label is not null
            ? Id2Label.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))
            : Label2Id is not null && Label2Id.Count == NumLabels
                ? Label2Id.OrderBy(pair => pair.Value).Select(pair => (pair.Value, pair.Key))
            : Enumerable.Range(0, NumLabels).Select(index => (index, $"LABEL_{index}"));
        (int Index, string Name)[] list = [.. names];
        fields["id2label"] = new JsonObject(
            list.Select(pair => KeyValuePair.Create(pair.Index.ToString(CultureInfo.InvariantCulture), (JsonNode?)pair.Name)));
        IEnumerable<KeyValuePair<string, int>> ids = Label2Id
            ?? list.DistinctBy(pair => pair.Name).Select(pair => KeyValuePair.Create(pair.Name, pair.Index));
        fields["label2id"] = new JsonObject(ids.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
    }

    private static JsonNode ToNode(SpatialSize size) =>
        size.IsSquare ? JsonValue.Create(size.Height) : new JsonArray(size.Height, size.Width);
}
