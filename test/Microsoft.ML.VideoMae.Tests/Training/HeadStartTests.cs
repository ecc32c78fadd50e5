// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>A head that is trained on frozen features before all weights are.</summary>
[TestClass]
public sealed class HeadStartTests
{
    private readonly RunHelper _run = new();
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void FirstLoss_IsThatOfALinearModel()
    {
        double without = FirstLoss(first: null), with = FirstLoss(first: true);
        Assert.AreEqual(Math.Log(2), without, 0.05, "a fresh head knows nothing of the two classes");
        Assert.IsLessThan(0.9 * without, with);
        Assert.HasCount(1, _run.Log.Where(m => m.Contains("The head starts from a linear model on these features: loss 0.")));
    }

    /// <summary>Scaling is folded into the weights: without augmentation, the loss that is logged is the loss of the model.</summary>
    [TestMethod]
    public void LoggedLoss_IsTheModels()
    {
        VideoMaeTrainer.Options options = Options(first: true);
        options.LearningRate = 1e-30f; // The head stays as it starts.
        (options.MinCropArea, options.MaxCropRatio, options.HorizontalFlip) = (1, 1, false);
        options.Sampler = new UniformFrameSampler(4);
        using VideoMaeClassificationTransformer model = _run.Fit(options);
        double loss = _ml.MulticlassClassification.Evaluate(
            model.Transform(Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)))).LogLoss;
        string line = _run.Log.Single(m => m.Contains("The head starts from"));
        Assert.Contains(FormattableString.Invariant($"loss {loss:0.000}."), line);
    }

    /// <summary>A model whose head sees 24 values for each of a token's is trained on like any other.</summary>
    [TestMethod]
    public void HeadOverCells_StartsSoToo()
    {
        string folder = TestClips.NewFolder();
        VideoMaeTrainer.Options options = Options(first: null);
        (options.FineTuning, options.Pooling) = (FineTuningMode.LinearProbe, VideoMaePooling.Cells);
        using (VideoMaeClassificationTransformer probe = _run.Fit(options))
            probe.SavePretrained(Path.Combine(folder, "probe"));
        options = Options(first: true);
        options.PretrainedModel = Path.Combine(folder, "probe");
        using VideoMaeClassificationTransformer model = _run.Fit(options);
        Directory.Delete(folder, recursive: true);
        Assert.IsTrue(model.Config.UseCellPooling);
        Assert.HasCount(1, _run.Log.Where(m => m.Contains("The head starts from a linear model on these features")));
    }

    [TestMethod]
    public void Probe_HasNoUseForIt()
    {
        VideoMaeTrainer.Options options = Options(first: true);
        options.FineTuning = FineTuningMode.LinearProbe;
        _run.Fit(options).Dispose();
        Assert.IsFalse(_run.Log.Any(m => m.Contains("The head starts from")));
    }

    [TestMethod]
    public void FromScratch_ItIsRefused()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        (options.PretrainedModel, options.LinearProbeFirst) = ("none", true);
        ArgumentException error = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options));
        Assert.Contains("LinearProbeFirst is True, but without PretrainedModel the encoder's features are random", error.Message);
    }

    [TestMethod]
    public void NothingIsLeftBehind()
    {
        Growth(first: true); // What is made once is made.
        Assert.AreEqual(Growth(first: null), Growth(first: true));
    }

    private long Growth(bool? first)
    {
        long before = torch.Tensor.TotalCount;
        _run.Fit(Options(first)).Dispose();
        return torch.Tensor.TotalCount - before;
    }

    private double FirstLoss(bool? first)
    {
        var losses = new List<double>();
        VideoMaeTrainer.Options options = Options(first);
        options.StepCallback = m => losses.Add(m.Loss);
        _run.Fit(options).Dispose();
        return losses[0];
    }

    private static VideoMaeTrainer.Options Options(bool? first)
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.Config = null;
        options.PretrainedModel = ReferenceFiles.Path("tiny/pretraining");
        (options.FineTuning, options.LinearProbeFirst, options.LabelSmoothing) = (FineTuningMode.Full, first, 0);
        return options;
    }
}
