// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>Attention as products of whole heads gives what libtorch's fused operator gives.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class AttentionProductsTests
{
    [TestMethod]
    [DataRow(3, 28, 6, 32, DisplayName = "all heads at once")]
    [DataRow(16, 256, 6, 32, DisplayName = "some heads at once, the last ones fewer")]
    [DataRow(1, 1600, 2, 64, DisplayName = "head by head")]
    public void Attend_GivesWhatTheFusedOperatorGives(int clips, int tokens, int heads, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor joined = randn([clips, tokens, 3, heads, width], generator: new Generator(1));
        Tensor[] parts = joined.permute(2, 0, 3, 1, 4).unbind(0); // 3 of [B, heads, N, d]
        Tensor expected = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]).transpose(1, 2).flatten(2);
        AssertNear(expected, AttentionProducts.Attend(joined.clone()), 1e-5f);
        AssertNear(expected, AttentionProducts.Attend(joined.to(ScalarType.BFloat16)), 2e-2f);
        AssertNear(expected, AttentionProducts.ByOperators(joined.clone(), null).flatten(2), 1e-5f);
        AssertNear(expected, AttentionProducts.ByOperators(joined.to(ScalarType.BFloat16), null).flatten(2), 2e-2f);
    }

    [TestMethod]
    [DataRow(2, 101, 3, 20)]
    [DataRow(1, 1568, 2, 64)]
    public void Attend_HeadByHead_GivesWhatTheFusedOperatorGives(int clips, int tokens, int heads, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor joined = randn([clips, tokens, 3, heads, width], generator: new Generator(1));
        Tensor[] parts = joined.permute(2, 0, 3, 1, 4).unbind(0); // 3 of [B, heads, N, d]
        Tensor expected = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]).transpose(1, 2).flatten(2);
        if (OneDnn.IsAvailable)
        {
            AssertNear(expected, AttentionProducts.Attend(joined.clone(), CheckedProducts.OfOneDnn(Assert.Fail)), 1e-5f);
            AssertNear(expected, AttentionProducts.ByOperators(joined, CheckedProducts.OfOneDnn(Assert.Fail)).flatten(2), 1e-5f);
        }

        // A wrong operator is found out, and libtorch's takes over.
        List<string> warnings = [];
        var check = new OperatorCheck(warnings.Add);
        AssertNear(expected, AttentionProducts.Attend(joined, new CheckedProducts((a, b, _) => nn.functional.linear(a, b) * 1.1f, check)), 1e-5f);
        check.Report();
        Assert.HasCount(1, warnings);
        Assert.Contains("contexts of attention", warnings[0]);
    }

    [TestMethod]
    public void Attend_LeavesItsInputAsItIs()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = randn([1, 4, 3, 1, 8], generator: new Generator(1)), before = joined.clone();
        AttentionProducts.Attend(joined);
        Assert.IsTrue(joined.equal(before).all().item<bool>());
    }

    /// <summary>In BFloat16 a step may take another path: its gradients are those of Float32 within what 16 bits can say.</summary>
    [TestMethod]
    [DataRow(64, 4, DisplayName = "few tokens: products where they pay")]
    [DataRow(64, 24, DisplayName = "many tokens for a head's width: the fused operator")]
    public void Gradients_InBFloat16_AreThoseOfFloat32(int size, int heads)
    {
        using DisposeScope scope = NewDisposeScope();
        VideoMaeConfig config = VideoMaeConfig.CpuTiny with
        {
            ImageSize = size,
            HiddenSize = 48,
            NumAttentionHeads = heads,
            IntermediateSize = 96,
            NumHiddenLayers = 2,
            NumLabels = 3,
            InitializerRange = 0.1,
        };
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        Tensor clips = randn([2, config.NumFrames, 3, size, size], generator: new Generator(2)), labels = tensor((long[])[0, 2]);
        Tensor expected = Gradient(ComputePrecision.Float32), actual = Gradient(ComputePrecision.BFloat16);
        float error = ((actual - expected).norm() / expected.norm()).item<float>();
        Assert.IsGreaterThan(0, error);
        Assert.IsLessThan(3e-2f, error);

        Tensor Gradient(ComputePrecision precision)
        {
            model.Precision = precision;
            model.zero_grad();
            model.Backward(model.forward(clips, labels).Loss!);
            return cat([.. model.parameters().Select(p => p.grad!.flatten())]);
        }
    }

    private static void AssertNear(Tensor expected, Tensor actual, float tolerance)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        float error = ((actual.to(ScalarType.Float32) - expected).abs().max() / expected.abs().max()).item<float>();
        Assert.IsLessThan(tolerance, error);
    }
}
