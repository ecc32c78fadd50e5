// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

/// <summary>Later passes over the same files decode nothing again, and see the same frames.</summary>
[TestClass]
[DoNotParallelize]
public sealed class KeptFramesTests
{
    private readonly string _folder = TestClips.NewFolder();
    private readonly MLContext _ml = new(1);
    private VideoReader? _reader;
    private CountedRuns? _counted;

    [TestInitialize]
    public void CountDecodes()
    {
        _reader = VideoReader.Default;
        _counted = OperatingSystem.IsWindows() ? null : new CountedRuns();
    }

    [TestCleanup]
    public void Restore()
    {
        VideoReader.Default = _reader!;
        _counted?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public void EvaluateAfterFit_DecodesNothingAgain()
    {
        RequireScripts();
        VideoReader.Default = new VideoReader();
        IDataView data = TestClips.LoadFiles(_ml);
        ITransformer model = TestClips.Pipeline(_ml, TestClips.Options(2)).Fit(data);
        using var owner = (IDisposable)model;
        Assert.AreEqual(2 * TestClips.ClipsPerClass, Decodes());
        IDataView scored = model.Transform(data);
        MulticlassClassificationMetrics first = _ml.MulticlassClassification.Evaluate(scored);
        scored.GetColumn<float[]>("Score").ToArray();
        Assert.AreEqual(2 * TestClips.ClipsPerClass, Decodes(), "Scoring decoded what training had.");

        VideoReader.Default = new VideoReader { MaxKeptBytes = 0 };
        Assert.AreEqual(first.LogLoss, _ml.MulticlassClassification.Evaluate(model.Transform(data)).LogLoss, "Kept frames are others.");
        Assert.AreEqual(4 * TestClips.ClipsPerClass, Decodes());
    }

    [TestMethod]
    public void Transform_Again_DecodesNothing()
    {
        RequireScripts();
        VideoReader.Default = new VideoReader();
        IDataView data = TestClips.LoadFiles(_ml);
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.FrameCacheMegabytes = 0; // Training keeps nothing.
        ITransformer model = TestClips.Pipeline(_ml, options).Fit(data);
        using var owner = (IDisposable)model;
        int before = Decodes();
        float[][] first = [.. model.Transform(data).GetColumn<float[]>("Score")];
        Assert.AreEqual(before + 2 * TestClips.ClipsPerClass, Decodes());
        float[][] second = [.. model.Transform(data).GetColumn<float[]>("Score")];
        Assert.AreEqual(before + 2 * TestClips.ClipsPerClass, Decodes());
        CollectionAssert.AreEqual(first.SelectMany(s => s).ToArray(), second.SelectMany(s => s).ToArray());
    }

    [TestMethod]
    public void CrossValidate_DecodesAClipOnceToTrainAndAtMostOnceToScore()
    {
        RequireScripts();
        VideoReader.Default = new VideoReader();
        IDataView data = TestClips.LoadFiles(_ml);
        IEstimator<ITransformer> pipeline = TestClips.Pipeline(_ml, TestClips.Options(1));
        double[] losses = Losses(pipeline, data);
        int clips = 2 * TestClips.ClipsPerClass;
        Assert.IsTrue(Decodes() <= clips + clips / 2, $"{Decodes()} decodes of {clips} clips in 5 folds");
        int before = Decodes();
        CollectionAssert.AreEqual(losses, Losses(pipeline, data));
        Assert.AreEqual(before, Decodes(), "A second cross-validation decoded again.");
    }

    private double[] Losses(IEstimator<ITransformer> pipeline, IDataView data) =>
        [.. _ml.MulticlassClassification.CrossValidate(data, pipeline, numberOfFolds: 5, seed: 1).Select(fold => fold.Metrics.LogLoss)];

    [TestMethod]
    public void Find_AnotherFileSettingOrChoice_IsAnotherEntry()
    {
        var kept = new KeptFrames(1 << 20);
        MLVideo video = MLVideo.CreateFromFile(Copy("a.mp4"));
        var sampler = new UniformFrameSampler(4);
        VideoFrames frames = Frames(10, 40, 30);
        VideoReadOptions shrunk = new() { MaxShortSide = 30 };
        KeptFrames.Key all = KeptFrames.Key.Of(video, FrameRequest.All, shrunk)!;
        kept.Add(all, frames);
        Assert.AreSame(frames, kept.Find(all)!.Use());
        Assert.IsNull(kept.Find(KeptFrames.Key.Of(video, FrameRequest.All, new VideoReadOptions())!), "may be shrunk");
        Assert.IsNull(kept.Find(KeptFrames.Key.Of(video, FrameRequest.ForSampler(sampler, null), shrunk)!), "other frames");
        Assert.IsNull(kept.Find(KeptFrames.Key.Of(video, FrameRequest.All, shrunk with { ApplyRotation = false })!), "not turned");
        Assert.IsNull(KeptFrames.Key.Of(video, FrameRequest.ForSampler(sampler, new Random(1)), shrunk), "chance");
        Assert.IsNull(KeptFrames.Key.Of(video, FrameRequest.ForIndices([1]), shrunk), "indices");

        File.AppendAllText(video.Path!, "more");
        Assert.IsNull(kept.Find(KeptFrames.Key.Of(video, FrameRequest.All, shrunk)!), "another file now");
        File.Delete(video.Path!);
        Assert.IsNull(KeptFrames.Key.Of(video, FrameRequest.All, shrunk), "no file");
    }

    [TestMethod]
    public void Find_FramesThatWereNotShrunk_ServeOtherSettings()
    {
        var kept = new KeptFrames(1 << 20);
        MLVideo video = MLVideo.CreateFromFile(Copy("a.mp4"));
        VideoFrames frames = Frames(10, 40, 30);
        KeptFrames.Key KeyOf(int? side) => KeptFrames.Key.Of(video, FrameRequest.All, new VideoReadOptions { MaxShortSide = side })!;
        kept.Add(KeyOf(64), frames);
        foreach (int? side in (int?[])[null, 64, 31, 30])
            Assert.AreSame(frames, kept.Find(KeyOf(side))!.Use(), $"{side}");
        Assert.IsNull(kept.Find(KeyOf(29)), "has to be shrunk");
    }

    [TestMethod]
    public void Add_NoRoom_KeepsWhatIsInUse()
    {
        var kept = new KeptFrames(4000);
        KeptFrames.Key KeyOf(string name) =>
            KeptFrames.Key.Of(MLVideo.CreateFromFile(Copy(name)), FrameRequest.All, VideoReadOptions.Default)!;
        VideoFrames frames = Frames(1, 20, 30);
        kept.Add(KeyOf("a"), frames);
        kept.Add(KeyOf("b"), frames);
        Assert.AreSame(frames, kept.Add(KeyOf("c"), frames).Use());
        CollectionAssert.AreEqual(
            (bool[])[true, true, false], (bool[])[.. new[] { "a", "b", "c" }.Select(name => kept.Find(KeyOf(name)) is not null)]);
    }

    [TestMethod]
    public void MaxKeptBytes_Negative_IsRefused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VideoReader { MaxKeptBytes = -1 });

    private static VideoFrames Frames(int count, int height, int width) =>
        new(new byte[count * height * width * VideoFrames.Channels], count, height, width);

    private string Copy(string name)
    {
        string path = Path.Combine(_folder, name);
        if (!File.Exists(path))
            File.Copy(TestClips.Clip("red", 1), path);
        return path;
    }

    private static void RequireScripts()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Runs of ffmpeg are counted by a shell script.");
    }

    /// <summary>How many files ffmpeg has opened.</summary>
    private int Decodes() => _counted!.Files;
}
