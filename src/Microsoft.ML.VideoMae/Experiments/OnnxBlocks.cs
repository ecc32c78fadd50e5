// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Onnx;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// <see cref="BlockMatcher"/> as operators. Grey levels, their differences and costs are whole numbers, which 32-bit floating point holds
/// exactly, so that the same blocks are found. P is the number of displacements, R x C that of blocks.
/// </summary>
/// <param name="graph">The graph, which is added to.</param>
/// <param name="height">The height of the frames.</param>
/// <param name="width">The width of the frames.</param>
internal sealed class OnnxBlocks(OnnxGraph graph, int height, int width)
{
    private const int Places = BlockMatcher.Side * BlockMatcher.Side;

    // More than all differences cost.
    private const float Outside = 1e6f;

    private readonly BlockMatcher _matcher = new(height, width);

    /// <summary>Finds the displacement of every block: pixels to the right and down, [N, R C] each.</summary>
    /// <param name="from">Grey levels of the first frames, [N, 1, height, width].</param>
    /// <param name="to">Those of the frames after them.</param>
    public (string Across, string Down) Match(string from, string to)
    {
        string differences = Differences(from, to);                                                        // [N, P, R, C]
        string costs = graph.Sum(graph.Product(differences, graph.Single(BlockMatcher.Fine)), PlaceCosts());
        string best = graph.Add("ArgMin", [costs], [OnnxGraph.Integer("axis", 1), OnnxGraph.Integer("keepdims", 1)]); // [N, 1, R, C]
        string side = graph.Integers(BlockMatcher.Side), reach = graph.Single(BlockMatcher.Reach);
        string x = graph.Difference(graph.ToSingle(graph.Add("Mod", [best, side])), reach);
        string y = graph.Difference(graph.ToSingle(graph.Quotient(best, side)), reach);
        (string across, string gain) = Refine(differences, best, 1, Inner(x, row: false));
        (string along, string more) = Refine(differences, best, BlockMatcher.Side, Inner(y, row: true));
        string still = graph.Product(graph.ToWhole(Still(differences)), graph.Integers(BlockMatcher.Fine));
        string saved = graph.Sum(graph.Sum(graph.Difference(still, graph.ToWhole(Gathered(costs, best))), gain), more);
        string least = graph.Integers(BlockMatcher.LeastGain);
        string moves = graph.And(graph.And(graph.AtLeast(still, least), graph.AtLeast(saved, least)), HasTexture(from));
        return (Moved(x, across), Moved(y, along));

        string Moved(string pixels, string offset) => graph.Add("Reshape", [
            graph.Add("Where", [moves, graph.Sum(pixels, offset), graph.Single(0)]), graph.Integers(-1, _matcher.Rows * _matcher.Columns)]);
    }

    /// <summary>The sums of absolute differences to what stands at each place, [N, P, R, C]; of places outside they mean nothing.</summary>
    private string Differences(string from, string to)
    {
        // A convolution with a single one moves a frame.
        var ones = new float[Places * Places];
        for (int place = 0; place < Places; place++)
            ones[(place * Places) + place] = 1;
        int reach = BlockMatcher.Reach, side = BlockMatcher.Side;
        string shifted = graph.Add(
            "Conv", [to, graph.Singles([Places, 1, side, side], ones)], [OnnxGraph.Attribute("pads", reach, reach, reach, reach)]);
        return SumsOfBlocks(graph.Add("Abs", [graph.Difference(shifted, from)]));
    }

    /// <summary>Sums over blocks, [N, K, height, width] to [N, K, R, C].</summary>
    private string SumsOfBlocks(string x)
    {
        string means = graph.Add("AveragePool", [x], [
            OnnxGraph.Attribute("kernel_shape", BlockMatcher.Block, BlockMatcher.Block),
            OnnxGraph.Attribute("strides", BlockMatcher.Step, BlockMatcher.Step)]);
        return graph.Product(means, graph.Single(BlockMatcher.Block * BlockMatcher.Block));
    }

