// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>A model of some videos is there while all others are read.</summary>
[TestClass]
public sealed class FirstModelTests
{
    private const int Copies = 20;

    private sealed class Told(Action<VideoExperimentRunDetail> tell) : IProgress<VideoExperimentRunDetail>
    {
        public void Report(VideoExperimentRunDetail value) => tell(value);
    }

    [TestMethod]
    public void Choose_TakesSomeInProportion_AndAFewOfEachStratum()
    {
        int[] strata = [.. Enumerable.Range(0, 1000).Select(i => i < 700 ? 0 : i < 995 ? 1 : 2)];
        int[] rows = FirstModel.Choose(strata, seed: 1);
        int[] counts = [.. rows.GroupBy(i => strata[i]).OrderBy(g => g.Key).Select(g => g.Count())];
        Assert.AreEqual(67, counts[0], 1);
        Assert.AreEqual(28, counts[1], 1);
        Assert.AreEqual(4, counts[2]);
        CollectionAssert.AreEqual(rows, FirstModel.Choose(strata, seed: 1));
        CollectionAssert.AreNotEqual(rows, FirstModel.Choose(strata, seed: 2));
    }

    [TestMethod]
    public void Execute_StoppedWhileVideosAreRead_GivesTheFirstModel()
    {
        var ml = new MLContext(seed: 1);
        using var stop = new CancellationTokenSource();
        IDataView data = Data(ml, Copies);
        using VideoExperimentResult result = Experiment(ml, stop.Token)
            .Execute(data, progressHandler: new Told(_ => stop.Cancel()));
        Assert.IsTrue(result.WasStopped);
        Assert.AreEqual("pixels of 96 videos", result.BestRun.TrainerName);
        Assert.AreEqual(96, result.BestRun.ScoredRows);
        Assert.AreEqual("It was stopped.", result.RunDetails.Single(d => d.TrainerName == "pixels").NotScored);
        StringAssert.Contains(result.Findings.Single(), "'pixels of 96 videos' is taken");
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(result.BestRun.Model!.Transform(data));
        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
    }

    /// <summary>It costs no features twice, and does not stand among the candidates.</summary>
    [TestMethod]
    public void Execute_ToTheEnd_DropsTheFirstModel()
    {
        var ml = new MLContext(seed: 1);
        var told = new List<VideoExperimentRunDetail>();
        var computed = new List<(int Done, int Count)>();
        void Count(VideoExperimentProgress progress)
        {
            if (progress.Stage == VideoExperimentStage.Features)
                computed.Add((progress.Done, progress.Count));
        }

        using VideoExperimentResult result = Experiment(ml, CancellationToken.None, Count)
            .Execute(Data(ml, Copies), progressHandler: new Told(told.Add));
        CollectionAssert.AreEqual((string[])["pixels of 96 videos", "pixels"], told.Select(d => d.TrainerName).ToArray());
        Assert.AreEqual("pixels", result.RunDetails.Single().TrainerName);
        Assert.AreEqual(12 * Copies, result.BestRun.ScoredRows);
        Assert.HasCount(12 * Copies, computed);
        Assert.AreEqual((96, 96), computed[95], "the first model's own");
        Assert.AreEqual((97, 12 * Copies), computed[96]);
        Assert.AreEqual((12 * Copies, 12 * Copies), computed[^1]);
    }

    [TestMethod]
    public void Execute_FewVideos_HasNoFirstModel()
    {
        var ml = new MLContext(seed: 1);
        var told = new List<VideoExperimentRunDetail>();
        using VideoExperimentResult result = Experiment(ml, CancellationToken.None)
            .Execute(Data(ml, 1), progressHandler: new Told(told.Add));
        Assert.AreEqual("pixels", told.Single().TrainerName);
    }

    private static VideoClassificationExperiment Experiment(
        MLContext ml, CancellationToken stop, Action<VideoExperimentProgress>? progress = null) =>
        ml.MulticlassClassification.CreateVideoExperiment(new VideoExperimentSettings
        {
            Candidates = [VideoExperimentCandidate.Pixels],
            CancellationToken = stop,
            ProgressCallback = progress,
        });

    /// <summary>The same clips several times: near duplicates, which stay in one fold.</summary>
    private static IDataView Data(MLContext ml, int copies)
    {
        IDataView videos = TestClips.Load(ml);
        TestRow[] rows = [.. ml.Data.CreateEnumerable<TestRow>(videos, reuseRowObject: false)];
        IDataView many = ml.Data.LoadFromEnumerable(Enumerable.Repeat(rows, copies).SelectMany(r => r).ToArray());
        return ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Fit(many).Transform(many);
    }

    private sealed class TestRow
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
