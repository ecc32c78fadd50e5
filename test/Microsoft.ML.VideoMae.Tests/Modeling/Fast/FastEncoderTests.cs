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
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>The fast encoder gives what the model gives.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
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
        foreach (OperatorCheck? oneDnn in (OperatorCheck?[])[null, .. Strict])
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, oneDnn);
            AssertValues(expected["logits"], model.Classify(encoder.Tokens(expected["pixel_values"])), "logits, by oneDNN: " +
                $"{oneDnn is not null}");
        }
    }

    /// <summary>What transformers score with, as it is chosen for this processor.</summary>
    [TestMethod]
    [DataRow("tiny/classification", "tiny/expected/inputs.safetensors", "tiny/expected/classification.safetensors", "pixel_values")]
    [DataRow("tiny/regression", "tiny/expected/inputs.safetensors", "tiny/expected/regression.safetensors", "pixel_values")]
    [DataRow("mcg/finetune_hf", "mcg/finetune_expected.safetensors", "mcg/finetune_expected.safetensors", "pixel_values_btchw")]
    public void Checkpoints_GiveTheReferencesLogits(string checkpoint, string inputs, string outputs, string pixelValues)
    {
        IReadOnlyDictionary<string, Tensor> given = Load(inputs.Split('/')), expected = Load(outputs.Split('/'));
        using VideoMaeForVideoClassification model = LoadModel(config => new VideoMaeForVideoClassification(config), checkpoint.Split('/'));
        using IClipEncoder encoder = ClipEncoder.Create(model, CPU, ComputePrecision.Float32, Assert.Fail);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        string logits = expected.Keys.First(name => name.EndsWith("logits", StringComparison.Ordinal));
        AssertValues(expected[logits], model.Classify(encoder.Tokens(given[pixelValues])), logits);
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
        using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, Strict.FirstOrDefault());
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = Clips();
        List<Tensor> expected = [.. model.Encoder.forward(clips, outputHiddenStates: true).HiddenStates!];
        for (int blocks = 1; blocks < expected.Count; blocks++)
            AssertValues(expected[blocks], encoder.Tokens(clips, blocks), $"after {blocks} blocks");
        // Several places at once, in any order, and one of them twice.
        int?[] places = [null, 1, expected.Count - 1, 2, 1];
        Tensor[] tokens = encoder.TokensAt(clips, places);
        AssertValues(model.Tokens(clips), tokens[0], "after all");
        for (int i = 1; i < places.Length; i++)
            AssertValues(expected[places[i]!.Value], tokens[i], $"after {places[i]} blocks, with others");
    }

    /// <summary>Products of single heads are for long clips in Float32, where oneDNN multiplies about twice as fast as libtorch.</summary>
    [TestMethod]
    [DataRow(true, 64, ComputePrecision.Float32, true)]
    [DataRow(false, 64, ComputePrecision.Float32, false)]
    [DataRow(true, 32, ComputePrecision.Float32, false)]
    [DataRow(true, 64, ComputePrecision.BFloat16, false)]
    public void Attention_TakesOneDnnsProducts_WhereTheyPay(bool isFast, int size, ComputePrecision precision, bool expected)
    {
        VideoMaeConfig config = s_config with { ImageSize = size, PatchSize = 4, NumFrames = 8 };
        Assert.AreEqual(size == 64 ? 1024 : 256, config.NumPatches);
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.eval();
        ProductSpeeds.Assumed.Value = isFast ? new ProductSpeeds(165, 360, 2.1) : new ProductSpeeds(200, 210, 1.02);
        using var encoder = new FastEncoder(
            model.Encoder, precision == ComputePrecision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16, Strict.FirstOrDefault());
        Assert.AreEqual(expected && OneDnn.IsAvailable, encoder.AttendsByHead);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = randn([2, 8, 3, size, size], generator: new Generator(2));
        if (precision == ComputePrecision.Float32)
            AssertValues(model.Tokens(clips), encoder.Tokens(clips), "tokens");
    }

    [TestMethod]
    public void BFloat16_IsWithinAHundredth()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        model.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = Clips(), expected = model.forward(clips).Logits;
        using IClipEncoder encoder = ClipEncoder.Create(model, CPU, ComputePrecision.BFloat16, Assert.Fail);
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
            using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, Strict.FirstOrDefault());
            for (int i = 0; i < 5; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                encoder.Tokens(clips);
            }
        }
    }

    /// <summary>A check that lets no layer differ; none where this libtorch has no oneDNN.</summary>
    private static OperatorCheck[] Strict => OneDnn.IsAvailable ? [new OperatorCheck(Assert.Fail)] : [];

    private static Tensor Clips() => randn([3, 8, 3, 64, 64], generator: new Generator(5));
}
