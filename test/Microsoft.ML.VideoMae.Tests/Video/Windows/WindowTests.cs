// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Tests.Timelines;
using Microsoft.ML.VideoMae.Windows;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Windows;

/// <summary>Parts of videos in time, read alone and along the video.</summary>
[TestClass]
public sealed class WindowTests
{
    private static MLVideo Whole => MLVideo.CreateFromFile(Recording.Numbered);

    [TestMethod]
    [DataRow(0.0, 2.0, 0, 20)]
    [DataRow(3.25, 1.0, 33, 10)]
    [DataRow(11.5, 4.0, 115, 5)]
    [DataRow(5.01, 0.05, 50, 1)]
    public void Window_HasTheFramesOfItsRange(double start, double duration, int first, int count)
    {
        var reader = new VideoReader();
        MLVideo window = Whole.Window(TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(duration));
        VideoFrames all = reader.ReadAll(Whole), part = reader.ReadAll(window);
        Assert.AreEqual(count, part.Count);
        for (int i = 0; i < count; i++)
            CollectionAssert.AreEqual(all.Frame(first + i).ToArray(), part.Frame(i).ToArray(), $"frame {i}");
        Assert.AreEqual(count, reader.Probe(window).FrameCount);
    }

    [TestMethod]
    public void WindowOfAWindow_CountsFromItsStart()
    {
        MLVideo outer = Whole.Window(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(3));
        VideoFrames inner = new VideoReader().ReadAll(outer.Window(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)));
        Assert.AreEqual(10, inner.Count, "it ends with the outer one");
        CollectionAssert.AreEqual(new VideoReader().Read(Whole, [60]).Pixels.ToArray(), inner.Frame(0).ToArray());
    }

    [TestMethod]
    public void Window_OutOfRange_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Whole.Window(TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Whole.Window(TimeSpan.Zero, TimeSpan.Zero));
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().Read(
            Whole.Window(TimeSpan.Zero, TimeSpan.FromSeconds(1)), [10]));
        Assert.AreEqual(VideoReadError.TooShort, error.Error);
    }

    [TestMethod]
    public void Along_ASamplerThatRefusesShortClips_NamesTheWindow()
    {
        var reader = new VideoReader();
        MLVideo first = new WindowGrid(1, 1).Over(Whole, reader.TimelineOf(Whole), out WindowSource source).First();
        using WindowSource owned = source;
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(
            () => reader.Read(first, new DenseFrameSampler(16, 4, ShortClipPolicy.Error)));
        Assert.AreEqual(VideoReadError.TooShort, error.Error);
        StringAssert.Contains(error.Message, "from 0 s to 1 s");
    }

    [TestMethod]
    public void Window_WithoutTimes_IsRefused()
    {
        MLVideo frames = MLVideo.CreateFromFrames(new VideoFrames(new byte[4 * 12], 4, 2, 2));
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().ReadAll(
            frames.Window(TimeSpan.Zero, TimeSpan.FromSeconds(1))));
        Assert.AreEqual(VideoReadError.NoTimes, error.Error);
    }

    [TestMethod]
    public void Gap_HasTheFrameOnTheScreen_AndNoWindow()
    {
        var reader = new VideoReader();
        MLVideo video = MLVideo.CreateFromFile(Recording.Gap);
        VideoFrames still = reader.ReadAll(video.Window(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)));
        Assert.AreEqual(1, still.Count);
        CollectionAssert.AreEqual(reader.Read(video, [29]).Pixels.ToArray(), still.Pixels.ToArray());
        MLVideo[] windows = [.. new WindowGrid(1, 1).Over(video, reader.TimelineOf(video), out WindowSource source)];
        source.Dispose();
        CollectionAssert.AreEqual(new double[] { 0, 1, 2, 9, 10, 11 }, windows.Select(w => w.Range!.Start).ToArray());
    }

    [TestMethod]
    public void Along_EveryFrameIsDecodedOnce_AndIsTheSame()
    {
        var reader = new VideoReader();
        var sampler = new UniformFrameSampler(4);
        FrameTimeline timeline = reader.TimelineOf(Whole);
        MLVideo[] windows = [.. new WindowGrid(2, 0.5).Over(Whole, timeline, out WindowSource source)];
        Assert.HasCount(21, windows);
        VideoFrames[] along = [.. windows.Select(w => reader.Read(w, sampler))];
        Assert.AreEqual(1, source.LaneCount, "one run of ffmpeg");
        source.Dispose();
        VideoFrames[] alone = [.. windows.Select(w => reader.Read(w, sampler))];
        for (int i = 0; i < windows.Length; i++)
            CollectionAssert.AreEqual(alone[i].Pixels.ToArray(), along[i].Pixels.ToArray(), windows[i].Name);
    }

    [TestMethod]
    public void Along_SecondReaderBehind_HasALaneOfItsOwn()
    {
        var reader = new VideoReader();
        var sampler = new UniformFrameSampler(4);
        MLVideo[] windows = [.. new WindowGrid(1, 0.25).Over(Whole, reader.TimelineOf(Whole), out WindowSource source)];
        foreach (MLVideo window in windows)
            reader.Read(window, sampler);
        VideoFrames[] second = [.. windows.Select(w => reader.Read(w, sampler))];
        Assert.AreEqual(2, source.LaneCount);
        source.Dispose();
        CollectionAssert.AreEqual(reader.Read(windows[7], sampler).Pixels.ToArray(), second[7].Pixels.ToArray());
    }

    [TestMethod]
    public void Along_FromManyThreads_IsTheSame()
    {
        var reader = new VideoReader();
        var sampler = new UniformFrameSampler(4);
        MLVideo[] windows = [.. new WindowGrid(2, 0.25).Over(Whole, reader.TimelineOf(Whole), out WindowSource source)];
        var along = new VideoFrames[windows.Length];
        Parallel.For(0, windows.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => along[i] = reader.Read(windows[i], sampler));
        source.Dispose();
        for (int i = 0; i < windows.Length; i += 5)
            CollectionAssert.AreEqual(reader.Read(windows[i], sampler).Pixels.ToArray(), along[i].Pixels.ToArray(), windows[i].Name);
    }

    [TestMethod]
    public void Grid_CoversAllToTheEnd()
    {
        (double Start, double End)[] ranges = [.. new WindowGrid(2, 0.5).Ranges(new FrameTimeline(103, 10))];
        Assert.AreEqual((0, 2), ranges[0]);
        Assert.AreEqual(10.3, ranges[^1].End, 1e-9);
        Assert.HasCount(18, ranges);
        CollectionAssert.AreEqual(new[] { (0.0, 0.5) }, new WindowGrid(2, 0.5).Ranges(new FrameTimeline(5, 10)).ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => WindowGrid.Checked(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
    }
}
