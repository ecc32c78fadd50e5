// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

/// <summary>A replica computes what the model computes, with the same weights and gradients of its own.</summary>
[TestClass]
public sealed class ReplicaTests
{
    private static readonly VideoMaeConfig s_config = TestClips.Config with
    {
        HiddenDropoutProb = 0.2,
        DecoderHiddenSize = 12,
        DecoderIntermediateSize = 24,
        DecoderNumAttentionHeads = 2,
        DecoderNumHiddenLayers = 1,
    };

    [TestMethod]
    [DataRow(0, false, ComputePrecision.Float32, false)]
    [DataRow(0, false, ComputePrecision.Float32, true)]
    [DataRow(1, true, ComputePrecision.Float32, false)]
    [DataRow(0, false, ComputePrecision.BFloat16, false)]
    public void Classifier_GivesTheSameLossAndGradients(int frozen, bool checkpoints, ComputePrecision precision, bool oneDnn)
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        model.Encoder.Freeze(frozen);
        (model.DropPathRate, model.HeadDropout) = (0.4, 0.3);
        (model.ActivationCheckpointing, model.Precision, model.RecomputesAttention) = (checkpoints, precision, true);
        model.Products = oneDnn && OneDnn.IsAvailable ? CheckedProducts.OfOneDnn(Assert.Fail) : null;
        model.train();
        Tensor labels = tensor([0L, 1L, 1L]);
        AssertAlike(model, (network, clips) => ((VideoMaeForVideoClassification)network).forward(clips, labels).Loss!);
    }

    [TestMethod]
    public void Autoencoder_GivesTheSameLossAndGradients()
    {
        using var model = new VideoMaeForPreTraining(s_config with { UseMeanPooling = false }, new Generator(1)) { DropPathRate = 0.4 };
        model.train();
        Tensor hidden = tensor(Enumerable.Range(0, 3 * s_config.NumPatches).Select(i => i % 2 == 0).ToArray(), [3, s_config.NumPatches]);
        AssertAlike(model, (network, clips) => ((VideoMaeForPreTraining)network).forward(clips, hidden).Loss!);
    }

    [TestMethod]
    public void Weights_AreShared()
    {
        using var model = new VideoMaeForVideoClassification(s_config, new Generator(1));
        using VideoMaePreTrainedModel replica = model.Replicate();
        using (IDisposable noGrad = no_grad())
        {
            foreach ((string _, Parameter parameter) in model.named_parameters())
                parameter.fill_(3);
        }

        Assert.IsTrue(replica.parameters().All(p => p.eq(3).all().item<bool>()));
        Assert.IsFalse(replica.training ^ model.training);
    }

    private static void AssertAlike(VideoMaePreTrainedModel model, Func<VideoMaePreTrainedModel, Tensor, Tensor> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        using VideoMaePreTrainedModel replica = model.Replicate();
        Tensor clips = randn([3, s_config.NumFrames, s_config.NumChannels, 16, 16], generator: new Generator(2));
        Tensor expected = Run(model), actual = Run(replica);
        Assert.AreEqual(expected.item<float>(), actual.item<float>());
        int compared = 0;
        foreach ((string name, Parameter parameter) in replica.named_parameters())
        {
            Parameter own = model.get_parameter(name)!;
            Assert.AreEqual(own.requires_grad, parameter.requires_grad, name);
            Assert.AreEqual(own.grad is null, parameter.grad is null, name);
            if (own.grad is not Tensor gradient)
                continue;
            Assert.IsTrue(gradient.eq(parameter.grad!).all().item<bool>(), name);
            compared++;
        }

        Assert.IsGreaterThan(5, compared);

        Tensor Run(VideoMaePreTrainedModel network)
        {
            network.DropoutGenerator.manual_seed(5);
            Tensor result = loss(network, clips);
            network.Backward(result);
            return result.detach();
        }
    }
}
