// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Runtime.Intrinsics;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>Attention by products of heads, with loops of ours between them, gives the contexts and gradients of the formula.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class HeadAttentionTests
{
    [TestInitialize]
    public void Initialize()
    {
        if (!AttentionRows.AreAvailable)
            Assert.Inconclusive("libtorch has no OpenMP of GNU's on this system, so loops of ours do not run in its threads.");
    }

    /// <summary>Tokens and widths that are multiples of 16, and others.</summary>
    [TestMethod]
    [DataRow(2, 28, 3, 32, DisplayName = "all heads at once")]
    [DataRow(2, 101, 3, 20, DisplayName = "rows that end within a vector")]
    [DataRow(1, 7, 2, 5, DisplayName = "rows shorter than a vector")]
    [DataRow(8, 256, 6, 32, DisplayName = "some heads at once, the last ones fewer")]
    [DataRow(1, 1601, 2, 64, DisplayName = "head by head")]
    public void ContextsAndGradients_AreThoseOfTheFormula(int clips, int tokens, int heads, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = randn([clips, tokens, 3, heads, width], generator: new Generator(1)),
            gradient = randn([clips, tokens, heads, width], generator: new Generator(2));
        (Tensor contexts, Tensor gradients) = Formula(joined, gradient);
        AssertNear(contexts, gradients, new HeadAttention(null), joined, gradient, 1e-5);
        AssertNear(contexts, gradients, new HeadAttention(null), joined.to(ScalarType.BFloat16), gradient.to(ScalarType.BFloat16), 2e-2);
        if (OneDnn.IsAvailable)
            AssertNear(contexts, gradients, new HeadAttention(CheckedProducts.OfOneDnn(Assert.Fail)), joined, gradient, 1e-5);
    }

    /// <summary>Scores far from 0 neither overflow nor vanish.</summary>
    [TestMethod]
    public void LargeScores_GiveWhatTheFormulaGives()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = randn([1, 40, 3, 2, 16], generator: new Generator(1)) * 10,
            gradient = randn([1, 40, 2, 16], generator: new Generator(2));
        (Tensor contexts, Tensor gradients) = Formula(joined, gradient);
        AssertNear(contexts, gradients, new HeadAttention(null), joined, gradient, 1e-4);
    }

    /// <summary>Training stops at a loss that is not a number: it must not be hidden.</summary>
    [TestMethod]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.BFloat16)]
    public void WhatIsNotANumber_StaysSo(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = randn([1, 40, 3, 2, 16], generator: new Generator(1)).to(type);
        joined[0, 37, 1, 1, 3] = float.NaN; // One value of a key of the second head.
        Tensor contexts = new HeadAttention(null).Attend(joined).Contexts;
        Assert.IsTrue(contexts[0, TensorIndex.Colon, 1].isnan().all().item<bool>());
        Assert.IsFalse(contexts[0, TensorIndex.Colon, 0].isnan().any().item<bool>());
    }

    [TestMethod]
    public void PowersOfTwo_AreThoseOfTheFormula()
    {
        float[] values = [.. Enumerable.Range(-12_600, 25_200).Select(i => i / 100f)];
        for (int i = 0; i + Vector512<float>.Count <= values.Length; i += Vector512<float>.Count)
        {
            Vector512<float> actual = PowerOfTwo.Of(Vector512.Create(values, i));
            for (int j = 0; j < Vector512<float>.Count; j++)
                Assert.AreEqual(1, actual[j] / Math.Pow(2, values[i + j]), 3e-7, $"2^{values[i + j]}");
        }

        Assert.IsTrue(float.IsNaN(PowerOfTwo.Of(Vector512.Create(float.NaN))[0]));
        Assert.AreEqual(0, PowerOfTwo.Of(Vector512.Create(float.NegativeInfinity))[0], 2e-38);
    }

    [TestMethod]
    public unsafe void BFloat16_IsRoundedAsLibtorchDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = cat([
            randn([4096], generator: new Generator(1)) * randn([4096], generator: new Generator(2)).exp(),
            tensor((float[])[0, -0f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e-42f, float.MaxValue, 3.4e38f]),
            tensor([.. Enumerable.Range(0, 8).Select(i => BitConverter.UInt32BitsToSingle(0x3F808000u + (uint)(i << 16)))]), // As near to two.
        ]);
        float[] given = values.data<float>().ToArray(), expected = values.to(ScalarType.BFloat16).to(ScalarType.Float32).data<float>().ToArray();
        Span<ushort> halves = stackalloc ushort[Vector512<float>.Count];
        for (int i = 0; i < given.Length; i += halves.Length)
        {
            fixed (ushort* to = halves)
            {
                BFloat16Format.Store(Vector512.Create(given, i), to);
                Assert.AreEqual(Vector512.Create(expected, i), BFloat16Format.Load(to));
            }
        }
    }

    [TestMethod]
    public void Rows_AreAllTakenOnce()
    {
        const int Rows = 1003;
        using Tensor counts = zeros([Rows, 1], ScalarType.Float32), factors = ones([Rows], ScalarType.Float32), joined = ones([1, Rows, 1, 1]);
        for (int i = 0; i < 200; i++)
            AttentionRows.PutContexts(joined.view(1, Rows, 1), factors, counts.view(1, Rows, 1, 1), new HeadRange(0, 1, Rows, 1, 1));
        Assert.AreEqual(Rows, counts.sum().item<float>());
    }

    private static void AssertNear(
        Tensor contexts, Tensor gradients, HeadAttention attention, Tensor joined, Tensor gradient, double tolerance)
    {
        using IDisposable noGrad = no_grad();
        (Tensor actual, Tensor logSums) = attention.Attend(joined);
        AssertNear(contexts, actual, tolerance);
        AssertNear(gradients, attention.Gradient(joined, actual, logSums, gradient), tolerance);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        double error = ((actual.to(ScalarType.Float64) - expected).norm() / expected.norm()).item<double>();
        Assert.IsLessThan(tolerance, error);
    }

    /// <summary>softmax(q k^T / sqrt(d)) v and its gradient, in 64 bits.</summary>
    private static (Tensor Contexts, Tensor Gradients) Formula(Tensor joined, Tensor gradient)
    {
        Tensor input = joined.to(ScalarType.Float64).requires_grad_(true);
        Tensor[] parts = input.permute(2, 0, 3, 1, 4).unbind(0); // 3 of [B, heads, N, d]
        Tensor scores = parts[0].matmul(parts[1].transpose(-1, -2)) / Math.Sqrt(joined.shape[^1]);
        Tensor contexts = scores.softmax(-1).matmul(parts[2]).transpose(1, 2);
        contexts.backward([gradient.to(ScalarType.Float64)]);
        return (contexts.detach(), input.grad!);
    }
}
