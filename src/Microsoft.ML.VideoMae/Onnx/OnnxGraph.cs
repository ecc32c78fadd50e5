// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Onnx;

/// <summary>
/// A graph under construction: operators, small constants, and weights whose values are only asked for when the file is written.
/// </summary>
internal sealed class OnnxGraph
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>All but the weights.</summary>
    public GraphProto Proto { get; } = new() { Name = "videomae" };

    /// <summary>The weights, in the order they are written.</summary>
    public List<OnnxWeight> Weights { get; } = [];

    /// <summary>What names of weights begin with from here on: several models in one graph have the same names.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Whether weights and numbers are of 16 bits from here on.</summary>
    public bool IsHalf { get; set; }

    /// <summary>Adds an operator with one output.</summary>
    /// <param name="operation">Its name in the standard's operator set.</param>
    /// <param name="inputs">The values it takes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="output">The name of its output; null makes one up.</param>
    /// <returns>The name of its output.</returns>
    public string Add(string operation, string[] inputs, AttributeProto[]? attributes = null, string? output = null) =>
        AddMany(operation, inputs, [output ?? Unique(operation)], attributes)[0];

    /// <summary>Adds an operator with several outputs, whose names are given.</summary>
    public string[] AddMany(string operation, string[] inputs, string[] outputs, AttributeProto[]? attributes = null)
    {
        var node = new NodeProto { OpType = operation, Name = $"node_{Proto.Node.Count}_{operation}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes ?? []);
        Proto.Node.Add(node);
        return outputs;
    }

    /// <summary>Adds a weight.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">Makes its values; whoever calls disposes of them.</param>
    /// <returns>The name, with <see cref="Scope"/>.</returns>
    public string Weight(string name, long[] shape, Func<Tensor> values)
    {
        name = Scope + name;
        Weights.Add(new OnnxWeight(name, shape, values, IsHalf));
        return name;
    }

    /// <summary>A constant vector of whole numbers: a shape, or axes.</summary>
    public string Integers(params long[] values)
    {
        var constant = new TensorProto { Name = Unique("integers"), DataType = (int)TensorProto.Types.DataType.Int64 };
        constant.Dims.Add(values.Length);
        constant.Int64Data.AddRange(values);
        Proto.Initializer.Add(constant);
        return constant.Name;
    }

    /// <summary>A constant whole number, a tensor without dimensions.</summary>
    public string Integer(long value)
    {
        var constant = new TensorProto { Name = Unique("integer"), DataType = (int)TensorProto.Types.DataType.Int64 };
        constant.Int64Data.Add(value);
        Proto.Initializer.Add(constant);
        return constant.Name;
    }

    /// <summary>A constant number of the type that is computed with, a tensor without dimensions.</summary>
    public string Number(double value)
    {
        if (!IsHalf)
            return Single(value);
        var constant = new TensorProto { Name = Unique("number"), DataType = (int)TensorProto.Types.DataType.Float16 };
        constant.Int32Data.Add(BitConverter.HalfToUInt16Bits((Half)value));
        Proto.Initializer.Add(constant);
        return constant.Name;
    }

    /// <summary>A constant number of 32 bits, a tensor without dimensions.</summary>
    public string Single(double value) => Singles([], (float)value);

    /// <summary>Constant numbers of 32 bits.</summary>
    public string Singles(long[] shape, params float[] values)
    {
        var constant = new TensorProto { Name = Unique("number"), DataType = (int)TensorProto.Types.DataType.Float };
        constant.Dims.AddRange(shape);
        constant.FloatData.AddRange(values);
        Proto.Initializer.Add(constant);
        return constant.Name;
    }

    /// <summary>Gives a value another name.</summary>
    public string Named(string value, string name) => Add("Identity", [value], output: name);

    /// <summary>Numbers of 32 bits in the type that is computed with.</summary>
    public string ToComputed(string value) => IsHalf
        ? this.Cast(value, TensorProto.Types.DataType.Float16) : value;

    /// <summary>Computed numbers under a name, in 32 bits: what goes in and out is the same for all types.</summary>
    public string FromComputed(string value, string name) => IsHalf
        ? this.Cast(value, TensorProto.Types.DataType.Float, name) : Named(value, name);

    /// <summary>Computed numbers in 32 bits.</summary>
    public string FromComputed(string value) => IsHalf ? FromComputed(value, Unique("single")) : value;

    /// <summary>Declares an input of 32-bit numbers; a text is the name of a size that is open.</summary>
    public string Input(string name, string description, params object[] shape) =>
        TypedInput(name, description, TensorProto.Types.DataType.Float, shape);

    /// <summary>Declares an input; a text is the name of a size that is open.</summary>
    public string TypedInput(string name, string description, TensorProto.Types.DataType type, params object[] shape)
    {
        Proto.Input.Add(Value(name, description, type, shape));
        return name;
    }

    /// <summary>Declares an output of 32-bit numbers; a text is the name of a size that is open.</summary>
    public void Output(string name, string description, params object[] shape) =>
        Proto.Output.Add(Value(name, description, TensorProto.Types.DataType.Float, shape));

    /// <summary>An attribute.</summary>
    public static AttributeProto Attribute(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    /// <summary>An attribute that is one whole number.</summary>
    public static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>An attribute that is one number.</summary>
    public static AttributeProto Float(string name, double value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    private static ValueInfoProto Value(string name, string description, TensorProto.Types.DataType type, object[] shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select(size => size is string open
            ? new TensorShapeProto.Types.Dimension { DimParam = open }
            : new TensorShapeProto.Types.Dimension { DimValue = (int)size }));
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions };
        return new ValueInfoProto { Name = name, DocString = description, Type = new TypeProto { TensorType = tensor } };
    }

    private string Unique(string name)
    {
        int count = _counts.GetValueOrDefault(name);
        _counts[name] = count + 1;
        return $"{name}_{count}";
    }
}

