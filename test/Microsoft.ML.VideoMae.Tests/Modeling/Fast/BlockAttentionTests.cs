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

/// <summary>
/// Blocks whose attention computes its scores again on the way back train as they do with libtorch's fused operator. In Float32 it is tested
/// with libtorch's own product in the place of oneDNN's, on every processor.
/// </summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class BlockAttentionTests
{
    private const int Blocks = 2, Heads = 3, Clips = 2;

    private static readonly VideoMaeConfig s_config = VideoMaeConfig.CpuTiny with
    {
        ImageSize = 128,
        PatchSize = 8,
        NumFrames = 4,
        TubeletSize = 2,
        HiddenSize = 48,
        NumAttentionHeads = Heads,
        IntermediateSize = 96,
        NumHiddenLayers = Blocks,
        NumLabels = 3,
        InitializerRange = 0.1,
    };

    private int _calls;

    [TestInitialize]
    public void Initialize()
    {
        Assert.AreEqual(512, s_config.NumPatches);
        if (!AttentionRows.AreAvailable)
            Assert.Inconclusive("libtorch has no OpenMP of GNU's on this system, so loops of ours do not run in its threads.");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Gradients_AreThoseOfTheFusedOperator(bool checkpointing)
    {
        using DisposeScope scope = NewDisposeScope();
        using VideoMaeForVideoClassification expected = Model(recomputes: false), actual = Model(recomputes: true);
        actual.ActivationCheckpointing = checkpointing;
        AssertNear(Gradients(expected), Gradients(actual), 1e-5);
    }

    [TestMethod]
    public void Gradients_InBFloat16_AreThoseOfFloat32()
    {
        if (!AttentionProducts.ArePossible)
            Assert.Inconclusive($"BFloat16 is not faster on this processor, {ProcessorInfo.Description}.");
        using DisposeScope scope = NewDisposeScope();
        using VideoMaeForVideoClassification expected = Model(recomputes: false), actual = Model(recomputes: true);
        actual.Precision = ComputePrecision.BFloat16;
        AssertNear(Gradients(expected), Gradients(actual), 3e-2);
    }

    [TestMethod]
    public void Step_MultipliesSevenTimesAHead()
    {
        using DisposeScope scope = NewDisposeScope();
        using VideoMaeForVideoClassification model = Model(recomputes: true);
        Gradients(model); // Every product is compared once.
        _calls = 0;
        Gradients(model);
        Assert.AreEqual(Blocks * (4 * 3 + 7 * Heads * Clips), _calls);
    }

    /// <summary>Whoever calls the loss's own way back, or wants dropout within attention, gets libtorch's attention.</summary>
    [TestMethod]
    [DataRow(false, 0.0, DisplayName = "a loop of the user's own")]
    [DataRow(true, 0.1, DisplayName = "dropout of probabilities")]
    public void OtherSteps_StayLibtorchs(bool recomputes, double dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        using VideoMaeForVideoClassification model = Model(recomputes, dropout);
        Gradients(model);
        _calls = 0;
        Gradients(model);
        Assert.AreEqual(Blocks * 4 * 3, _calls);
    }

    [TestMethod]
    public void ManySteps_LeaveNoTensorsBehind()
    {
        using VideoMaeForVideoClassification model = Model(recomputes: true);
        long before = 0;
        for (int step = 0; step < 8; step++)
        {
            using (DisposeScope scope = NewDisposeScope())
            {
                Tensor loss = Loss(model);
                if (step % 3 == 2)
                    model.ForgetForward();
                else
                    model.Backward(loss);
                model.zero_grad();
            }

            long now = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            before = step == 1 ? now : before;
            if (step > 1)
                Assert.AreEqual(before, now, $"step {step}");
        }
    }

    private static Tensor Loss(VideoMaeForVideoClassification model)
    {
        Tensor clips = randn([Clips, s_config.NumFrames, 3, s_config.ImageSize.Height, s_config.ImageSize.Width], generator: new Generator(2));
        return model.forward(clips, tensor((long[])[0, 2])).Loss!;
    }

    private static Tensor Gradients(VideoMaeForVideoClassification model)
    {
        model.zero_grad();
        model.Backward(Loss(model));
        return cat([.. model.parameters().Select(p => p.grad!.flatten())]);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        float error = ((actual - expected).norm() / expected.norm()).item<float>();
        Assert.IsGreaterThan(0, error, "Both took the same path.");
        Assert.IsLessThan(tolerance, error);
    }

    private VideoMaeForVideoClassification Model(bool recomputes, double dropout = 0)
    {
        var model = new VideoMaeForVideoClassification(s_config with { AttentionProbsDropoutProb = dropout }, new Generator(1))
        {
            Products = new CheckedProducts(Multiply, new OperatorCheck(Assert.Fail)),
            RecomputesAttention = recomputes,
        };
        model.train();
        return model;
    }

    private Tensor Multiply(Tensor a, Tensor b, Tensor? bias)
    {
        _calls++;
        return nn.functional.linear(a, b, bias);
    }
}
