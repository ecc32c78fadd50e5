// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>The graph of a classifier: pixel values to logits and probabilities, for any number of clips at a time.</summary>
internal sealed class OnnxClassifier
{
    public const string PixelValues = "pixel_values";
    public const string Logits = "logits";
    public const string Probabilities = "probabilities";

    /// <summary>The set of operators: the first with LayerNormalization, so that old runtimes read the file as well.</summary>
    public const int OperatorSet = 17;

    private readonly OnnxGraph _graph = new();
    private readonly VideoMaeConfig _config;
    private readonly Dictionary<string, Parameter> _parameters;

    private OnnxClassifier(VideoMaeForVideoClassification model)
    {
        _config = model.Config;
        _parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
    }

    /// <summary>Builds the graph; its weights are read when they are written.</summary>
    public static OnnxGraph Build(VideoMaeForVideoClassification model) => new OnnxClassifier(model).Build();

    private OnnxGraph Build()
    {
        string pixels = _graph.Input(PixelValues, "Normalised pixel values: frames, channels, height, width",
            _config.NumFrames, _config.NumChannels, _config.ImageSize.Height, _config.ImageSize.Width);
        string hidden = Embed(pixels);
        for (int i = 0; i < _config.NumHiddenLayers; i++)
            hidden = Block(hidden, $"videomae.encoder.layer.{i.ToString(CultureInfo.InvariantCulture)}.");
        string logits = Dense(Pool(hidden), "classifier", Logits);
        _graph.Output(logits, "One value for each class", _config.NumLabels);
        string? probabilities = OutputActivations.Of(_config) switch
        {
            OutputActivation.Softmax => _graph.Add("Softmax", [logits], [OnnxGraph.Integer("axis", -1)], Probabilities),
            OutputActivation.Sigmoid => _graph.Add("Sigmoid", [logits], output: Probabilities),
            _ => null, // Numbers, or log-odds.
        };
        if (probabilities is not null)
            _graph.Output(probabilities, "The probability of each class", _config.NumLabels);
        return _graph;
    }

    /// <summary>[B, T, C, H, W] to [B, N, D].</summary>
    private string Embed(string pixels)
    {
        const string Projection = "videomae.embeddings.patch_embeddings.projection";
        long[] kernel = [_config.TubeletSize, _config.PatchSize.Height, _config.PatchSize.Width];
        string channelsFirst = _graph.Add("Transpose", [pixels], [OnnxGraph.Attribute("perm", 0, 2, 1, 3, 4)]); // [B, C, T, H, W]
        string patches = _graph.Add("Conv", [channelsFirst, Parameter($"{Projection}.weight"), Parameter($"{Projection}.bias")],
            [OnnxGraph.Attribute("kernel_shape", kernel), OnnxGraph.Attribute("strides", kernel)]); // [B, D, T', H', W']
        string flat = _graph.Add("Reshape", [patches, _graph.Integers(0, _config.HiddenSize, _config.NumPatches)]);
        string tokens = _graph.Add("Transpose", [flat], [OnnxGraph.Attribute("perm", 0, 2, 1)]); // [B, N, D]
        return _graph.Add("Add", [tokens, _graph.Weight("positions", [1, _config.NumPatches, _config.HiddenSize],
            () => SinusoidPositions.Table(_config, _config.HiddenSize))]);
    }

    /// <summary>A block as <see cref="Modeling.Layers.TransformerBlock"/> has it; [B, N, D] to [B, N, D].</summary>
    private string Block(string x, string prefix)
    {
        string attended = Dense(SelfAttention(Norm(x, $"{prefix}layernorm_before", _config.LayerNormEps), $"{prefix}attention.attention."), $"{prefix}attention.output.dense");
        x = _graph.Add("Add", [x, attended]);
        string wide = Dense(Norm(x, $"{prefix}layernorm_after", _config.LayerNormEps), $"{prefix}intermediate.dense");
        return _graph.Add("Add", [x, Dense(OnnxActivations.Add(_graph, _config.HiddenAct, wide), $"{prefix}output.dense")]);
    }

    private string SelfAttention(string x, string prefix)
    {
        long hidden = _config.HiddenSize;
        string[] names = ["query", "key", "value"];
        string weight = _graph.Weight($"{prefix}qkv.weight", [hidden, 3 * hidden],
            () => Exported(cat([.. names.Select(name => Get($"{prefix}{name}.weight"))]).t())); // [D, 3 D]
        string joined = _graph.Add("MatMul", [x, weight]);
        if (_config.QkvBias)
        {
            joined = _graph.Add("Add", [joined, _graph.Weight($"{prefix}qkv.bias", [3 * hidden],
                () => Exported(cat([Get($"{prefix}q_bias"), zeros_like(Get($"{prefix}q_bias")), Get($"{prefix}v_bias")])))]);
        }

        string[] parts = _graph.AddMany("Split", [joined, _graph.Integers(hidden, hidden, hidden)],
            [.. names.Select(name => $"{prefix}{name}")], [OnnxGraph.Integer("axis", 2)]); // 3 of [B, N, D]
        return Attend(parts[0], parts[1], parts[2]);
    }

