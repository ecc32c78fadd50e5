// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>The fast encoder gives what the model gives.</summary>
[TestClass]
public sealed class FastEncoderTests
{
    private static readonly VideoMaeConfig s_config = new()
    {
        ImageSize = 64,
        NumFrames = 8,
        HiddenSize = 96,
        NumHiddenLayers = 4,
        NumAttentionHeads = 3,
        IntermediateSize = 192,
        NumLabels = 7,
        InitializerRange = 0.1,
    };

    [TestMethod]
    [DataRow("cls_1channel")]
    [DataRow("cls_frames_not_multiple")]
    [DataRow("cls_gelu_new")]
    [DataRow("cls_large_eps")]
    [DataRow("cls_large_eps_no_mean_pooling")]
    [DataRow("cls_no_mean_pooling")]
    [DataRow("cls_no_qkv_bias")]
    [DataRow("cls_odd_hidden_head1")]
    [DataRow("cls_quick_gelu")]
    [DataRow("cls_rect_16x24")]
    [DataRow("cls_silu")]
    [DataRow("cls_tubelet4")]
    public void Variants_GiveTheReferencesLogits(string variant)
    {
        IReadOnlyDictionary<string, Tensor> expected = Load("variants", variant, "expected.safetensors");
        using VideoMaeForVideoClassification model = LoadModel(config => new VideoMaeForVideoClassification(config), "variants", variant);
        // By libtorch's ordinary operators, and by oneDNN where this libtorch has it, worthwhile here or not.
        foreach (bool packed in OneDnn.IsAvailable ? (bool[])[false, true] : [false])
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, packed);
            AssertValues(expected["logits"], model.Classify(encoder.Tokens(expected["pixel_values"])), $"logits, packed: {packed}");
        }
    }

    [TestMethod]
    public void OneDnn_IsReachedOnLinux()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Elsewhere the operators may be missing, and nobody needs them.");
        Assert.IsTrue(OneDnn.IsAvailable, "the libtorch that this package is built for has the operators");
    }

    [TestMethod]
    public void EveryBlocksTokens_AreTheModelsHiddenStates()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        model.eval();
        using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, OneDnn.IsAvailable);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = Clips();
        List<Tensor> expected = [.. model.Encoder.forward(clips, outputHiddenStates: true).HiddenStates!];
        for (int blocks = 1; blocks < expected.Count; blocks++)
            AssertValues(expected[blocks], encoder.Tokens(clips, blocks), $"after {blocks} blocks");
    }

    [TestMethod]
    public void BFloat16_IsWithinAHundredth()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        model.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = Clips(), expected = model.forward(clips).Logits;
        using IClipEncoder encoder = ClipEncoder.Create(model, CPU, ComputePrecision.BFloat16);
        Tensor actual = model.Classify(encoder.Tokens(clips));
        float error = ((actual - expected).norm() / expected.norm()).item<float>();
        Assert.IsGreaterThan(0, error, "other numbers would be no 16 bits");
        Assert.IsLessThan(1e-2f, error);
        Assert.IsTrue(actual.argmax(1).eq(expected.argmax(1)).all().item<bool>(), "the same classes come first");
    }

    [TestMethod]
    public void NothingIsLeftBehind()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        model.eval();
        using Tensor clips = Clips();
        Run(); // What is made once is made.
        long before = Tensor.TotalCount;
        Run();
        Assert.AreEqual(before, Tensor.TotalCount);

        void Run()
        {
            using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, OneDnn.IsAvailable);
            for (int i = 0; i < 5; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                encoder.Tokens(clips);
            }
        }
    }

    private static Tensor Clips() => randn([3, 8, 3, 64, 64], generator: new Generator(5));
}
