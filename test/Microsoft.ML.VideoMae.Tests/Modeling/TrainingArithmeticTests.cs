// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

/// <summary>Activation checkpointing changes nothing but memory and time; short numbers change little.</summary>
[TestClass]
public sealed class TrainingArithmeticTests
{
    private static readonly VideoMaeConfig s_config = TestClips.Config with
    {
        NumHiddenLayers = 3,
        NumLabels = 3,
        HiddenDropoutProb = 0.2,
        InitializerRange = 0.2,
    };

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void Checkpointing_GivesTheSameGradientsOfAClassifier(int frozen)
    {
        Dictionary<string, Tensor> expected = Gradients(frozen, checkpointing: false), actual = Gradients(frozen, checkpointing: true);
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys);
        Assert.AreEqual(frozen == 0, expected.ContainsKey("videomae.encoder.layer.0.output.dense.weight"));
        foreach ((string name, Tensor gradient) in expected)
            ReferenceData.AssertClose(gradient, actual[name], name, 0);
    }

    [TestMethod]
    public void Checkpointing_GivesTheSameGradientsOfPreTraining()
    {
        Dictionary<string, Tensor> Run(bool checkpointing)
        {
            VideoMaeConfig config = s_config with
            {
                UseMeanPooling = false,
                DecoderHiddenSize = 12,
                DecoderNumAttentionHeads = 2,
                DecoderIntermediateSize = 24,
                DecoderNumHiddenLayers = 2,
            };
            using var model = new VideoMaeForPreTraining(config, new Generator(1))
            {
                ActivationCheckpointing = checkpointing,
                DropPathRate = 0.4,
            };
            using DisposeScope scope = NewDisposeScope();
            model.train();
            Tensor mask = tensor((bool[])[true, true, false, true, true, false, true, true]).expand(2, -1);
            model.Backward(model.forward(Clips(2), mask).Loss!);
            return Collect(model);
        }

        Dictionary<string, Tensor> expected = Run(false), actual = Run(true);
        CollectionAssert.AreEquivalent(expected.Keys, actual.Keys);
        foreach ((string name, Tensor gradient) in expected)
            ReferenceData.AssertClose(gradient, actual[name], name, 0);
    }

    /// <summary>Whoever wants to know when a block has its gradients gets the same ones, from the last block to the first.</summary>
    [TestMethod]
    [DataRow(false, 0, new[] { 2, 1, 0 })]
    [DataRow(true, 0, new[] { 2, 1, 0 })]
    [DataRow(false, 1, new[] { 2 })] // Nothing goes further back than the first block that is trained: it has its gradients at the end.
    public void BlockCompleted_ToldOfBlocks_GradientsAreTheSame(bool checkpointing, int frozen, int[] blocks)
    {
        var told = new List<int>();
        Dictionary<string, Tensor> expected = Gradients(frozen, checkpointing), actual = Gradients(frozen, checkpointing, configure: model =>
        {
            TransformerBlock[] all = [.. model.Encoder.Blocks];
            model.BlockCompleted = block =>
            {
                Assert.IsTrue(block.parameters().All(p => p.grad is not null), "A block is told of before it has its gradients.");
                told.Add(Array.IndexOf(all, block));
            };
        });
        CollectionAssert.AreEqual(blocks, told);
        foreach ((string name, Tensor gradient) in expected)
            ReferenceData.AssertClose(gradient, actual[name], name, 0);
    }

    /// <summary>A pass that keeps hidden states stays in one piece: blocks are not complete before it is gone back through.</summary>
    [TestMethod]
    public void BlockCompleted_PassInOnePiece_IsToldOfNone()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1)) { BlockCompleted = _ => Assert.Fail() };
        model.train();
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor((long[])[0, 1]);
        Tensor loss = model.forward(Clips(2), labels, outputHiddenStates: true).Loss!;
        model.Backward(loss + model.forward(Clips(2), labels).Loss!);
    }

    [TestMethod]
    public void Checkpointing_LeavesNoTensorsBehind()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1)) { ActivationCheckpointing = true };
        model.train();
        Step(backward: true);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step(backward: true);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Step(backward: false);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step(bool backward)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = model.forward(Clips(2), tensor((long[])[0, 1])).Loss!;
            if (backward)
                model.Backward(loss);
            else
                model.ForgetForward();
        }
    }

    [TestMethod]
    public void BFloat16_ChangesLossAndGradientsLittle()
    {
        Dictionary<string, Tensor> expected = Gradients(0, false, dropout: 0),
            actual = Gradients(0, false, ComputePrecision.BFloat16, dropout: 0);
        using DisposeScope scope = NewDisposeScope();
        Tensor all = cat([.. expected.Values.Select(g => g.flatten())]),
            others = cat([.. expected.Keys.Select(name => actual[name].flatten())]);
        Assert.IsTrue(actual.Values.All(g => g.dtype == ScalarType.Float32), "gradients stay in 32 bits");
        float error = ((others - all).norm() / all.norm()).item<float>();
        Assert.IsGreaterThan(0, error);
        Assert.IsLessThan(3e-2f, error);
    }

    private static Dictionary<string, Tensor> Gradients(
        int frozen, bool checkpointing, ComputePrecision precision = ComputePrecision.Float32, double dropout = 0.2,
        Action<VideoMaeForVideoClassification>? configure = null)
    {
        using var model = new VideoMaeForVideoClassification(s_config with { HiddenDropoutProb = dropout }, new Generator(1));
        model.ActivationCheckpointing = checkpointing;
        model.Precision = precision;
        if (frozen > 0)
            model.Encoder.Freeze(frozen);
        model.DropPathRate = dropout;
        model.train();
        configure?.Invoke(model);
        using DisposeScope scope = NewDisposeScope();
        model.Backward(model.forward(Clips(3), tensor((long[])[0, 1, 2])).Loss!);
        return Collect(model);
    }

    private static Dictionary<string, Tensor> Collect(VideoMaePreTrainedModel model)
    {
        var gradients = new Dictionary<string, Tensor>();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (parameter.grad is Tensor gradient)
                gradients.Add(name, gradient.clone().DetachFromDisposeScope());
        }

        return gradients;
    }

    private static Tensor Clips(int count) => randn([count, 4, 3, 16, 16], generator: new Generator(5));
}