/// <summary>A weight of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Makes its values, 32-bit numbers on the CPU.</param>
/// <param name="IsHalf">Whether they are written in 16 bits.</param>
internal sealed record OnnxWeight(string Name, long[] Shape, Func<Tensor> Values, bool IsHalf)
{
    /// <summary>The bytes of its values.</summary>
    public long Bytes => Shape.Aggregate(1L, (product, size) => product * size) * (IsHalf ? 2 : sizeof(float));
}

/// <summary>
/// The activations as operators of set 17, which has none of them but Relu, in the form
/// that ONNX Runtime recognises and replaces by one kernel.
/// </summary>
internal static class OnnxActivations
{
    public static string Add(OnnxGraph graph, string name, string x) => name switch
    {
        "gelu" => Gelu(graph, x),
        "gelu_new" or "gelu_pytorch_tanh" => TanhGelu(graph, x),
        "quick_gelu" => graph.Product(x, graph.Add("Sigmoid", [graph.Product(x, graph.Number(1.702))])),
        "relu" => graph.Add("Relu", [x]),
        "silu" => graph.Product(x, graph.Add("Sigmoid", [x])),
        _ => throw new NotSupportedException($"The activation '{name}' has no ONNX form here."),
    };

    /// <summary>x (1 + erf(x / sqrt(2))) / 2.</summary>
    private static string Gelu(OnnxGraph graph, string x)
    {
        string erf = graph.Add("Erf", [graph.Quotient(x, graph.Number(Math.Sqrt(2)))]);
        return graph.Product(graph.Product(x, graph.Sum(erf, graph.Number(1))), graph.Number(0.5));
    }

    /// <summary>x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.</summary>
    private static string TanhGelu(OnnxGraph graph, string x)
    {
        string cubic = graph.Product(graph.Number(0.044715), graph.Add("Pow", [x, graph.Number(3)]));
        string tanh = graph.Add("Tanh", [graph.Product(graph.Number(Math.Sqrt(2 / Math.PI)), graph.Sum(x, cubic))]);
        return graph.Product(graph.Product(x, graph.Number(0.5)), graph.Sum(tanh, graph.Number(1)));
    }
}