    /// <summary>What the displacements of each block cost, [P, R, C]; those out of the frame can't be taken.</summary>
    private string PlaceCosts()
    {
        int blocks = _matcher.Rows * _matcher.Columns;
        var costs = new float[Places * blocks];
        for (int i = 0; i < costs.Length; i++)
        {
            (int place, int row, int column) = (i / blocks, i % blocks / _matcher.Columns, i % _matcher.Columns);
            int top = (row * BlockMatcher.Step) + (place / BlockMatcher.Side) - BlockMatcher.Reach;
            int left = (column * BlockMatcher.Step) + (place % BlockMatcher.Side) - BlockMatcher.Reach;
            bool isInside = top >= 0 && left >= 0 && top + BlockMatcher.Block <= height && left + BlockMatcher.Block <= width;
            costs[i] = isInside ? BlockMatcher.DistanceCost[place] : Outside;
        }

        return graph.Singles([Places, _matcher.Rows, _matcher.Columns], costs);
    }

    /// <summary>Whether displacements have neighbours on both sides that were looked for, [N, 1, R, C].</summary>
    private string Inner(string displacement, bool row)
    {
        int count = row ? _matcher.Rows : _matcher.Columns, side = row ? height : width;
        int[] starts = [.. Enumerable.Range(0, count).Select(i => i * BlockMatcher.Step)];
        long[] shape = row ? [count, 1] : [1, count];
        string first = graph.Singles(shape, [.. starts.Select(s => -(float)Math.Min(BlockMatcher.Reach, s))]);
        string last = graph.Singles(shape, [.. starts.Select(s => (float)Math.Min(BlockMatcher.Reach, side - BlockMatcher.Block - s))]);
        return graph.And(graph.Add("Greater", [displacement, first]), graph.Add("Less", [displacement, last]));
    }

    /// <summary>Where a parabola through three differences is least, from -0.5 to 0.5, and how much lower the cost is there.</summary>
    private (string Offset, string Gain) Refine(string differences, string best, int step, string isInner)
    {
        string stepped = graph.Integers(step);
        string before = graph.ToWhole(Gathered(differences, graph.Add("Max", [graph.Difference(best, stepped), graph.Integers(0)])));
        string after = graph.ToWhole(Gathered(differences, graph.Add("Min", [graph.Sum(best, stepped), graph.Integers(Places - 1)])));
        string twice = graph.Product(graph.ToWhole(Gathered(differences, best)), graph.Integers(2));
        string curvature = graph.Difference(graph.Sum(before, after), twice), slope = graph.Difference(before, after);
        string isCurved = graph.And(isInner, graph.Add("Greater", [curvature, graph.Integers(0)]));
        string divisor = graph.Add("Where", [isCurved, curvature, graph.Integers(1)]);
        string offset = graph.Add("Clip", [
            graph.Quotient(graph.Product(graph.Single(0.5), graph.ToSingle(slope)), graph.ToSingle(divisor)),
            graph.Single(-0.5), graph.Single(0.5)]);
        string gain = graph.Quotient(
            graph.Product(graph.Product(slope, slope), graph.Integers(BlockMatcher.Fine)), graph.Product(divisor, graph.Integers(8)));
        return (graph.Add("Where", [isCurved, offset, graph.Single(0)]), graph.Add("Where", [isCurved, gain, graph.Integers(0)]));
    }

    private string HasTexture(string levels)
    {
        string sums = graph.ToWhole(SumsOfBlocks(levels)), squares = graph.ToWhole(SumsOfBlocks(graph.Product(levels, levels)));
        string pixels = graph.Integers(BlockMatcher.Block * BlockMatcher.Block);
        string variance = graph.Difference(graph.Product(squares, pixels), graph.Product(sums, sums));
        return graph.AtLeast(variance, graph.Integers(BlockMatcher.LeastVariance));
    }

    /// <summary>What stands at a place of its own for each block, [N, P, R, C] to [N, 1, R, C].</summary>
    private string Gathered(string values, string place) => graph.Add("GatherElements", [values, place], [OnnxGraph.Integer("axis", 1)]);

    /// <summary>What stands where nothing moves, the middle place of all blocks, [N, P, R, C] to [N, 1, R, C].</summary>
    private string Still(string values) => graph.Add("Gather", [values, graph.Integers(Places / 2)], [OnnxGraph.Integer("axis", 1)]);
}
