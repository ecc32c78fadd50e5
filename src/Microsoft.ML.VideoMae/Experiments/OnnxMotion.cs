// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Onnx.Format;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Histograms of what moves where, as operators: <see cref="VideoMotionFeaturizingTransformer"/>. It takes two frames for each pair, in any
/// number of pairs. B is the number of clips, P that of pairs, N = B P, and C that of blocks.
/// </summary>
internal sealed class OnnxMotion(VideoMotionFeaturizingTransformer featurizer) : IOnnxFeatures
{
    private const int CellLength = MotionHistogram.Directions + 5;

    public OnnxPartInput OnnxInput =>
        new(new FramePairSampler(featurizer.NumFramePairs).ToString(), null) { MaxShortSide = featurizer.MaxShortSide };

    public string? OnnxLicense => null;

    public string AddTo(OnnxGraph graph, string frames) => new Parts(graph, featurizer.ImageHeight, featurizer.ImageWidth).Add(frames);

    private sealed class Parts(OnnxGraph graph, int height, int width)
    {
        private readonly OnnxAreas _areas = new(graph);
        private readonly MotionHistogram _histogram = new(new BlockMatcher(height, width), height, width);

        public string Add(string frames)
        {
            string batch = graph.Add("Gather", [graph.Add("Shape", [frames]), graph.Integers(0)]);
            string pairs = graph.Add("Reshape", [Levels(frames), graph.Integers(-1, 2, height, width)]); // [N, 2, H, W]
            (string across, string down) = new OnnxBlocks(graph, height, width).Match(Frame(pairs, 0), Frame(pairs, 1)); // [N, C]
            int length = MotionHistogram.Cells * CellLength;
            string cells = graph.Add("Reshape", [OfCells(across, down), Shape(batch, length)]); // [B, P, L]
            string whole = graph.Add("Reshape", [AboutCentre(across, down), Shape(batch, 2)]); // [B, P, 2]
            return Root(OverTime(cells, whole));
        }

        /// <summary>Small frames in whole grey levels. Rows come first, as where <see cref="AreaScaler"/> computes them.</summary>
        private string Levels(string frames)
        {
            (string rows, string columns) = _areas.SizeOf(frames);
            string lines = graph.Add("Reshape", [graph.ToSingle(frames), graph.Integers(0, 0, 0, -1)]); // [B, F, h, w 3]
            string fewer = graph.MatrixProduct(_areas.Shares(rows, height), lines);
            string coloured = graph.Add("Reshape", [fewer, graph.Integers(0, 0, height, -1, VideoFrames.Channels)]); // [B, F, H, w, 3]
            string grey = graph.Sum(graph.Sum(Colour(0, AreaScaler.Red), Colour(1, AreaScaler.Green)), Colour(2, AreaScaler.Blue));
            string small = graph.MatrixProduct(grey, graph.Transposed(_areas.Shares(columns, width), 1, 0)); // [B, F, H, W]
            return graph.Add("Floor", [graph.Sum(small, graph.Single(0.5))]);

            string Colour(int channel, float share) =>
                graph.Product(graph.Add("Gather", [coloured, graph.Integer(channel)], Axis(-1)), graph.Single(share));
        }

        private string Frame(string pairs, int which) => graph.Add("Gather", [pairs, graph.Integers(which)], Axis(1));

        /// <summary>The numbers of each cell, [N, cells, numbers].</summary>
        private string OfCells(string across, string down)
        {
            string length = graph.Add("Sqrt", [graph.Sum(graph.Product(across, across), graph.Product(down, down))]); // [N, C]
            string moves = graph.ToSingle(graph.Add("Greater", [length, graph.Single(0)]));
            string[] others = [across, down, length, graph.Product(length, length), moves];
            string numbers = graph.Add("Concat", [
                Directions(across, down, length), .. others.Select(o => graph.Add("Unsqueeze", [o, graph.Integers(1)]))], Axis(1));
            int blocks = _histogram.CellOfBlock.Length;
            var share = new float[blocks * MotionHistogram.Cells];
            for (int i = 0; i < blocks; i++)
            {
                int cell = _histogram.CellOfBlock[i];
                share[(i * MotionHistogram.Cells) + cell] = 1f / _histogram.BlocksOfCell[cell];
            }

            string means = graph.MatrixProduct(numbers, graph.Singles([blocks, MotionHistogram.Cells], share));
            return graph.Transposed(means, 0, 2, 1);
        }

