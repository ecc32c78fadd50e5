// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Tests.Video.Live;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Timelines;

/// <summary>Timelines of live videos, which real servers and pipes give.</summary>
[TestClass]
public sealed class LiveTimelineTests
{
    private static readonly VideoTimelineOptions s_options = new() { Window = TimeSpan.FromSeconds(1), Stride = TimeSpan.FromSeconds(0.25) };

    private static readonly Lazy<ITransformer> s_model = new(() => TimelineModels.Features(new MLContext(1)));

    [TestMethod]
    public async Task RawFrames_GiveWhatTheirFileGives()
    {
        var timeline = new VideoTimeline(s_model.Value, s_options);
        VideoWindowScore[] expected = [.. timeline.ScoreWindows(MLVideo.CreateFromFile(Recording.ColoursFile))];
        VideoFrames frames = new VideoReader().ReadAll(MLVideo.CreateFromFile(Recording.ColoursFile));
        LiveVideo Raw() => LiveVideo.CreateFromRawFrames(new MemoryStream(frames.Pixels.ToArray()), frames.Width, frames.Height, 8);
        VideoWindowScore[] live = [.. timeline.ScoreWindows(Raw())];
        Assert.HasCount(expected.Length, live);
        foreach ((VideoWindowScore want, VideoWindowScore got) in expected.Zip(live))
        {
            Assert.AreEqual(want.Start.TotalSeconds, got.Start.TotalSeconds, 1e-3);
            Assert.AreEqual(want.End.TotalSeconds, got.End.TotalSeconds, 1e-3);
            CollectionAssert.AreEqual(want.Probabilities, got.Probabilities, $"{want.Start}");
        }

        List<VideoSegment> segments = [];
        await foreach (VideoSegment segment in s_model.Value.Timeline(Raw(), s_options))
            segments.Add(segment);
        CollectionAssert.AreEqual(timeline.Join(expected).Select(s => s.Label).ToArray(), segments.Select(s => s.Label).ToArray());
        Assert.AreEqual(15, segments[^1].End.TotalSeconds, 1e-3);
    }

