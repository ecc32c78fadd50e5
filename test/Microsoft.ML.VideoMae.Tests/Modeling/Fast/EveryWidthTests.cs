// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>Operators choose a kernel by the width of a layer: one width that is right says nothing of another.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class EveryWidthTests
{
    private static readonly int[] s_widths = [8, 16, 24, 40, 48, 80, 96, 112, 144, 160, 240, 288, 320, 1000];

    private static IEnumerable<object[]> Cases =>
        from width in s_widths
        from precision in (ComputePrecision[])[ComputePrecision.Float32, ComputePrecision.BFloat16]
        from batch in (int[])[1, 3]
        select new object[] { width, precision, batch };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Encoder_GivesTheModelsTokens(int width, ComputePrecision precision, int batch)
    {
        var config = new VideoMaeConfig
        {
            ImageSize = 16,
            PatchSize = 8,
            NumFrames = 4,
            HiddenSize = width,
            NumAttentionHeads = width / 8,
            IntermediateSize = 3 * width / 2,
            NumHiddenLayers = 2,
            NumLabels = 3,
            InitializerRange = 0.1,
        };
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = randn([batch, 4, 3, 16, 16], generator: new Generator(5)), expected = model.Tokens(clips);
        using IClipEncoder encoder = ClipEncoder.Create(model, CPU, precision, Assert.Fail);
        // Twice: the first clip is compared, the second is not.
        foreach (Tensor actual in (Tensor[])[encoder.Tokens(clips), encoder.Tokens(clips)])
        {
            float error = ((actual - expected).norm() / expected.norm()).item<float>();
            Assert.IsLessThan(precision == ComputePrecision.Float32 ? 1e-5f : 2.5e-2f, error);
        }
    }

    /// <summary>Clips whose layers give 8 MB each go through the encoder by threes; the order stays.</summary>
    [TestMethod]
    public void LargeClips_InABatch_GetTheTokensTheyGetAlone()
    {
        var config = new VideoMaeConfig
        {
            ImageSize = 128,
            PatchSize = 8,
            NumFrames = 8,
            HiddenSize = 16,
            NumAttentionHeads = 2,
            IntermediateSize = 2048,
            NumHiddenLayers = 1,
            NumLabels = 3,
            InitializerRange = 0.1,
        };
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = randn([5, 8, 3, 128, 128], generator: new Generator(5));
        using IClipEncoder encoder = ClipEncoder.Create(model, CPU, ComputePrecision.Float32, Assert.Fail);
        Tensor[] actual = encoder.TokensAt(clips, [null, 0]);
        for (int i = 0; i < 5; i++)
        {
            Tensor[] alone = encoder.TokensAt(clips.narrow(0, i, 1), [null, 0]);
            for (int place = 0; place < alone.Length; place++)
                Assert.IsTrue(actual[place].narrow(0, i, 1).allclose(alone[place], 1e-4, 1e-5), $"clip {i}, place {place}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void OneDnn_GivesWhatLibtorchGives(int width, ComputePrecision precision, int batch)
    {
        if (!OneDnn.IsAvailable)
            Assert.Inconclusive("This libtorch does not have the operators.");
        ScalarType type = precision == ComputePrecision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        var generator = new Generator(7);
        foreach ((int inputs, int outputs) in (ReadOnlySpan<(int, int)>)[(64, width), (width, 64), (width, width)])
        {
            Tensor x = randn([batch, 19, inputs], generator: generator).to(type),
                weight = randn([outputs, inputs], generator: generator).to(type);
            Tensor bias = randn([outputs], generator: generator).to(type),
                other = randn([batch, 19, outputs], generator: generator).to(type);
            Tensor expected = nn.functional.linear(x, weight, bias);
            try
            {
                AssertNear(expected, OneDnn.Linear(x, weight, bias, gelu: false), $"{inputs} to {outputs}");
                AssertNear(nn.functional.linear(x, weight), OneDnn.Linear(x, weight, null, gelu: false), $"{inputs} to {outputs} without " +
                    "biases");
                AssertNear(expected.gelu(), OneDnn.Linear(x, weight, bias, gelu: true), $"{inputs} to {outputs} and gelu");
                AssertNear(expected.add(other), OneDnn.LinearAdd(x, other, weight, bias), $"{inputs} to {outputs} and a sum");
            }
            catch (ExternalException) when (type == ScalarType.BFloat16 && !BFloat16Support.IsFast)
            {
                return; // It refuses what the processor has no instructions for, and the encoder does not ask for it.
            }
        }
    }

    private static void AssertNear(Tensor expected, Tensor actual, string what)
    {
        double largest = expected.abs().max().to(ScalarType.Float32).item<float>();
        double difference = actual.sub(expected).abs().max().to(ScalarType.Float32).item<float>();
        Assert.IsLessThan(largest * (expected.dtype == ScalarType.Float32 ? 1e-5 : 2e-2), difference, what);
    }
}
