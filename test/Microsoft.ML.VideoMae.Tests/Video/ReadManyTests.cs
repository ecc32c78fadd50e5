// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

[TestClass]
[DoNotParallelize]
public sealed class ReadManyTests
{
    private static readonly UniformFrameSampler s_sampler = new(4);
    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void DeleteFolder()
    {
        Assert.AreEqual(0, ChildProcess.AliveCount);
        Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public void ReadMany_SmallFiles_GivesTheFramesOfEachInFewRuns()
    {
        MLVideo[] videos = Clips(12);
        var reader = new VideoReader();
        VideoFrames[] alone = [.. videos.Select(v => reader.Read(v, s_sampler))];
        using var runs = new CountedRuns();

        VideoReadResult[] results = [.. reader.ReadMany(videos, s_sampler)];

        CollectionAssert.AreEqual(videos, results.Select(r => r.Video).ToArray());
        for (int i = 0; i < videos.Length; i++)
        {
            Assert.IsNull(results[i].Error);
            CollectionAssert.AreEqual(alone[i].Pixels.ToArray(), results[i].Frames.Pixels.ToArray(), $"{videos[i]}");
        }

        Assert.AreEqual(12, runs.Files);
        if (OperatingSystem.IsLinux())
            Assert.IsTrue(runs.Runs < 6, $"{runs.Runs} runs for 12 files.");
    }

    [TestMethod]
    public void ReadMany_SomeCannotBeRead_NamesThemAndReadsTheOthers()
    {
        MLVideo[] good = Clips(2);
        string broken = Path.Combine(_folder, "broken.mp4"), missing = Path.Combine(_folder, "missing.mp4");
        File.WriteAllBytes(broken, new byte[1000]);
        MLVideo[] videos = [good[0], MLVideo.CreateFromFile(broken), MLVideo.CreateFromFile(missing), good[1]];

        VideoReadResult[] results = [.. new VideoReader().ReadMany(videos, s_sampler)];

        CollectionAssert.AreEqual(new[] { true, false, false, true }, results.Select(r => r.Error is null).ToArray());
        Assert.AreEqual(VideoReadError.MissingFile, results[2].Error!.Error);
        StringAssert.Contains(results[1].Error!.Message, broken);
        Assert.AreSame(results[1].Error, Assert.ThrowsExactly<VideoReadException>(() => results[1].Frames));
        Assert.AreEqual(4, results[3].Frames.Count);
    }

    [TestMethod]
    public void ReadMany_OptionsAndVideosInMemory_AreHonoured()
    {
        MLVideo clip = Clips(1)[0];
        MLVideo held = MLVideo.CreateFromFrames(new VideoReader().ReadAll(clip));

        VideoReadResult[] results = [.. new VideoReader().ReadMany([clip, held], s_sampler, new VideoReadOptions { MaxShortSide = 16 })];

        Assert.AreEqual(16, Math.Min(results[0].Frames.Width, results[0].Frames.Height));
        Assert.AreEqual(4, results[1].Frames.Count);
    }

    [TestMethod]
    public void ReadMany_LeftEarly_EndsItsWork()
    {
        MLVideo[] videos = Clips(12);

        VideoReadResult first = new VideoReader().ReadMany(videos, s_sampler).First();

        Assert.AreSame(videos[0], first.Video);
        Assert.AreEqual(0, ChildProcess.AliveCount);
    }

    [TestMethod]
    public void ReadMany_Cancelled_Throws()
    {
        MLVideo[] videos = Clips(3);
        using var stop = new CancellationTokenSource();
        var all = new VideoReader().ReadMany(videos, s_sampler, cancellationToken: stop.Token);
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => all.ToArray());
    }

    [TestMethod]
    public void ReadMany_NoVideo_ThrowsAtOnce()
    {
        Assert.AreEqual("videos", Assert.ThrowsExactly<ArgumentException>(
            () => new VideoReader().ReadMany([Clips(1)[0], null!], s_sampler)).ParamName);
        Assert.ThrowsExactly<ArgumentNullException>(() => new VideoReader().ReadMany(null!, s_sampler));
        Assert.ThrowsExactly<ArgumentNullException>(() => new VideoReader().ReadMany([], null!));
        Assert.AreEqual(0, new VideoReader().ReadMany([], s_sampler).Count());
    }

    private static MLVideo[] Clips(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => MLVideo.CreateFromFile(
            TestClips.Clip(i < TestClips.ClipsPerClass ? "blue" : "red", (i % TestClips.ClipsPerClass) + 1))),
    ];
}
