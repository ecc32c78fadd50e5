// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Onnx.Format;

namespace Microsoft.ML.VideoMae.ImageFeatures;

/// <summary>What <see cref="VideoImageFeaturizingTransformer"/> does, as operators: frames are cut and resized, and go through the network.</summary>
/// <param name="graph">The graph, which is added to.</param>
/// <param name="images">How frames are cut.</param>
/// <param name="network">The network.</param>
internal sealed class OnnxImages(OnnxGraph graph, FrameImages images, ResNet18 network)
{
    private const int Channels = VideoFrames.Channels;

    private readonly OnnxAreas _areas = new(graph);

    /// <summary>Frames [B, T, height, width, 3], 8 bits, to the mean and the change over time, [B, 2 C 512].</summary>
    public string Add(string frames)
    {
        (string height, string width) = _areas.SizeOf(frames);
        string planes = graph.Transposed(graph.ToSingle(frames), 0, 1, 4, 2, 3);                         // [B, T, 3, h, w]
        planes = graph.Add("Gather", [planes, graph.Integers(2, 1, 0)], [OnnxGraph.Integer("axis", 2)]); // blue, green, red
        (string Rows, string Columns)[] cells = images.CellCount == 1
            ? [(_areas.Shares(height, ResNet18.Side), _areas.Shares(width, ResNet18.Side))] : [.. Quarters(height, width)];
        string[] cut = [.. cells.Select(c => graph.Add(
            "Unsqueeze", [ToLevels(_areas.Resize(planes, c.Rows, c.Columns)), graph.Integers(2)]))];     // [B, T, 1, 3, 224, 224]
        string all = cut.Length == 1 ? cut[0] : graph.Add("Concat", cut, [OnnxGraph.Integer("axis", 2)]);
        string flat = graph.Add("Reshape", [all, graph.Integers(-1, Channels, ResNet18.Side, ResNet18.Side)]);
        string shifted = graph.Sum(flat, graph.Singles([Channels, ResNet18.Side, ResNet18.Side], network.Shift.ToArray()));
        string vectors = graph.Add("Reshape", [Run(shifted), graph.Integers(-1, images.Frames, images.CellCount * ResNet18.Length)]);
        return _areas.MeanAndChange(vectors, images.Frames);
    }

    /// <summary>Halves of rows and of columns. Those of an odd number share the middle one.</summary>
    private IEnumerable<(string Rows, string Columns)> Quarters(string height, string width)
    {
        string[] rows = Halves(height), columns = Halves(width);
        return rows.SelectMany(row => columns.Select(column => (row, column)));
    }

    private string[] Halves(string length)
    {
        string half = graph.Quotient(graph.Sum(length, graph.Integers(1)), graph.Integers(2));
        return
        [
            _areas.Shares(length, ResNet18.Side, (graph.Integers(0), half)),
            _areas.Shares(length, ResNet18.Side, (graph.Difference(length, half), half)),
        ];
    }

    /// <summary>Whole numbers, as an image of 8 bits has them.</summary>
    private string ToLevels(string x) => graph.Add("Floor", [graph.Sum(x, graph.Single(0.5))]);

    /// <summary>Adds the nodes and the weights of the network, with names of its own.</summary>
    private string Run(string input)
    {
        ModelProto model = network.ReadNetwork();
        HashSet<string> weights = [.. model.Graph.Initializer.Select(t => t.Name)];
        string entry = model.Graph.Input.Single(v => !weights.Contains(v.Name)).Name;
        string Renamed(string name) => name == entry ? input : $"{graph.Scope}resnet18.{name}";
        foreach (TensorProto weight in model.Graph.Initializer)
        {
            weight.Name = Renamed(weight.Name);
            graph.Proto.Initializer.Add(weight);
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            // The file is of operator set 8, where each channel has a mean of its own if this is 1, as later sets always have it.
            AttributeProto? spatial = node.Attribute.FirstOrDefault(a => a.Name == "spatial" && a.I == 1);
            if (spatial is not null)
                node.Attribute.Remove(spatial);
            graph.AddMany(node.OpType, [.. node.Input.Select(Renamed)], [.. node.Output.Select(Renamed)], [.. node.Attribute]);
        }

        return Renamed(model.Graph.Output.Single().Name);
    }
}
