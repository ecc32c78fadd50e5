// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.VideoMae.Onnx.Format;

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
        string source = graph.Add("Range", [none, graph.Add("Squeeze", [length]), one]);                      // [length]
        if (part is { } cut)
            source = graph.Add("Sub", [source, cut.First]);
        string start = graph.Add("Mul", [source, graph.Integers(made)]), end = graph.Add("Add", [start, graph.Integers(made)]);
        string place = graph.Integers([.. Enumerable.Range(0, made).Select(i => (long)i)]);                   // [made]
        string from = Column(graph.Add("Mul", [place, count])), to = graph.Add("Add", [from, count]);         // [made, 1]
        string overlap = graph.Add("Sub", [graph.Add("Min", [end, to]), graph.Add("Max", [start, from])]);    // [made, length]
        string shared = Single(graph.Add("Max", [overlap, graph.Integers(0)]));
        return graph.Add("Div", [shared, Single(count)]);
    }

    /// <summary>Planes [..., height, width] times shares of rows [H, height] and of columns [W, width]: [..., H, W].</summary>
    public string Resize(string planes, string rows, string columns) => graph.Add("MatMul",
        [graph.Add("MatMul", [rows, planes]), graph.Add("Transpose", [columns], [OnnxGraph.Attribute("perm", 1, 0)])]);

    /// <summary>The mean over time, and then the mean absolute difference of neighbours: [B, T, L] to [B, 2 L].</summary>
    /// <param name="vectors">A vector for each frame.</param>
    /// <param name="frames">The number of frames.</param>
    /// <param name="unit">What counts as 1.</param>
    public string MeanAndChange(string vectors, int frames, double unit = 1)
    {
        string mean = Mean(vectors);
        string change = frames == 1
            ? graph.Add("Mul", [mean, graph.Single(0)])
            : Mean(graph.Add("Abs", [graph.Add("Sub", [Part(1, frames), Part(0, frames - 1)])]));
        string both = graph.Add("Concat", [mean, change], [OnnxGraph.Integer("axis", 1)]);
        return unit == 1 ? both : graph.Add("Div", [both, graph.Single(unit)]);

        string Part(int from, int to) => graph.Add("Slice", [vectors, graph.Integers(from), graph.Integers(to), graph.Integers(1)]);

        string Mean(string x) => graph.Add("ReduceMean", [x], [OnnxGraph.Attribute("axes", 1), OnnxGraph.Integer("keepdims", 0)]);
    }

    /// <summary>The same numbers in 32 bits with a point.</summary>
    public string Single(string x) => graph.Add("Cast", [x], [OnnxGraph.Integer("to", (long)TensorProto.Types.DataType.Float)]);

    private string Column(string x) => graph.Add("Unsqueeze", [x, graph.Integers(1)]);
}
