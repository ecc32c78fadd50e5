// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>An option that came after the first version.</summary>
[TestClass]
public sealed class HeadInitScaleTests
{
    private readonly RunHelper _run = new();

    [TestMethod]
    public void FreshHead_StartsScaled()
    {
        double usual = FirstNormOfHead(0.001f), larger = FirstNormOfHead(0.5f);
        Assert.AreEqual(500, larger / usual, 0.01);
        Assert.AreEqual(0, FirstNormOfHead(0));
    }

    [TestMethod]
    public void Runs_ThatDoNotSetIt_KeepTheirNames()
    {
        string usual = NameOf(new VideoMaeTrainer.Options());
        Assert.AreEqual(usual, NameOf(new VideoMaeTrainer.Options { HeadInitScale = 0.001f }));
        Assert.AreNotEqual(usual, NameOf(new VideoMaeTrainer.Options { HeadInitScale = 0.01f }));
        CollectionAssert.Contains(
            System.Linq.Enumerable.ToArray(RunIdentity.Settings(new VideoMaeTrainer.Options())), ("HeadInitScale", "0.001"),
            "a card has it all the same");
    }

    private static string NameOf(VideoMaeTrainer.Options options) => RunIdentity.OfRun(options, ["a", "b"], [], []);

    /// <summary>A step of next to nothing leaves the head as it started.</summary>
    private double FirstNormOfHead(float scale)
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.Config = null;
        options.PretrainedModel = ReferenceFiles.Path("tiny/pretraining");
        (options.FineTuning, options.HeadInitScale, options.LearningRate) = (FineTuningMode.Full, scale, 1e-30f);
        byte[] weights = _run.Weights(options);
        using SafetensorsContent content = SafetensorsReader.Load(new MemoryStream(weights), weights.Length);
        using torch.Tensor norm = content.Tensors["classifier.weight"].norm();
        return norm.item<float>();
    }
}
