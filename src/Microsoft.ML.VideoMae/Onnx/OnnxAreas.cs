// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>Resizing by area as operators, and what stays of frames over time.</summary>
/// <param name="graph">The graph, which is added to.</param>
internal sealed class OnnxAreas(OnnxGraph graph)
{
    /// <summary>The height and the width of frames [B, T, height, width, 3], [1] each.</summary>
    public (string Height, string Width) SizeOf(string frames)
    {
        string shape = graph.Add("Shape", [frames]);
        return (graph.Add("Gather", [shape, graph.Integers(2)]), graph.Add("Gather", [shape, graph.Integers(3)]));
    }

    /// <summary>
    /// The share of each row or column of the source in each one that is made, [made, length]. Whole numbers tell how far two of them
    /// overlap, in parts of a source's row, so that nothing is rounded before the last division.
    /// </summary>
    /// <param name="length">The rows of the frame, [1].</param>
    /// <param name="made">How many rows are made.</param>
    /// <param name="part">The first row and the number of rows of the part that is resized, [1] each; null for all of it.</param>
    public string Shares(string length, int made, (string First, string Count)? part = null)
    {
        string one = graph.Integer(1), none = graph.Integer(0), count = part?.Count ?? length;
        string source = graph.Add("Range", [none, graph.Add("Squeeze", [length]), one]);                 // [length]
        if (part is { } cut)
            source = graph.Difference(source, cut.First);
        string start = graph.Product(source, graph.Integers(made)), end = graph.Sum(start, graph.Integers(made));
        string place = graph.Integers([.. Enumerable.Range(0, made).Select(i => (long)i)]);              // [made]
        string from = Column(graph.Product(place, count)), to = graph.Sum(from, count);                  // [made, 1]
        string overlap = graph.Difference(graph.Add("Min", [end, to]), graph.Add("Max", [start, from])); // [made, length]
        string shared = graph.ToSingle(graph.Add("Max", [overlap, graph.Integers(0)]));
        return graph.Quotient(shared, graph.ToSingle(count));
    }

    /// <summary>Planes [..., height, width] times shares of rows [H, height] and of columns [W, width]: [..., H, W].</summary>
    public string Resize(string planes, string rows, string columns) =>
        graph.MatrixProduct(graph.MatrixProduct(rows, planes), graph.Transposed(columns, 1, 0));

    /// <summary>The mean over time, and then the mean absolute difference of neighbours: [B, T, L] to [B, 2 L].</summary>
    /// <param name="vectors">A vector for each frame.</param>
    /// <param name="frames">The number of frames.</param>
    /// <param name="unit">What counts as 1.</param>
    public string MeanAndChange(string vectors, int frames, double unit = 1)
    {
        string mean = graph.Mean(vectors, 1);
        string change = frames == 1
            ? graph.Product(mean, graph.Single(0))
            : graph.Mean(graph.Add("Abs", [
                graph.Difference(graph.Part(vectors, 1, frames), graph.Part(vectors, 0, frames - 1))]), 1);
        string both = graph.Add("Concat", [mean, change], [OnnxGraph.Integer("axis", 1)]);
        return unit == 1 ? both : graph.Quotient(both, graph.Single(unit));
    }

    private string Column(string x) => graph.Add("Unsqueeze", [x, graph.Integers(1)]);
}
