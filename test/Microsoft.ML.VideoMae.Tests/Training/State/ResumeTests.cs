// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training.State;

[TestClass]
public sealed class ResumeTests
{
    private readonly RunHelper _run = new();
    private readonly string _workspace = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_workspace, recursive: true);

    private static void Apply(string recipe, VideoMaeTrainer.Options options)
    {
        switch (recipe)
        {
            case "everything":
                options.EmaDecay = 0.9f;
                options.Mixup = 0.8f;
                options.Cutmix = 1;
                options.GradientAccumulation = 2;
                options.RepeatedAugmentation = 2;
                options.ValidationFraction = 0.25f;
                options.HeadDropout = 0.3f;
                options.DropPathRate = 0.3f;
                options.FinalWeightDecay = 0.2f;
                options.ClassBalancing = ClassBalancing.Sampling;
                break;
            case "short numbers":
                options.Precision = ComputePrecision.BFloat16;
                options.ActivationCheckpointing = true;
                options.DropPathRate = 0.3f;
                break;
            case "linear probe first":
                Probe(options, FineTuningMode.Full);
                options.LinearProbeFirst = true;
                break;
            case "linear probe":
                Probe(options, FineTuningMode.LinearProbe);
                break;
            case "attentive probe":
                Probe(options, FineTuningMode.AttentiveProbe);
                break;
        }
    }

    private static void Probe(VideoMaeTrainer.Options options, FineTuningMode mode)
    {
        options.Config = null;
        options.PretrainedModel = ReferenceFiles.Path("tiny/pretraining");
        options.FineTuning = mode;
        options.FeatureViews = 2;
        options.ValidationFraction = 0.25f;
    }

    [TestMethod]
    [DataRow("plain", 1)]
    [DataRow("plain", 5)]
    [DataRow("everything", 3)]
    [DataRow("short numbers", 4)]
    [DataRow("linear probe first", 4)]
    [DataRow("linear probe", 4)]
    [DataRow("attentive probe", 4)]
    public void CancelledRun_GoesOnBitForBit(string recipe, int lastStep)
    {
        VideoMaeTrainer.Options options = TestClips.Options(4);
        Apply(recipe, options);
        byte[] uninterrupted = _run.Weights(options);

        options.WorkspacePath = _workspace;
        options.StateInterval = TimeSpan.FromDays(12); // Only cancelling writes the state.
        StopAfter(options, lastStep);
        Assert.ThrowsExactly<OperationCanceledException>(() => _run.Fit(options));
        options.CancellationToken = default;
        var steps = new List<int>();
        options.StepCallback = m => steps.Add(m.Step);
        byte[] resumed = _run.Weights(options);

        Assert.AreEqual(lastStep + 1, steps[0], "the run goes on and does not start again");
        CollectionAssert.AreEqual(uninterrupted, resumed);
    }

    [TestMethod]
    public void FinishedRun_IsTakenAsItIs()
    {
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.WorkspacePath = _workspace;
        byte[] first = _run.Weights(options);
        options.StepCallback = _ => Assert.Fail("nothing is left to train");
        CollectionAssert.AreEqual(first, _run.Weights(options));
        Assert.IsTrue(_run.Log.Any(m => m.Contains("has ended already")));
    }

    [TestMethod]
    public void OtherSettings_AreAnotherRun()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.WorkspacePath = _workspace;
        _run.Weights(options);
        options.WeightDecay = 0.3f;
        int steps = 0;
        options.StepCallback = _ => steps++;
        _run.Weights(options);
        Assert.AreEqual(3, steps);
        Assert.HasCount(2, Directory.GetDirectories(_workspace));
    }

    [TestMethod]
    public void SeedThatWasDrawn_IsKept()
    {
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.Seed = null;
        options.WorkspacePath = _workspace;
        var ml = new MLContext();
        IDataView data = Trainers.VideoMaeTrainerTests.Prepare(ml, TestClips.Load(ml));
        StopAfter(options, 2);
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data));
        options.CancellationToken = default;
        var steps = new List<int>();
        options.StepCallback = m => steps.Add(m.Step);
        ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data).Dispose();
        Assert.AreEqual(3, steps[0]);
    }

    [TestMethod]
    public void CancelledRun_ReturnsTheModelSoFar()
    {
        VideoMaeTrainer.Options options = TestClips.Options(50);
        options.OnCancellation = CancellationBehavior.ReturnBest;
        StopAfter(options, 4);
        using VideoMaeClassificationTransformer model = _run.Fit(options);
        Assert.IsTrue(_run.Log.Any(m => m.Contains("cancelled in epoch 2 of 50")), string.Join("\n", _run.Log));
        options.CancellationToken = new CancellationToken(true);
        Assert.ThrowsExactly<OperationCanceledException>(() => _run.Fit(options), "there is no model yet");
    }

    [TestMethod]
    public void DivergedRun_KeepsTheLastGoodWeights()
    {
        VideoMaeTrainer.Options options = TestClips.Options(20);
        options.WorkspacePath = _workspace;
        options.LearningRate = 1e20f;
        options.WarmupRatio = 0;
        options.GradientClipNorm = 0;
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => _run.Fit(options)).Message;
        StringAssert.Matches(message, new System.Text.RegularExpressions.Regex(@"in epoch \d+, step \d+, at a learning rate of 1\.0e\+20"));
        string folder = Directory.GetDirectories(_workspace, "last-good", SearchOption.AllDirectories).Single();
        StringAssert.Contains(message, folder);
        using VideoMaeForVideoClassification kept = VideoMaeForVideoClassification.FromPretrained(folder);
        Assert.IsTrue(kept.parameters().All(p => p.isfinite().all().item<bool>()));
    }

    private static void StopAfter(VideoMaeTrainer.Options options, int step)
    {
        var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.StepCallback = m =>
        {
            if (m.Step == step)
                source.Cancel();
        };
    }
}
