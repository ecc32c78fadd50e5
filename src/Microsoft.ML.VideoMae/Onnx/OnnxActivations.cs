// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Onnx;

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
        "quick_gelu" => graph.Add("Mul", [x, graph.Add("Sigmoid", [graph.Add("Mul", [x, graph.Number(1.702)])])]),
        "relu" => graph.Add("Relu", [x]),
        "silu" => graph.Add("Mul", [x, graph.Add("Sigmoid", [x])]),
        _ => throw new NotSupportedException($"The activation '{name}' has no ONNX form here."),
    };

    /// <summary>x (1 + erf(x / sqrt(2))) / 2.</summary>
    private static string Gelu(OnnxGraph graph, string x)
    {
        string erf = graph.Add("Erf", [graph.Add("Div", [x, graph.Number(Math.Sqrt(2))])]);
        return graph.Add("Mul", [graph.Add("Mul", [x, graph.Add("Add", [erf, graph.Number(1)])]), graph.Number(0.5)]);
    }

    /// <summary>x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.</summary>
    private static string TanhGelu(OnnxGraph graph, string x)
    {
        string cubic = graph.Add("Mul", [graph.Number(0.044715), graph.Add("Pow", [x, graph.Number(3)])]);
        string tanh = graph.Add("Tanh", [graph.Add("Mul", [graph.Number(Math.Sqrt(2 / Math.PI)), graph.Add("Add", [x, cubic])])]);
        return graph.Add("Mul", [graph.Add("Mul", [x, graph.Number(0.5)]), graph.Add("Add", [tanh, graph.Number(1)])]);
    }
}
