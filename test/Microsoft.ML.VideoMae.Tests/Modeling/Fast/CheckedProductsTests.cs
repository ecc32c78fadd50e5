// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>A product by another operator is compared for every use and size, and judged by what it multiplies.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class CheckedProductsTests
{
    private readonly List<string> _warnings = [];

    [TestMethod]
    [DataRow(1, 5, 3)]
    [DataRow(7, 48, 144)]
    [DataRow(65, 80, 33)]
    [DataRow(200, 192, 576)]
    public void OneDnn_MultipliesInAnyOrderOfMemory(int rows, int inputs, int outputs)
    {
        if (!OneDnn.IsAvailable)
            Assert.Inconclusive($"oneDNN's operator is not available on this processor, {ProcessorInfo.Description}.");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var generator = new Generator(1);
        Tensor x = randn([rows, inputs], generator: generator), weight = randn([outputs, inputs], generator: generator),
            gradient = randn([rows, outputs], generator: generator), bias = randn([outputs], generator: generator);
        var products = CheckedProducts.OfOneDnn(Assert.Fail);
        for (int i = 0; i < 2; i++)
        {
            AssertNear(x.mm(weight.t()).add(bias), products.Multiply(ProductUse.Outputs, x, weight, bias));
            AssertNear(gradient.mm(weight), products.Multiply(ProductUse.GradientOfInputs, gradient, weight.t()));
            AssertNear(gradient.t().mm(x), products.Multiply(ProductUse.GradientOfWeights, gradient.t(), x.t()));
        }

        products.Report();
    }

    /// <summary>What is added up cancels out but for a millionth: what rounding leaves of it is no difference.</summary>
    [TestMethod]
    public void SumsThatCancelOut_AreNoDifference()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor half = rand([4, 500], generator: new Generator(1)), b = ones([8, 1000]);
        var products = new CheckedProducts(
            (x, y, bias) => nn.functional.linear(x, y, bias).Plus(1e-5), new OperatorCheck(_warnings.Add));
        products.Multiply(ProductUse.GradientOfWeights, cat([half, half.neg()], 1), b);
        products.Report();
        Assert.IsEmpty(_warnings);
    }

    /// <summary>Rows that stochastic depth dropped tell nothing of an operator: it is judged by others, or later.</summary>
    [TestMethod]
    public void RowsOfZeros_AreNoProof()
    {
        using DisposeScope scope = NewDisposeScope();
        int calls = 0;
        var products = new CheckedProducts(
            (x, y, bias) =>
            {
                calls++;
                return nn.functional.linear(x, y, bias).neg_();
            },
            new OperatorCheck(_warnings.Add));
        Tensor a = zeros([5, 8]), b = randn([4, 8], generator: new Generator(1));
        AssertNear(zeros([5, 4]), products.Multiply(ProductUse.GradientOfInputs, a, b));
        Assert.AreEqual(0, calls);
        a[1, 2] = tensor(1f); // Not the first row, the middle one or the last.
        AssertNear(a.mm(b.t()), products.Multiply(ProductUse.GradientOfInputs, a, b));
        AssertNear(a.mm(b.t()), products.Multiply(ProductUse.GradientOfInputs, a, b));
        Assert.AreEqual(1, calls, "it is not asked again");
        products.Report();
        Assert.HasCount(1, _warnings);
    }

    private static void AssertNear(Tensor expected, Tensor actual)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        Assert.IsTrue(actual.allclose(expected, 1e-4, 1e-4), $"{actual.sub(expected).abs().max().item<float>()}");
    }
}
