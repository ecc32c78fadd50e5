// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Tests.Video;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training.Input;

/// <summary>Whatever reads a set of small files reads several in one run of ffmpeg.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SharedRunsTests
{
    private const int Clips = 2 * TestClips.ClipsPerClass;

    private readonly MLContext _ml = new(1);
    private readonly VideoReader _before = VideoReader.Default;

    [TestInitialize]
    public void ForgetFrames()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Clips share runs of ffmpeg on Linux only.");
        VideoReader.Default = new VideoReader();
    }

    [TestCleanup]
    public void Restore() => VideoReader.Default = _before;

    /// <summary>All frames of the clips are kept.</summary>
    [TestMethod]
    [DataRow(null, 1)]
    [DataRow(true, 1)] // The head's features are computed before the first epoch.
    [DataRow(null, 2)]
    public void FirstEpoch_KeptFrames(bool? probeFirst, int copies) => AssertShared(
        options =>
        {
            FromCheckpoint(options);
            (options.LinearProbeFirst, options.RepeatedAugmentation) = (probeFirst, copies);
        },
        reads: 1);

    /// <summary>Every epoch decodes its own frames.</summary>
    [TestMethod]
    public void EachEpoch_NothingKept() => AssertShared(options => options.FrameCacheMegabytes = 0, reads: 2);

    /// <summary>A second run finds the frames on disk.</summary>
    [TestMethod]
    [DataRow(null)]
    [DataRow(0)]
    public void FramesOnDisk(int? keptMegabytes)
    {
        string folder = TestClips.NewFolder();
        void Set(VideoMaeTrainer.Options options) => (options.FrameCacheFolder, options.FrameCacheMegabytes) = (folder, keptMegabytes);
        AssertShared(Set, reads: 1);
        VideoReader.Default = new VideoReader();
        AssertShared(Set, reads: 0);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The first view of a clip is read as scoring reads it, and all others from its kept frames, or each for itself.</summary>
    [TestMethod]
    [DataRow(1, null, 1)]
    [DataRow(3, null, 2)]
    [DataRow(3, 0, 3)]
    public void FrozenFeatures(int views, int? keptMegabytes, int reads) => AssertShared(
        options =>
        {
            FromCheckpoint(options);
            (options.FineTuning, options.FeatureViews, options.FrameCacheMegabytes) = (FineTuningMode.LinearProbe, views, keptMegabytes);
        },
        reads);

    [TestMethod]
    public void Scoring()
    {
        using VideoMaeClassificationTransformer model = Fit(TestClips.Options(1));
        VideoReader.Default = new VideoReader();
        using var counted = new CountedRuns();
        _ml.MulticlassClassification.Evaluate(model.Transform(Data()));
        AssertShared(counted, reads: 1);
    }

    [TestMethod]
    public void Pretraining()
    {
        using var counted = new CountedRuns();
        var options = new VideoMaePretrainingEstimator.Options
        {
            Config = TestClips.Options(1).Config,
            NumberOfEpochs = 2,
            BatchSize = 4,
        };
        _ml.Transforms.PretrainVideoMae(options).Fit(Data()).Dispose();
        AssertShared(counted, reads: 1);
    }

    private static void FromCheckpoint(VideoMaeTrainer.Options options) => (options.Config, options.PretrainedModel, options.FineTuning) =
        (null, ReferenceFiles.Path("tiny/pretraining"), FineTuningMode.Full);

    private void AssertShared(Action<VideoMaeTrainer.Options> set, int reads)
    {
        VideoMaeTrainer.Options options = TestClips.Options(2);
        set(options);
        using var counted = new CountedRuns();
        Fit(options).Dispose();
        AssertShared(counted, reads);
    }

    private static void AssertShared(CountedRuns counted, int reads)
    {
        Assert.AreEqual(reads * Clips, counted.Files);
        Assert.IsLessThanOrEqualTo(reads * Clips / 4, counted.Runs, $"{counted.Runs} runs of ffmpeg for {counted.Files} files.");
    }

    private VideoMaeClassificationTransformer Fit(VideoMaeTrainer.Options options) =>
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Data());

    private IDataView Data() => Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.LoadFiles(_ml));
}