    [TestMethod]
    public void StreamThatBreaksOff_IsFoundAgain_AndNoSegmentRunsThroughTheGap()
    {
        int port = StreamServer.FreePort();
        var notes = new ConcurrentQueue<string>();
        var timeline = new VideoTimeline(s_model.Value, s_options with { Note = notes.Enqueue });
        Task serving = Task.Run(() =>
        {
            StreamServer.ServeOnce($"tcp://127.0.0.1:{port}?listen=1", "red", 2);
            Thread.Sleep(700);
            StreamServer.ServeOnce($"tcp://127.0.0.1:{port}?listen=1", "red", 1.5);
        });
        StreamServer.WaitFor(port);
        LiveVideo video = LiveVideo.CreateFromUrl($"tcp://127.0.0.1:{port}") with
        {
            MaxReconnects = 4,
            FirstPause = TimeSpan.FromSeconds(0.3),
        };
        List<VideoWindowScore> windows = [];
        List<VideoSegment> segments = [];
        IEnumerable<VideoWindowScore> Kept()
        {
            foreach (VideoWindowScore window in timeline.ScoreWindows(video))
            {
                windows.Add(window);
                yield return window;
            }
        }

        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() =>
        {
            foreach (VideoSegment segment in timeline.Join(Kept()))
                segments.Add(segment);
        });
        string all = string.Join(Environment.NewLine, [.. notes, error.Message, .. segments.Select(s => s.ToString())]);
        VideoWindowScore gap = windows.Single(w => w.IsGap);
        Assert.AreEqual(2, gap.Start.TotalSeconds, 0.15, all);
        Assert.IsGreaterThan(gap.Start + TimeSpan.FromSeconds(0.5), gap.End, all);
        Assert.HasCount(2, segments, all);
        Assert.IsTrue(segments.All(s => s.Label == "red"), all);
        Assert.AreEqual(gap.Start, segments[0].End, all);
        Assert.AreEqual(gap.End.TotalSeconds, segments[1].Start.TotalSeconds, 1e-6, all);
        Assert.AreEqual(1.5, (segments[1].End - segments[1].Start).TotalSeconds, 0.15, all);
        StringAssert.Contains(error.Message, "did not come back in 4 tries");
        Assert.IsTrue(notes.Any(n => n.Contains("broke off after 2 s", StringComparison.Ordinal)), all);
        Assert.IsTrue(notes.Any(n => n.Contains("is back after", StringComparison.Ordinal)), all);
        serving.Wait();
    }

    [TestMethod]
    public void RtspStream_IsWatched_UntilItIsEnded()
    {
        using var server = new RtspServer(StreamServer.MakeTransportStream("blue", 20));
        var notes = new ConcurrentQueue<string>();
        var timeline = new VideoTimeline(s_model.Value, s_options with { Note = notes.Enqueue });
        using var end = new CancellationTokenSource();
        LiveVideo video = LiveVideo.CreateFromUrl(server.Url) with { MaxReconnects = 0 };
        List<VideoWindowScore> windows = [];
        foreach (VideoWindowScore window in timeline.ScoreWindows(video, end.Token))
        {
            windows.Add(window);
            if (windows.Count == 6)
                end.Cancel();
        }

        string all = string.Join(Environment.NewLine, [.. notes, .. windows.Select(w => w.ToString())]);
        Assert.IsTrue(windows.Count > 6 && windows.All(w => w.Probabilities?[0] > 0.5f && !w.IsGap), all);
        Assert.IsEmpty(notes, all);
        Assert.AreEqual(0, windows[0].Start.TotalSeconds);
    }

    [TestMethod]
    public void WhatCannotBeReached_IsSaidAtOnce()
    {
        var timeline = new VideoTimeline(s_model.Value, s_options);
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() =>
            timeline.ScoreWindows(LiveVideo.CreateFromUrl("rtsp://me:secret@127.0.0.1:1/a")).ToArray());
        StringAssert.Contains(error.Message, "rtsp://127.0.0.1:1/a' cannot be read: no frame came from it: ffmpeg says: ");
        StringAssert.Contains(error.Message, "refused");
        Assert.IsFalse(error.Message.Contains("secret", StringComparison.Ordinal), error.Message);
        if (OperatingSystem.IsLinux() && !File.Exists("/dev/video97"))
        {
            error = Assert.ThrowsExactly<VideoReadException>(() => timeline.ScoreWindows(LiveVideo.CreateFromDevice("/dev/video97")).ToArray());
            StringAssert.Contains(error.Message, "No such file");
        }

        error = Assert.ThrowsExactly<VideoReadException>(() => timeline.ScoreWindows(
            LiveVideo.CreateFromRawFrames(new MemoryStream(new byte[12]), 32, 24, 8)).ToArray());
        StringAssert.Contains(error.Message, "no frame came");
        Assert.ThrowsExactly<ArgumentException>(() => timeline.ScoreWindows(LiveVideo.CreateFromUrl("rtsp://a") with { MaxReconnects = -1 }));
    }

    [TestMethod]
    public void StreamThatFallsSilent_IsTakenToHaveBrokenOff()
    {
        // Frames for a second, and then a connection that is open and says nothing.
        using var server = new RtspServer(StreamServer.MakeTransportStream("red", 2), staysOpen: true);
        var timeline = new VideoTimeline(s_model.Value, s_options);
        var clock = Stopwatch.StartNew();
        List<VideoWindowScore> windows = [];
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() =>
        {
            foreach (VideoWindowScore window in timeline.ScoreWindows(
                LiveVideo.CreateFromUrl(server.Url) with { MaxReconnects = 0, Timeout = TimeSpan.FromSeconds(3) }))
                windows.Add(window);
        });
        StringAssert.Contains(error.Message, "no frame came for 3 s");
        Assert.AreEqual(2, windows[^1].End.TotalSeconds, 0.3, "nothing of what came is lost");
        Assert.IsLessThan(30, clock.Elapsed.TotalSeconds);
        Assert.AreEqual(0, ChildProcess.AliveCount);
    }
}