        /// <summary>Lengths, each shared between the two directions next to it, [N, directions, C].</summary>
        private string Directions(string across, string down, string length)
        {
            // The angle is twice that whose tangent is y / (l + x), and also (l - x) / y. The first has no digits left where x is
            // nearly -l. In the second, what moves straight to the left is divided by zero, which makes half a turn.
            string isLeft = graph.Add("Less", [across, graph.Single(0)]);
            string above = graph.Add("Where", [isLeft, graph.Difference(length, across), down]);
            string below = graph.Add("Where", [isLeft, down, graph.Sum(length, across)]);
            string isStill = graph.Add("Equal", [length, graph.Single(0)]);
            string half = graph.Add("Atan", [graph.Quotient(above, graph.Add("Where", [isStill, graph.Single(1), below]))]);
            int count = MotionHistogram.Directions;
            string turn = graph.Product(half, graph.Single(count / Math.PI));
            turn = graph.Add("Where", [graph.Add("Less", [turn, graph.Single(0)]), graph.Sum(turn, graph.Single(count)), turn]);
            string from = graph.Singles([count, 1], [.. Enumerable.Range(0, count).Select(d => (float)d)]);
            string away = graph.Add("Abs", [graph.Difference(graph.Add("Unsqueeze", [turn, graph.Integers(1)]), from)]);
            // The last direction is next to the first.
            away = graph.Add("Min", [away, graph.Difference(graph.Single(count), away)]);
            string near = graph.Add("Relu", [graph.Difference(graph.Single(1), away)]);
            return graph.Product(near, graph.Add("Unsqueeze", [length, graph.Integers(1)]));
        }

        /// <summary>Growth and rotation, [N, 2].</summary>
        private string AboutCentre(string across, string down)
        {
            int blocks = _histogram.FromCentre.Length;
            var shares = new float[4 * blocks];
            for (int i = 0; i < blocks && _histogram.Spread > 0; i++)
            {
                (float x, float y) = (_histogram.FromCentre[i].X / _histogram.Spread, _histogram.FromCentre[i].Y / _histogram.Spread);
                (shares[2 * i], shares[(2 * i) + 1], shares[2 * (blocks + i)], shares[(2 * (blocks + i)) + 1]) = (x, -y, y, x);
            }

            return graph.MatrixProduct(graph.Add("Concat", [across, down], Axis(1)), graph.Singles([2 * blocks, 2], shares));
        }

        /// <summary>Means over the pairs of each half, [B, L]; growth and rotation have a mean size and a deviation too.</summary>
        private string OverTime(string cells, string whole)
        {
            string shares = SharesOfHalves(cells); // [2, P]
            string mean = Mean(whole); // [B, 2, 2]
            string centred = graph.Difference(
                graph.Add("Unsqueeze", [whole, graph.Integers(1)]), graph.Add("Unsqueeze", [mean, graph.Integers(2)])); // [B, 2, P, 2]
            string weighted = graph.Product(graph.Product(centred, centred), graph.Add("Unsqueeze", [shares, graph.Integers(-1)]));
            string variance = graph.Add("ReduceSum", [weighted, graph.Integers(2)], [OnnxGraph.Integer("keepdims", 0)]);
            string size = Mean(graph.Add("Abs", [whole])), deviation = graph.Add("Sqrt", [variance]);
            string[] columns = [.. new[] { mean, size, deviation }.Select(x => graph.Add("Unsqueeze", [x, graph.Integers(-1)]))];
            string last = graph.Add("Concat", columns, Axis(-1)); // [B, 2, 2, 3]
            string numbers = graph.Add("Concat", [Mean(cells), graph.Add("Reshape", [last, graph.Integers(0, 0, -1)])], Axis(-1));
            return graph.Add("Reshape", [numbers, graph.Integers(0, MotionHistogram.Length)]);

            string Mean(string values) => graph.MatrixProduct(shares, values);
        }

        /// <summary>What each pair counts in each half: pair i of P is in half 2 i / P, [halves, P].</summary>
        private string SharesOfHalves(string cells)
        {
            string count = graph.Add("Gather", [graph.Add("Shape", [cells]), graph.Integers(1)]);
            string pairs = graph.Add("Range", [graph.Integer(0), graph.Add("Squeeze", [count]), graph.Integer(1)]);
            string half = graph.Quotient(graph.Product(pairs, graph.Integers(MotionHistogram.Halves)), count);
            string halves = graph.Add("Unsqueeze", [graph.Integers(0, 1), graph.Integers(1)]);
            string members = graph.ToSingle(graph.Add("Equal", [half, halves]));
            string sums = graph.Add("ReduceSum", [members, graph.Integers(1)], [OnnxGraph.Integer("keepdims", 1)]);
            return graph.Quotient(members, graph.Add("Max", [sums, graph.Single(1)]));
        }

        /// <summary>sign(x) sqrt(|x|).</summary>
        private string Root(string x) => graph.Product(graph.Add("Sign", [x]), graph.Add("Sqrt", [graph.Add("Abs", [x])]));

        private string Shape(string batch, int length) => graph.Add("Concat", [batch, graph.Integers(-1, length)], Axis(0));

        private static AttributeProto[] Axis(int axis) => [OnnxGraph.Integer("axis", axis)];
    }
}
