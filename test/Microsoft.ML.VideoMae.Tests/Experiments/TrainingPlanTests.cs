// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>How many steps of a transformer fit into the time.</summary>
[TestClass]
public sealed class TrainingPlanTests
{
    private static TrainingPlan Plan(double view, double seconds, int rows = 160) =>
        TrainingPlan.Make(new TrainingTimes(Step: 0.5, Decoding: 0.01, view), TimeSpan.FromSeconds(seconds), rows, folds: 5, batch: 16, 1200);

    [TestMethod]
    public void HeadStart_TakesItsShareOfTheSteps()
    {
        // Two folds of 32 rows, and all rows: 3 trainings in 85 % of the time. Decoding takes 1.6 s of each.
        TrainingPlan plain = Plan(view: 0, seconds: 600);
        Assert.AreEqual(2, plain.Folds);
        Assert.AreEqual((int)((600 * 0.85 / 3 - 1.6) / 0.5) / 10 * 10, plain.Steps);
        // 160 clips in 4 views of 0.05 s are 32 s, or 64 steps.
        TrainingPlan later = Plan(view: 0.05, seconds: 600);
        Assert.AreEqual((int)((600 * 0.85 / 3 - 1.6 - 32) / 0.5) / 10 * 10, later.Steps);
        Assert.IsLessThanOrEqualTo(600 * 0.85, 3 * ((later.Steps * 0.5) + 1.6 + 32));
        Assert.AreEqual(later.Epochs * 10, later.Steps);
    }

    [TestMethod]
    public void TooLittleTime_SaysHowMuchIsNeeded_WithTheHeadStart()
    {
        // 100 steps in 50 s, and 1.6 s and 32 s before them, 3 times, in 85 % of the time.
        string message = Assert.ThrowsExactly<NotEnoughTimeException>(() => Plan(view: 0.05, seconds: 200)).Message;
        StringAssert.Contains(message, "It needs about 295 s for 100 steps in 2 folds");
        Assert.AreEqual(100, Plan(view: 0.05, seconds: 296).Steps);
        Assert.AreEqual(110, Plan(view: 0, seconds: 200).Steps);
    }

    [TestMethod]
    public void Views_AreFewerOfManyClips()
    {
        Assert.AreEqual((4, 2, 1), (HeadStart.ViewsOf(500), HeadStart.ViewsOf(1000), HeadStart.ViewsOf(5000)));
        Assert.AreEqual(5000 * (0.01 + 0.05), new TrainingTimes(1, 0.01, 0.05).Before(5000), 1e-9);
    }

    [TestMethod]
    public void Clock_LeavesOutTheViewThatDecodes()
    {
        var time = new SetTime();
        var clock = new HeadStartClock(time);
        void Pass(double seconds, int done)
        {
            time.Seconds += seconds;
            clock.Report(new VideoMaeProgress(VideoMaeStage.Features, done, 24));
        }

        clock.Report(new VideoMaeProgress(VideoMaeStage.Decoding, 24, 24));
        Assert.AreEqual(0, clock.SecondsPerView);
        Pass(9, 16);
        Assert.AreEqual(0, clock.SecondsPerView, "it was not seen to begin");
        Pass(8, 24);
        Assert.AreEqual(1, clock.SecondsPerView, 1e-9, "8 clips in 8 s");
        for (int view = 0; view < 3; view++)
        {
            Pass(2, 16);
            Pass(1, 24);
        }

        Assert.AreEqual(9.0 / 72, clock.SecondsPerView, 1e-9);
    }

    /// <summary>A run reports as the clock understands: all views but the first are counted.</summary>
    [TestMethod]
    public void Clock_TimesARun()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        (options.Config, options.PretrainedModel) = (null, ReferenceFiles.Path("tiny/pretraining"));
        (options.FineTuning, options.LinearProbeFirst) = (FineTuningMode.Full, true);
        var time = new SetTime();
        var clock = new HeadStartClock(time);
        var reports = new List<VideoMaeProgress>();
        options.ProgressCallback = progress =>
        {
            time.Seconds += 3;
            clock.Report(progress);
            if (progress.Stage == VideoMaeStage.Features)
                reports.Add(progress);
        };
        var ml = new MLContext(seed: 1);
        using var model = (IDisposable)TestClips.Pipeline(ml, options).Fit(TestClips.Load(ml));
        // 12 clips in batches of 4 are 3 reports a view, and each takes 3 s here.
        Assert.HasCount(4 * 3, reports);
        Assert.AreEqual(3.0 / 4, clock.SecondsPerView, 1e-9);
    }

    private sealed class SetTime : TimeProvider
    {
        public double Seconds { get; set; } = 1;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)Math.Round(Seconds * 1000);
    }
}
