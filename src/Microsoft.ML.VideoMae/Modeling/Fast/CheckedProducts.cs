// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>What a product is computed for: each has its factors in another order of memory.</summary>
internal enum ProductUse
{
    Outputs,
    GradientOfInputs,
    GradientOfWeights,
    Scores,
    Contexts,
    GradientOfProbabilities,
    GradientOfQueries,
    GradientOfKeys,
    GradientOfValues,
}

/// <summary>
/// Products by an operator that is believed only after it was compared with libtorch's: for every use and size at hand, since operators
/// choose another kernel for another size. Where they differ, libtorch's takes over. May be used by several threads.
/// </summary>
/// <param name="multiply">a b^T + bias of [..., n] and [m, n], in any order of memory: the operator.</param>
/// <param name="check">Compares, and notes.</param>
internal sealed class CheckedProducts(Func<Tensor, Tensor, Tensor?, Tensor> multiply, OperatorCheck check)
{
    private readonly ConcurrentDictionary<(ProductUse Use, long Rows, long Inner, long Outputs), bool> _agrees = [];

    /// <summary>Products of oneDNN's.</summary>
    /// <param name="warn">Is told, in a sentence, which ones are not what they should be on this processor.</param>
    internal static CheckedProducts OfOneDnn(Action<string> warn) => OfOneDnn(new OperatorCheck(warn, "products", "Gradients"));

    /// <summary>Products of oneDNN's.</summary>
    /// <param name="check">Compares, and notes.</param>
    internal static CheckedProducts OfOneDnn(OperatorCheck check) =>
        new((a, b, bias) => OneDnn.Linear(a, b, bias, gelu: false), check);

    /// <summary>Says what was found since the last call; usually nothing.</summary>
    internal void Report() => check.Report();

    /// <summary>a b^T + bias, without gradients.</summary>
    /// <param name="use">What for.</param>
    /// <param name="a">[..., n].</param>
    /// <param name="b">[m, n].</param>
    /// <param name="bias">[m]; null for none.</param>
    /// <returns>[..., m].</returns>
    internal Tensor Multiply(ProductUse use, Tensor a, Tensor b, Tensor? bias = null)
    {
        long inner = a.shape[^1];
        var key = (use, a.numel() / inner, inner, b.shape[0]);
        if (!_agrees.TryGetValue(key, out bool agrees) && Agrees(key, a, b, bias) is bool isRight)
            _agrees[key] = agrees = isRight;
        return agrees ? multiply(a, b, bias) : nn.functional.linear(a, b, bias);
    }

    /// <summary>Whether an operator is right for a size; null where nothing is multiplied, which any operator does right.</summary>
    private bool? Agrees((ProductUse Use, long Rows, long Inner, long Outputs) key, Tensor a, Tensor b, Tensor? bias)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = OperatorCheck.FewRows(a);
        double size = Size(rows, b);
        // Stochastic depth may have dropped just the rows that are compared: then all of them are.
        bool isEmpty = size == 0;
        if (isEmpty)
            size = Size(rows = a.flatten(0, -2), b);
        if (size == 0)
            return null;
        Tensor? actual;
        try
        {
            Tensor result = multiply(a, b, bias);
            actual = isEmpty ? result.flatten(0, -2) : OperatorCheck.FewRows(result);
        }
        catch (ExternalException)
        {
            actual = null;
        }

        string use = key.Use switch
        {
            ProductUse.Outputs => "outputs",
            ProductUse.GradientOfInputs => "gradients of inputs",
            ProductUse.GradientOfWeights => "gradients of weights",
            ProductUse.Scores => "scores of attention",
            ProductUse.Contexts => "contexts of attention",
            ProductUse.GradientOfProbabilities => "gradients of attention",
            ProductUse.GradientOfQueries => "gradients of queries",
            ProductUse.GradientOfKeys => "gradients of keys",
            _ => "gradients of values",
        };
        string name = $"{use} {key.Rows}x{key.Inner} by {key.Inner}x{key.Outputs}";
        return check.Agree(name, a.dtype, actual, nn.functional.linear(rows, b, bias), size);
    }

    /// <summary>
    /// How large a sum of products is whose signs have nothing to do with each other. Gradients of weights may be far smaller, since what
    /// is added up cancels out: then the order of summation shows in what is left.
    /// </summary>
    private static double Size(Tensor a, Tensor b) =>
        Math.Sqrt((double)a.Squared().sum(-1).max().item<float>() * b.Squared().sum(-1).max().item<float>() / a.shape[^1]);
}
