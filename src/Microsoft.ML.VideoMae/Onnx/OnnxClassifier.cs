// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
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
    private readonly VideoMaeForVideoClassification _model;
    private readonly IReadOnlyDictionary<nn.Module, string> _names;

    private OnnxClassifier(VideoMaeForVideoClassification model)
    {
        _config = model.Config;
        _model = model;
        _names = model.PartNames();
    }

    /// <summary>Builds the graph; its weights are read when they are written.</summary>
    public static OnnxGraph Build(VideoMaeForVideoClassification model) => new OnnxClassifier(model).Build();

    private OnnxGraph Build()
    {
        string pixels = _graph.Input(PixelValues, "Normalised pixel values: frames, channels, height, width",
            _config.NumFrames, _config.NumChannels, _config.ImageSize.Height, _config.ImageSize.Width);
        string hidden = Embed(pixels);
        foreach (TransformerBlock block in _model.Encoder.Blocks)
            hidden = Block(hidden, block);
        string logits = Linear(Pool(hidden), _model.Head, Logits);
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
        Dense projection = _model.Encoder.Embeddings.Projection;
        long[] kernel = [_config.TubeletSize, _config.PatchSize.Height, _config.PatchSize.Width];
        string channelsFirst = _graph.Add("Transpose", [pixels], [OnnxGraph.Attribute("perm", 0, 2, 1, 3, 4)]); // [B, C, T, H, W]
        string patches = _graph.Add("Conv", [channelsFirst, Parameter(projection, "weight", projection.Weight), Bias(projection)],
            [OnnxGraph.Attribute("kernel_shape", kernel), OnnxGraph.Attribute("strides", kernel)]); // [B, D, T', H', W']
        string flat = _graph.Add("Reshape", [patches, _graph.Integers(0, _config.HiddenSize, _config.NumPatches)]);
        string tokens = _graph.Add("Transpose", [flat], [OnnxGraph.Attribute("perm", 0, 2, 1)]); // [B, N, D]
        return _graph.Add("Add", [tokens, _graph.Weight("positions", [1, _config.NumPatches, _config.HiddenSize],
            () => SinusoidPositions.Table(_config, _config.HiddenSize))]);
    }

    /// <summary>A block as <see cref="TransformerBlock"/> has it; [B, N, D] to [B, N, D].</summary>
    private string Block(string x, TransformerBlock block)
    {
        string attended = Linear(SelfAttention(Norm(x, block.NormBefore), block.Attention), block.AttentionOutput);
        x = _graph.Add("Add", [x, attended]);
        string wide = OnnxActivations.Add(_graph, _config.HiddenAct, Linear(Norm(x, block.NormAfter), block.Intermediate));
        return _graph.Add("Add", [x, Linear(wide, block.Output)]);
    }

    private string SelfAttention(string x, SelfAttention attention)
    {
        string name = _names[attention];
        long hidden = _config.HiddenSize;
        string weight = _graph.Weight($"{name}.qkv.weight", [hidden, 3 * hidden], () => Exported(attention.JoinedWeight().t())); // [D, 3 D]
        string joined = _graph.Add("MatMul", [x, weight]);
        if (_config.QkvBias)
            joined = _graph.Add("Add", [joined, _graph.Weight($"{name}.qkv.bias", [3 * hidden], () => Exported(attention.JoinedBias()!))]);
        string[] parts = _graph.AddMany("Split", [joined, _graph.Integers(hidden, hidden, hidden)],
            [$"{name}.query", $"{name}.key", $"{name}.value"], [OnnxGraph.Integer("axis", 2)]); // 3 of [B, N, D]
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
        if (_model.Encoder.Norm is LayerNormalization last)
            tokens = Norm(tokens, last);
        if (_model.Pooler is AttentivePooler pooler)
            return AttentivePool(tokens, pooler);
        if (_model.Norm is not null || _config.UseNormedMeanPooling)
        {
            string mean = _graph.Add("ReduceMean", [tokens], [OnnxGraph.Attribute("axes", 1), OnnxGraph.Integer("keepdims", 0)]);
            return _model.Norm is LayerNormalization norm ? Norm(mean, norm) : mean;
        }

        string first = _graph.Add("Slice", [tokens, _graph.Integers(0), _graph.Integers(1), _graph.Integers(1)]); // [B, 1, D]
        return _graph.Add("Reshape", [first, _graph.Integers(0, _config.HiddenSize)]);
    }

    private string AttentivePool(string tokens, AttentivePooler pooler)
    {
        string normalized = Norm(tokens, pooler.NormBefore);
        string query = _graph.Weight($"{_names[pooler]}.query", [1, 1, _config.HiddenSize], () => Exported(pooler.Query.unsqueeze(0)));
        // The query is the same for all clips: a product broadcasts it, but splitting heads keeps its one row.
        string pooled = Attend(query, Linear(normalized, pooler.Key), Linear(normalized, pooler.Value)); // [B, 1, D]
        string flat = _graph.Add("Reshape", [pooled, _graph.Integers(0, _config.HiddenSize)]);
        return Norm(Linear(flat, pooler.Output), pooler.NormAfter);
    }

    /// <summary>x W^T + b, as a product with the transposed weight.</summary>
    private string Linear(string x, Dense layer, string? output = null)
    {
        long[] shape = layer.Weight.shape;
        string transposed = _graph.Weight($"{_names[layer]}.weight", [shape[1], shape[0]], () => Exported(layer.Weight.t()));
        return _graph.Add("Add", [_graph.Add("MatMul", [x, transposed]), Bias(layer)], output: output);
    }

    private string Norm(string x, LayerNormalization layer) => _graph.Add(
        "LayerNormalization", [x, Parameter(layer, "weight", layer.Weight), Parameter(layer, "bias", layer.Bias)],
        [OnnxGraph.Integer("axis", -1), OnnxGraph.Float("epsilon", layer.Epsilon)]);

    private string Bias(Dense layer) => Parameter(layer, "bias", layer.Bias!);

    private string Parameter(nn.Module owner, string name, Parameter values) =>
        _graph.Weight($"{_names[owner]}.{name}", values.shape, () => Exported(values));

    private static Tensor Exported(Tensor values) => values.detach().to(ScalarType.Float32).cpu().contiguous();
}
