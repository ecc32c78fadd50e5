// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>What a pipeline does with what a model gives, before its probabilities are there.</summary>
/// <param name="Linear">A linear classifier on features; null where the model is a classifier itself.</param>
/// <param name="Sharpness">The power that probabilities are raised to: the inverse of a temperature.</param>
internal sealed record OnnxHead(OnnxLinear? Linear, float Sharpness)
{
    // The least probability that counts, as where models are averaged.
    private const double Least = 1e-7;

    /// <summary>Logits whose probabilities are those of other logits to the power of the sharpness, divided by their sum.</summary>
    /// <param name="graph">The graph, which is added to.</param>
    /// <param name="values">Logits, [B, K].</param>
    /// <param name="sharpness">The power; 1 leaves all as it is.</param>
    /// <param name="output">The name of the result; null makes one up.</param>
    public static string Sharpen(OnnxGraph graph, string values, float sharpness, string? output = null)
    {
        if (sharpness == 1)
            return output is null ? values : graph.Named(values, output);
        string probabilities = graph.Add("Softmax", [values], [OnnxGraph.Integer("axis", -1)]);
        return graph.Product(Logarithms(graph, probabilities), graph.Single(sharpness), output);
    }

    /// <summary>Probabilities to the power of the sharpness, divided by their sum, [B, K].</summary>
    /// <param name="graph">The graph, which is added to.</param>
    /// <param name="probabilities">[B, K].</param>
    /// <param name="sharpness">The power.</param>
    /// <param name="output">The name of the result.</param>
    public static string SharpenProbabilities(OnnxGraph graph, string probabilities, float sharpness, string output)
    {
        string logits = graph.Product(Logarithms(graph, probabilities), graph.Single(sharpness));
        return graph.Add("Softmax", [logits], [OnnxGraph.Integer("axis", -1)], output: output);
    }

    private static string Logarithms(OnnxGraph graph, string probabilities) =>
        graph.Add("Log", [graph.Add("Max", [probabilities, graph.Single(Least)])]);
}

/// <summary>A linear classifier: (x - Offset) Scale, limited to the clamp on both sides, times the weights, plus biases.</summary>
/// <param name="Offset">[L].</param>
/// <param name="Scale">[L].</param>
/// <param name="Clamp">The largest standardised value.</param>
/// <param name="Weights">[L, K], row by row.</param>
/// <param name="Biases">[K].</param>
internal sealed record OnnxLinear(float[] Offset, float[] Scale, float Clamp, float[] Weights, float[] Biases)
{
    /// <summary>Features [B, L] of 32 bits to logits [B, K].</summary>
    public string Add(OnnxGraph graph, string features)
    {
        string centred = graph.Difference(features, graph.Singles([Offset.Length], Offset));
        string scaled = graph.Product(centred, graph.Singles([Scale.Length], Scale));
        string limited = graph.Add("Clip", [scaled, graph.Single(-Clamp), graph.Single(Clamp)]);
        string product = graph.MatrixProduct(limited, graph.Singles([Offset.Length, Biases.Length], Weights));
        return graph.Sum(product, graph.Singles([Biases.Length], Biases));
    }
}

/// <summary>The graph of <see cref="CellPooling"/>, in 32 bits.</summary>
/// <param name="graph">The graph, which is added to.</param>
/// <param name="config">The model.</param>
internal sealed class OnnxCells(OnnxGraph graph, VideoMaeConfig config)
{
    /// <summary>The features, [B, L], of what the last blocks give, [B, N, D], the last one first.</summary>
    public string Add(string[] tokens) => graph.Add("Concat", [.. tokens.Select(OfBlock)], [OnnxGraph.Integer("axis", 1)]);

    private string OfBlock(string tokens)
    {
        int times = config.NumTubelets, width = config.HiddenSize, places = config.NumPatches / times;
        string alike = graph.Add("LayerNormalization",
            [tokens, graph.Singles([width], [.. Enumerable.Repeat(1f, width)]), graph.Singles([width], new float[width])],
            [OnnxGraph.Integer("axis", -1), OnnxGraph.Float("epsilon", CellPooling.Epsilon)]);
        string byTime = graph.Add("Reshape", [alike, graph.Integers(0, times, places, width)]);                // [B, T', H'W', D]
        string cells = graph.MatrixProduct(graph.Singles([CellPooling.Count, places], Shares()), byTime);      // [B, T', 4, D]
        cells = graph.Add("Reshape", [cells, graph.Integers(0, times, CellPooling.Count * width)]);            // [B, T', 4 D]
        string mean = graph.Mean(cells, 1, keep: true);                                                        // [B, 1, 4 D]
        string centred = graph.Difference(cells, mean);
        string deviation = graph.Add("Sqrt", [graph.Mean(graph.Product(centred, centred), 1)]);
        string change = times == 1
            ? graph.Product(deviation, graph.Single(0))
            : graph.Mean(graph.Add("Abs", [
                graph.Difference(graph.Part(cells, 1, times), graph.Part(cells, 0, times - 1))]), 1);
        return graph.Add("Concat", [graph.Mean(cells, 1), change, deviation], [OnnxGraph.Integer("axis", 1)]); // [B, 12 D]
    }

    /// <summary>What each place weighs in the mean of each cell, [4, H'W']. Cells of an odd grid share a row or a column.</summary>
    private float[] Shares()
    {
        (int height, int width) = (config.PatchGrid.Height, config.PatchGrid.Width);
        var shares = new float[CellPooling.Count * height * width];
        for (int cell = 0; cell < CellPooling.Count; cell++)
        {
            (int top, int bottom) = Range(cell / CellPooling.Side, height);
            (int left, int right) = Range(cell % CellPooling.Side, width);
            for (int y = top; y < bottom; y++)
                Array.Fill(shares, 1f / ((bottom - top) * (right - left)), (((cell * height) + y) * width) + left, right - left);
        }

        return shares;
    }

    /// <summary>The part of adaptive pooling: from the floor to the ceiling of its share.</summary>
    private static (int From, int To) Range(int cell, int length) =>
        (cell * length / CellPooling.Side, (((cell + 1) * length) + CellPooling.Side - 1) / CellPooling.Side);
}
