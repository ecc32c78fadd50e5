// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>The parts that all graphs are made of, as VideoMae.cs has them; letters of shapes are those of that file.</summary>
/// <param name="graph">The graph, which is added to.</param>
/// <param name="model">The model.</param>
internal sealed class OnnxNetwork(OnnxGraph graph, VideoMaePreTrainedModel model)
{
    private readonly VideoMaeConfig _config = model.Config;
    private readonly IReadOnlyDictionary<nn.Module, string> _names = model.PartNames();

    /// <summary>[B, T, C, H, W] to [B, N, D].</summary>
    /// <param name="pixels">Pixel values.</param>
    /// <param name="projection">The patch embedding.</param>
    public string Embed(string pixels, Dense projection)
    {
        if (_config.UseMeanFrameDifference)
        {
            string mean = graph.Mean(pixels, 1, keep: true); // [B, 1, C, H, W]
            pixels = graph.Add("Concat", [pixels, graph.Difference(pixels, mean)], [OnnxGraph.Integer("axis", 2)]);
        }

        long[] kernel = [_config.TubeletSize, _config.PatchSize.Height, _config.PatchSize.Width];
        string channelsFirst = graph.Transposed(pixels, 0, 2, 1, 3, 4); // [B, C, T, H, W]
        string patches = graph.Add("Conv", [channelsFirst, Parameter(projection, "weight", projection.Weight), Bias(projection)],
            [OnnxGraph.Attribute("kernel_shape", kernel), OnnxGraph.Attribute("strides", kernel)]); // [B, D, T', H', W']
        string flat = graph.Add("Reshape", [patches, graph.Integers(0, _config.HiddenSize, _config.NumPatches)]);
        string tokens = graph.Transposed(flat, 0, 2, 1); // [B, N, D]
        return graph.Sum(tokens, graph.Weight("positions", [1, _config.NumPatches, _config.HiddenSize],
            () => SinusoidPositions.Table(_config, _config.HiddenSize)));
    }

    /// <summary>A block; [B, N, D] to [B, N, D].</summary>
    /// <param name="x">Tokens.</param>
    /// <param name="block">The block.</param>
    /// <param name="shape">Its width, its heads and its activation.</param>
    public string Block(string x, TransformerBlock block, VideoMaeConfig shape)
    {
        string attended = Linear(SelfAttention(Norm(x, block.NormBefore), block.Attention, shape), block.AttentionOutput);
        x = graph.Sum(x, attended);
        string wide = OnnxActivations.Add(graph, shape.HiddenAct, Linear(Norm(x, block.NormAfter), block.Intermediate));
        return graph.Sum(x, Linear(wide, block.Output));
    }

    /// <summary>Queries [B, n, D], keys and values [B, N, D], to [B, n, D].</summary>
    public string Attend(string query, string key, string value, VideoMaeConfig shape)
    {
        int heads = shape.NumAttentionHeads, size = shape.HiddenSize / heads;
        string scaled = graph.Product(Heads(query, 0, 2, 1, 3), graph.Number(1 / Math.Sqrt(size))); // [B, heads, n, D / heads]
        string scores = graph.MatrixProduct(scaled, Heads(key, 0, 2, 3, 1));                        // [B, heads, n, N]
        string context = graph.MatrixProduct(graph.Add("Softmax", [scores], [OnnxGraph.Integer("axis", -1)]), Heads(value, 0, 2, 1, 3));
        string merged = graph.Transposed(context, 0, 2, 1, 3);                                      // [B, n, heads, D / heads]
        return graph.Add("Reshape", [merged, graph.Integers(0, 0, shape.HiddenSize)]);

        string Heads(string x, params long[] order) =>
            graph.Transposed(graph.Add("Reshape", [x, graph.Integers(0, 0, heads, size)]), order);
    }

    /// <summary>x W^T + b, as a product with the transposed weight.</summary>
    public string Linear(string x, Dense layer, string? output = null)
    {
        long[] shape = layer.Weight.shape;
        string transposed = graph.Weight($"{_names[layer]}.weight", [shape[1], shape[0]], () => Exported(layer.Weight.t()));
        return layer.Bias is null
            ? graph.MatrixProduct(x, transposed, output)
            : graph.Sum(graph.MatrixProduct(x, transposed), Bias(layer), output);
    }

    public string Norm(string x, LayerNormalization layer) => graph.Add(
        "LayerNormalization", [x, Parameter(layer, "weight", layer.Weight), Parameter(layer, "bias", layer.Bias)],
        [OnnxGraph.Integer("axis", -1), OnnxGraph.Float("epsilon", layer.Epsilon)]);

    /// <summary>A parameter of a part, or of the model itself, in another shape.</summary>
    public string Weight(nn.Module owner, string name, long[] shape, Func<Tensor> values) =>
        graph.Weight(_names.TryGetValue(owner, out string? part) ? $"{part}.{name}" : name, shape, () => Exported(values()));

    private string SelfAttention(string x, SelfAttention attention, VideoMaeConfig shape)
    {
        string name = _names[attention];
        long hidden = shape.HiddenSize;
        string weight = graph.Weight($"{name}.qkv.weight", [hidden, 3 * hidden], () => Exported(attention.JoinedWeight().t())); // [D, 3 D]
        string joined = graph.MatrixProduct(x, weight);
        if (shape.QkvBias)
            joined = graph.Sum(joined, graph.Weight($"{name}.qkv.bias", [3 * hidden], () => Exported(attention.JoinedBias()!)));
        string[] parts = graph.AddMany("Split", [joined, graph.Integers(hidden, hidden, hidden)],
            [$"{graph.Scope}{name}.query", $"{graph.Scope}{name}.key", $"{graph.Scope}{name}.value"], [OnnxGraph.Integer("axis", 2)]); // 3 of [B, N, D]
        return Attend(parts[0], parts[1], parts[2], shape);
    }

    private string Bias(Dense layer) => Parameter(layer, "bias", layer.Bias!);

    private string Parameter(nn.Module owner, string name, Parameter values) =>
        graph.Weight($"{_names[owner]}.{name}", values.shape, () => Exported(values));

    private static Tensor Exported(Tensor values) => values.detach().to(ScalarType.Float32).cpu().contiguous();
}
