// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>What an application has set in torch neither changes what is trained and scored, nor is changed by it.</summary>
[TestClass]
[DoNotParallelize] // default types and devices belong to the process
public sealed class TorchStateTests
{
    [TestMethod]
    [DataRow("no gradients")]
    [DataRow("inference mode")]
    [DataRow("other default type")]
    [DataRow("other default device")]
    public void TrainingAndScoring_AreAsEver(string state)
    {
        float[] expected = TrainAndScore();
        float[] actual = Inside(state, TrainAndScore);
        CollectionAssert.AreEqual(expected, actual);
    }

    [TestMethod]
    [DataRow("no gradients")]
    [DataRow("inference mode")]
    [DataRow("other default type")]
    [DataRow("other default device")]
    public void PretrainingAndOtherTasks_Run(string state) => Inside(state, () =>
    {
        var ml = new MLContext(1);
        IDataView data = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(ml)).Transform(TestClips.Load(ml));
        using VideoMaePretrainedTransformer pretrained = ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
        {
            Config = TestClips.Config with { DecoderHiddenSize = 8, DecoderNumAttentionHeads = 2, DecoderIntermediateSize = 16, DecoderNumHiddenLayers = 1 },
            NumberOfEpochs = 1,
            MaskRatio = 0.5f,
            Seed = 1,
        }).Fit(data);
        Assert.IsTrue(pretrained.Transform(data).GetColumn<float>("ReconstructionLoss").All(float.IsFinite));
        VideoMaeTrainer.Options options = TestClips.Options(2);
        (options.Config, options.PretrainedTransformer, options.FineTuning, options.EmaDecay, options.Mixup) = (null, pretrained, FineTuningMode.Full, 0.9f, 0.8f);
        using var model = (IDisposable)TestClips.Pipeline(ml, options).Fit(TestClips.Load(ml));
        using VideoMaeClassificationTransformer checkpoint = ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
        Assert.HasCount(checkpoint.Config.NumLabels, checkpoint.Explain(MLVideo.CreateFromFile(TestClips.Clip("red", 1))).Prediction);
        using VideoMaeFeaturizingTransformer features = ml.Transforms.VideoMaeFeatures("Features", "Video", ReferenceFiles.Path("tiny/pretraining")).Fit(data);
        Assert.IsTrue(features.Transform(data).GetColumn<float[]>("Features").All(f => f.All(float.IsFinite)));
        Assert.IsTrue(ReferenceVerifier.Verify(ReferenceFiles.Path("tiny/classification"), ReferenceFiles.Path("tiny/expected/inputs.safetensors"),
            ReferenceFiles.Path("tiny/expected/classification.safetensors")).Passed);
        return 0;
    });

    private static T Inside<T>(string state, Func<T> work)
    {
        switch (state)
        {
            case "no gradients":
                using (torch.no_grad())
                {
                    T result = work();
                    Assert.IsFalse(torch.is_grad_enabled(), "the mode is left as it was");
                    return result;
                }

            case "inference mode":
                using (torch.inference_mode(true))
                {
                    T result = work();
                    Assert.IsTrue(torch.is_inference_mode_enabled(), "the mode is left as it was");
                    return result;
                }

            case "other default type":
                torch.set_default_dtype(torch.ScalarType.Float64);
                try
                {
                    T result = work();
                    Assert.AreEqual(torch.ScalarType.Float64, torch.get_default_dtype());
                    return result;
                }
                finally
                {
                    torch.set_default_dtype(torch.ScalarType.Float32);
                }

            default:
                torch.set_default_device(torch.META); // Whatever is made there has no values.
                try
                {
                    T result = work();
                    Assert.AreEqual(DeviceType.META, torch.get_default_device().type);
                    return result;
                }
                finally
                {
                    torch.set_default_device(torch.CPU);
                }
        }
    }

    /// <summary>Trains, scores, saves, loads and scores again.</summary>
    private static float[] TrainAndScore()
    {
        var ml = new MLContext(1);
        IDataView data = TestClips.Load(ml);
        string folder = TestClips.NewFolder();
        using var model = (IDisposable)TestClips.Pipeline(ml, TestClips.Options(3)).Fit(data);
        ml.Model.Save((ITransformer)model, data.Schema, Path.Combine(folder, "model.zip"));
        using var loaded = (IDisposable)ml.Model.Load(Path.Combine(folder, "model.zip"), out _);
        float[][] scores = [.. ((ITransformer)model).Transform(data).GetColumn<float[]>("Score"), .. ((ITransformer)loaded).Transform(data).GetColumn<float[]>("Score")];
        return [.. scores.SelectMany(s => s)];
    }
}
