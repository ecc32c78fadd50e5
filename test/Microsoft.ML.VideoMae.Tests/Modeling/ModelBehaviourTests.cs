// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Modeling.Masking;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed class ModelBehaviourTests
{
    private static readonly VideoMaeConfig s_config = VideoMaeConfig.CpuTiny with
    {
        ImageSize = 32,
        NumFrames = 4,
        HiddenSize = 32,
        IntermediateSize = 64,
        NumLabels = 3,
    };

    [TestMethod]
    public void Steps_LeaveNoTensorBehind()
    {
        using VideoMaeForVideoClassification classifier = new(s_config);
        using VideoMaeForPreTraining preTraining = new(s_config);
        classifier.DropPathRate = preTraining.DropPathRate = 0.1;
        TubeMaskGenerator masks = new(s_config, 0.5);
        using Tensor pixels = ones([2, 4, 3, 32, 32]), labels = tensor([0L, 2L]);
        void Step()
        {
            using var scope = NewDisposeScope();
            classifier.forward(pixels, labels, outputHiddenStates: true, outputAttentions: true).Loss!.backward();
            preTraining.forward(pixels, masks.Next(2)).Loss!.backward();
        }

        void StepWithoutScope()
        {
            using VideoMaeClassificationOutput output = classifier.forward(pixels, labels);
            using Tensor mask = masks.Next(2);
            using VideoMaePreTrainingOutput reconstruction = preTraining.forward(pixels, mask);
        }

        Step();
        StepWithoutScope();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 20; i++)
        {
            Step();
            StepWithoutScope();
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Models_LeaveNoTensorBehind()
    {
        using (new VideoMaeForPreTraining(s_config))
        {
        }

        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 5; i++)
        {
            using VideoMaeForPreTraining preTraining = new(s_config);
            using VideoMaeForVideoClassification classifier = new(s_config);
            using Tensor pixels = ones([1, 4, 3, 32, 32]);
            using VideoMaeClassificationOutput output = classifier.forward(pixels);
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Model_OutlivesTheScopeItWasBuiltIn_AndMovesBetweenTypes()
    {
        VideoMaeForPreTraining model;
        using (NewDisposeScope())
            model = new VideoMaeForPreTraining(s_config);
        using (model)
        {
            model.eval();
            using Tensor pixels = ones([1, 4, 3, 32, 32]), mask = new TubeMaskGenerator(s_config, 0.5).Next(1);
            using VideoMaePreTrainingOutput before = model.forward(pixels, mask);
            model.to(ScalarType.Float64);
            using VideoMaePreTrainingOutput exact = model.forward(pixels, mask);
            Assert.AreEqual(ScalarType.Float64, exact.Logits.dtype);
            using Tensor difference = (exact.Logits - before.Logits).abs().max();
            Assert.IsLessThan(1e-5, difference.item<double>());
            model.to(ScalarType.Float32);
            using VideoMaePreTrainingOutput after = model.forward(pixels, mask);
            Assert.IsTrue(before.Logits.eq(after.Logits).all().item<bool>());
        }
    }

    [TestMethod]
    public void WrongInputs_AreClearErrors()
    {
        using VideoMaeForVideoClassification model = new(s_config);
        using VideoMaeForPreTraining preTraining = new(s_config);
        using var scope = NewDisposeScope();
        Tensor good = ones([2, 4, 3, 32, 32]);
        string Message(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
        Assert.Contains(
            "[2, 4, 3, 32, 40] were given; this model takes [batch, 4, 3, 32, 32]",
            Message(() => model.forward(ones([2, 4, 3, 32, 40]))));
        Assert.Contains("floating point", Message(() => model.forward(good.to(ScalarType.Byte))));
        Assert.Contains("The label 3 was given", Message(() => model.forward(good, tensor([0L, 3L]))));
        Assert.Contains("2 class indices", Message(() => model.forward(good, tensor([0L]))));
        Assert.Contains("they must be [2, 3]", Message(() => model.forward(good, ones(2, 2))));
        Assert.Contains("[2, 8]", Message(() => preTraining.forward(good, zeros([2, 7], ScalarType.Bool))));
        Assert.Contains(
            "as many",
            Message(() =>
                preTraining.forward(
                    good, tensor(
                        [true, false, false, false, false, false, false, false, true, true, false, false, false, false, false, false],
                        [2, 8]))));
        Assert.Contains("both must be at least 1", Message(() => preTraining.forward(good, zeros([2, 8], ScalarType.Bool))));
        Assert.Contains("both must be at least 1", Message(() => preTraining.forward(good, ones([2, 8], ScalarType.Bool))));
    }

    [TestMethod]
    [DataRow(0.5, 4)]
    [DataRow(0.75, 2)]
    public void Encoder_RunsOnVisibleTokensOnly(double ratio, long visible)
    {
        using VideoMaeForPreTraining model = new(s_config);
        using var scope = NewDisposeScope();
        VideoMaePreTrainingOutput output = model.forward(
            rand([2, 4, 3, 32, 32]), new TubeMaskGenerator(s_config, ratio, 1).Next(2), outputHiddenStates: true, outputAttentions: true);
        foreach (Tensor states in output.HiddenStates!)
            CollectionAssert.AreEqual((long[])[2, visible, s_config.HiddenSize], states.shape);
        foreach (Tensor probabilities in output.Attentions!)
            CollectionAssert.AreEqual((long[])[2, s_config.NumAttentionHeads, visible, visible], probabilities.shape);
    }

    [TestMethod]
    public void DecodedPositions_OfAllMasked_EqualTheDefault_AndASubsetIsItsPart()
    {
        using VideoMaeForPreTraining model = new(s_config);
        model.eval();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor pixels = rand([2, 4, 3, 32, 32]);
        Tensor mask = tensor([true, false, true, true, true, false, true, true], [1, 8]).expand(2, 8).clone();
        VideoMaePreTrainingOutput all = model.forward(pixels, mask), same = model.forward(pixels, mask, mask);
        Assert.AreEqual(all.Loss!.item<float>(), same.Loss!.item<float>(), 1e-6);

        // Tokens 1 (visible) and 2 (masked) are reconstructed; only token 2 counts.
        Tensor decoded = tensor([false, true, true, false, false, false, false, false], [1, 8]).expand(2, 8).clone();
        VideoMaePreTrainingOutput some = model.forward(pixels, mask, decoded);
        CollectionAssert.AreEqual((long[])[2, 2, s_config.PatchDimension], some.Logits.shape);
        Tensor target = ReconstructionLoss.Targets(pixels, full([2, 1], 2, ScalarType.Int64), s_config);
        Assert.AreEqual((some.Logits.narrow(1, 1, 1) - target).square().mean().item<float>(), some.Loss!.item<float>(), 1e-6);
    }

    [TestMethod]
    public void SpatialPair_AndOtherSizes_Work()
    {
        VideoMaeConfig config = s_config with
        {
            ImageSize = new SpatialSize(32, 48),
            PatchSize = new SpatialSize(16, 8),
            TubeletSize = 4,
            NumChannels = 2,
            NumFrames = 8,
        };
        using VideoMaeForPreTraining model = new(config);
        using Tensor pixels = ones([1, 8, 2, 32, 48]), mask = new RandomMaskGenerator(config, 0.5).Next(1);
        using VideoMaePreTrainingOutput output = model.forward(pixels, mask);
        Assert.IsTrue(output.Loss!.isfinite().item<bool>());
        CollectionAssert.AreEqual((long[])[1, 12, 2 * 4 * 16 * 8], output.Logits.shape);
    }

    [TestMethod]
    public void NormedMeanPooling_IsTheMeanOfNormalisedTokens_AndIsWrittenWhereItIsSet()
    {
        VideoMaeConfig config = TestClips.Config with { UseMeanPooling = false, UseNormedMeanPooling = true };
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.eval();
        Tensor pixels = randn([2, 4, 3, 16, 16], generator: new Generator(2));
        Tensor tokens = model.Encoder.forward(pixels).LastHiddenState; // [B, N, D], normalised one by one
        Assert.IsTrue(tokens.mean([2]).abs().max().item<float>() < 1e-5, "The encoder ends in its layer norm.");
        Assert.IsTrue(model.Features(pixels).allclose(tokens.mean([1])));
        CollectionAssert.DoesNotContain(model.named_parameters().Select(p => p.name).ToArray(), "fc_norm.weight");

        Assert.IsTrue(VideoMaeConfig.FromJson(config.ToJson()).UseNormedMeanPooling);
        Assert.DoesNotContain("use_normed_mean_pooling", TestClips.Config.ToJson());
        Assert.Contains(
            "use_normed_mean_pooling and use_mean_pooling are both true",
            Assert.Throws<ArgumentException>((config with { UseMeanPooling = true }).Validate).Message);
    }

    [TestMethod]
    public void MeanFrameDifference_IsASecondInput_AndIsWrittenWhereItIsSet()
    {
        VideoMaeConfig config = TestClips.Config with { UseMeanFrameDifference = true, InitializerRange = 0.2 };
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using var model = new VideoMaeModel(config, new Generator(1));
        model.eval();
        Tensor pixels = randn([2, 4, 3, 16, 16], generator: new Generator(2));
        Tensor weight = model.Embeddings.Projection.Weight; // [D, 2 C, t, h, w]
        Assert.AreEqual(6, weight.shape[1]);
        Tensor difference = pixels - pixels.mean([1], keepdim: true);
        Tensor Convolved(Tensor clips, Tensor kernel) => nn.functional.conv3d(
            clips.transpose(1, 2), kernel, strides: [config.TubeletSize, config.PatchSize.Height, config.PatchSize.Width]).flatten(2).transpose(1, 2);
        Tensor expected = Convolved(pixels, weight.narrow(1, 0, 3)) + Convolved(difference, weight.narrow(1, 3, 3))
            + model.Embeddings.Projection.Bias! + SinusoidPositions.Table(config, config.HiddenSize);
        Assert.IsTrue(model.Embeddings.Forward(pixels, visible: null).allclose(expected, atol: 1e-5));

        // A model that scores has an encoder of its own.
        using var fast = new FastEncoder(model, ScalarType.Float32, oneDnn: null);
        Assert.IsTrue(model.forward(pixels).LastHiddenState.allclose(fast.Tokens(pixels), atol: 1e-4));

        Assert.IsTrue(VideoMaeConfig.FromJson(config.ToJson()).UseMeanFrameDifference);
        Assert.DoesNotContain("use_mean_frame_difference", TestClips.Config.ToJson());
    }

    [TestMethod]
    public void MeanFrameDifference_PreTrains()
    {
        VideoMaeConfig config = TestClips.Config with { UseMeanFrameDifference = true };
        using var model = new VideoMaeForPreTraining(config);
        using Tensor pixels = randn([1, 4, 3, 16, 16]), mask = new TubeMaskGenerator(config, 0.5).Next(1);
        using VideoMaePreTrainingOutput output = model.forward(pixels, mask);
        output.Loss!.backward();
        Assert.AreEqual(config.PatchDimension, output.Logits.shape[2], "Pixels are predicted as they are.");
        Assert.IsTrue(model.get_parameter("videomae.embeddings.patch_embeddings.projection.weight")!.grad!.isfinite().all().item<bool>());
    }
}
