// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed class StochasticTests
{
    private static readonly VideoMaeConfig s_config = VideoMaeConfig.CpuTiny with
    {
        ImageSize = 32,
        NumFrames = 4,
        HiddenSize = 32,
        IntermediateSize = 64,
        NumLabels = 3,
    };

    private static VideoMaeForVideoClassification Model(ulong seed, VideoMaeConfig? config = null, double initScale = 1)
    {
        using var generator = new Generator(seed);
        return new VideoMaeForVideoClassification(config ?? s_config, generator, initScale);
    }

    private static float[] Train(VideoMaeForVideoClassification model)
    {
        using var scope = NewDisposeScope();
        model.train();
        using var own = new Generator(1);
        Tensor pixels = empty([4, 4, 3, 32, 32]).normal_(0, 1, own);
        VideoMaeClassificationOutput output = model.forward(pixels, tensor([0L, 1L, 2L, 0L]));
        output.Loss!.backward();
        return output.Logits.detach().data<float>().ToArray();
    }

    [TestMethod]
    public void Initialisation_IsATruncatedNormal_OfTheSeed()
    {
        using VideoMaeForVideoClassification first = Model(1), same = Model(1), other = Model(2), small = Model(1, initScale: 0.001);
        Tensor weight = first.get_parameter("videomae.encoder.layer.0.intermediate.dense.weight")!;
        Assert.IsTrue(weight.eq(same.get_parameter("videomae.encoder.layer.0.intermediate.dense.weight")!).all().item<bool>());
        Assert.IsFalse(weight.eq(other.get_parameter("videomae.encoder.layer.0.intermediate.dense.weight")!).all().item<bool>());
        Assert.IsTrue(weight.abs().max().item<float>() <= 0.04f);
        Assert.AreEqual(0, weight.mean().item<float>(), 0.002);
        Assert.AreEqual(0.02 * 0.8796, weight.std().item<float>(), 0.001); // A normal cut at two deviations has 0.8796 of its deviation.
        Assert.AreEqual(0f, first.get_parameter("classifier.bias")!.abs().max().item<float>());
        Assert.AreEqual(1f, first.get_parameter("fc_norm.weight")!.min().item<float>());
        using Tensor scaled = first.get_parameter("classifier.weight")! * 0.001;
        Assert.IsTrue(allclose(scaled, small.get_parameter("classifier.weight")!));
    }

    [TestMethod]
    public void GlobalGenerator_IsNeverTouched()
    {
        using Tensor before = Generator.Default.get_state();
        VideoMaeConfig config = s_config with { HiddenDropoutProb = 0.1, AttentionProbsDropoutProb = 0.1 };
        using (VideoMaeForVideoClassification model = new(config))
        {
            model.DropPathRate = 0.2;
            model.HeadDropout = 0.5;
            Train(model);
            model.InitWeights();
        }

        using (VideoMaeForPreTraining model = new(config))
            model.train();
        using Tensor after = Generator.Default.get_state();
        Assert.IsTrue(before.eq(after).all().item<bool>());
    }

    [TestMethod]
    public void Training_OfOneSeed_Repeats_AndItsStateCanBeKept()
    {
        VideoMaeConfig config = s_config with { HiddenDropoutProb = 0.1, AttentionProbsDropoutProb = 0.1 };
        using VideoMaeForVideoClassification first = Model(5, config), second = Model(5, config);
        foreach (VideoMaeForVideoClassification model in (VideoMaeForVideoClassification[])[first, second])
            (model.DropPathRate, model.HeadDropout) = (0.3, 0.5);
        float[] one = Train(first);
        CollectionAssert.AreEqual(one, Train(second));
        using Tensor state = first.DropoutGenerator.get_state();
        float[] two = Train(first);
        CollectionAssert.AreNotEqual(one, two);
        second.DropoutGenerator.set_state(state);
        CollectionAssert.AreEqual(two, Train(second));
    }

    [TestMethod]
    [DataRow("hidden")]
    [DataRow("attention")]
    [DataRow("path")]
    [DataRow("head")]
    public void EachDropout_ActsInTrainingOnly(string which)
    {
        VideoMaeConfig config = s_config with
        {
            HiddenDropoutProb = which == "hidden" ? 0.5 : 0,
            AttentionProbsDropoutProb = which == "attention" ? 0.5 : 0,
        };
        using VideoMaeForVideoClassification model = Model(5, config),
            plain = Model(5);
        model.DropPathRate = which == "path" ? 0.5 : 0;
        model.HeadDropout = which == "head" ? 0.5 : 0;
        CollectionAssert.AreNotEqual(Train(plain), Train(model));
        model.eval();
        plain.eval();
        using Tensor pixels = ones([1, 4, 3, 32, 32]);
        using VideoMaeClassificationOutput expected = plain.forward(pixels), actual = model.forward(pixels);
        Assert.IsTrue(expected.Logits.eq(actual.Logits).all().item<bool>());
    }

    [TestMethod]
    public void Dropout_KeepsTheShare_AndTheMean()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Stochasticity random = new(generator);
        Tensor x = ones(100, 200);
        Tensor dropped = random.Dropout(x, 0.3);
        Assert.AreEqual(0.7, dropped.ne(0).to(ScalarType.Float32).mean().item<float>(), 0.02);
        Assert.AreEqual(1, dropped.mean().item<float>(), 0.03);
        Tensor paths = random.DropPath(ones(2000, 3, 2), 0.25);
        Tensor rows = paths.ne(0).flatten(1);
        Assert.IsTrue(rows.all(1).eq(rows.any(1)).all().item<bool>(), "A sample is kept or dropped as a whole.");
        Assert.AreEqual(0.75, rows.any(1).to(ScalarType.Float32).mean().item<float>(), 0.05);
        Assert.AreEqual(1 / 0.75, paths.max().item<float>(), 1e-6);
        Assert.AreSame(x, random.Dropout(x, 0));
    }

    [TestMethod]
    public void DropPath_RisesLinearlyOverDepth()
    {
        var random = new Stochasticity(new Generator(1));
        using BlockStack stack = new(s_config with { NumHiddenLayers = 4 }, random, new BackwardPass(random))
        {
            DropPathRate = 0.3,
        };
        double[] rates = [.. stack.Blocks.Select(block => block.DropPathRate)];
        foreach ((double expected, double actual) in ((double[])[0, 0.1, 0.2, 0.3]).Zip(rates))
            Assert.AreEqual(expected, actual, 1e-12);
        using VideoMaeForPreTraining model = new(s_config);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.DropPathRate = 1);
    }
}
