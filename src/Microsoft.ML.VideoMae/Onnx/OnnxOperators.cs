// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Onnx.Format;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>Operators that many graphs have, under short names. Each gives the name of its output.</summary>
internal static class OnnxOperators
{
    /// <param name="graph">The graph, which is added to.</param>
    extension(OnnxGraph graph)
    {
        /// <summary>one + other.</summary>
        public string Sum(string one, string other, string? output = null) => graph.Add("Add", [one, other], output: output);

        /// <summary>one - other.</summary>
        public string Difference(string one, string other) => graph.Add("Sub", [one, other]);

        /// <summary>one * other, number by number.</summary>
        public string Product(string one, string other, string? output = null) => graph.Add("Mul", [one, other], output: output);

        /// <summary>one / other. Whole numbers are divided towards zero.</summary>
        public string Quotient(string one, string other, string? output = null) => graph.Add("Div", [one, other], output: output);

        /// <summary>The product of two matrices, or of as many as there are in other dimensions.</summary>
        public string MatrixProduct(string one, string other, string? output = null) => graph.Add("MatMul", [one, other], output: output);

        /// <summary>Whether both are true.</summary>
        public string And(string one, string other) => graph.Add("And", [one, other]);

        /// <summary>Whether a value is the least that counts, or more.</summary>
        public string AtLeast(string value, string least) => graph.Add("GreaterOrEqual", [value, least]);

        /// <summary>The mean along an axis.</summary>
        /// <param name="x">The numbers.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="keep">Whether the axis stays, with one place.</param>
        public string Mean(string x, int axis, bool keep = false) =>
            graph.Add("ReduceMean", [x], [OnnxGraph.Attribute("axes", axis), OnnxGraph.Integer("keepdims", keep ? 1 : 0)]);

        /// <summary>The places of the second axis from one up to before another.</summary>
        public string Part(string x, int from, int to) =>
            graph.Add("Slice", [x, graph.Integers(from), graph.Integers(to), graph.Integers(1)]);

        /// <summary>The same numbers with axes in another order.</summary>
        public string Transposed(string x, params long[] order) => graph.Add("Transpose", [x], [OnnxGraph.Attribute("perm", order)]);

        /// <summary>The same numbers in 32 bits with a point.</summary>
        public string ToSingle(string x) => graph.Cast(x, TensorProto.Types.DataType.Float);

        /// <summary>The same numbers without what stands after the point.</summary>
        public string ToWhole(string x) => graph.Cast(x, TensorProto.Types.DataType.Int64);

        /// <summary>The same numbers in another type.</summary>
        public string Cast(string x, TensorProto.Types.DataType type, string? output = null) =>
            graph.Add("Cast", [x], [OnnxGraph.Integer("to", (long)type)], output);
    }
}