    /// <summary>Queries [B, n, D], keys and values [B, N, D], to [B, n, D].</summary>
    private string Attend(string query, string key, string value)
    {
        int heads = _config.NumAttentionHeads, size = _config.HiddenSize / heads;
        string scaled = _graph.Add("Mul", [Heads(query, 0, 2, 1, 3), _graph.Number(1 / Math.Sqrt(size))]); // [B, heads, n, D / heads]
        string scores = _graph.Add("MatMul", [scaled, Heads(key, 0, 2, 3, 1)]);                            // [B, heads, n, N]
        string context = _graph.Add("MatMul", [_graph.Add("Softmax", [scores], [OnnxGraph.Integer("axis", -1)]), Heads(value, 0, 2, 1, 3)]);
        string merged = _graph.Add("Transpose", [context], [OnnxGraph.Attribute("perm", 0, 2, 1, 3)]);     // [B, n, heads, D / heads]
        return _graph.Add("Reshape", [merged, _graph.Integers(0, 0, _config.HiddenSize)]);

        string Heads(string x, params long[] order) => _graph.Add("Transpose",
            [_graph.Add("Reshape", [x, _graph.Integers(0, 0, heads, size)])], [OnnxGraph.Attribute("perm", order)]);
    }

    /// <summary>[B, N, D] to [B, D], as <see cref="VideoMaeForVideoClassification"/> pools.</summary>
    private string Pool(string tokens)
    {
        if (!_config.UseMeanPooling)
            tokens = Norm(tokens, "videomae.layernorm", _config.LayerNormEps);
        if (_config.UseAttentivePooling)
            return AttentivePool(tokens);
        if (_config.UseMeanPooling)
            return Norm(_graph.Add("ReduceMean", [tokens], [OnnxGraph.Attribute("axes", 1), OnnxGraph.Integer("keepdims", 0)]), "fc_norm", _config.HeadNormEps);
        string first = _graph.Add("Slice", [tokens, _graph.Integers(0), _graph.Integers(1), _graph.Integers(1)]); // [B, 1, D]
        return _graph.Add("Reshape", [first, _graph.Integers(0, _config.HiddenSize)]);
    }

    private string AttentivePool(string tokens)
    {
        const string Prefix = $"{VideoMaeForVideoClassification.PoolerName}.";
        string normalized = Norm(tokens, $"{Prefix}layernorm_before", _config.HeadNormEps);
        string query = _graph.Weight($"{Prefix}query", [1, 1, _config.HiddenSize], () => Exported(Get($"{Prefix}query").unsqueeze(0)));
        // The query is the same for all clips: a product broadcasts it, but splitting heads keeps its one row.
        string pooled = Attend(query, Dense(normalized, $"{Prefix}key"), Dense(normalized, $"{Prefix}value")); // [B, 1, D]
        string flat = _graph.Add("Reshape", [pooled, _graph.Integers(0, _config.HiddenSize)]);
        return Norm(Dense(flat, $"{Prefix}output"), $"{Prefix}layernorm_after", _config.HeadNormEps);
    }

    /// <summary>x W^T + b, as a product with the transposed weight.</summary>
    private string Dense(string x, string name, string? output = null)
    {
        Parameter weight = Get($"{name}.weight");
        string transposed = _graph.Weight($"{name}.weight", [weight.shape[1], weight.shape[0]], () => Exported(weight.t()));
        return _graph.Add("Add", [_graph.Add("MatMul", [x, transposed]), Parameter($"{name}.bias")], output: output);
    }

    private string Norm(string x, string name, double epsilon) => _graph.Add(
        "LayerNormalization", [x, Parameter($"{name}.weight"), Parameter($"{name}.bias")], [OnnxGraph.Integer("axis", -1), OnnxGraph.Float("epsilon", epsilon)]);

    private string Parameter(string name) => _graph.Weight(name, Get(name).shape, () => Exported(Get(name)));

    private Parameter Get(string name) => _parameters[name];

    private static Tensor Exported(Tensor values) => values.detach().to(ScalarType.Float32).cpu().contiguous();
}
