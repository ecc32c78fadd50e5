// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

[TestClass]
public sealed class VideoReaderTests
{
    [TestMethod]
    public void ReadAll_EveryFile_GivesTheKnownFramesOrAClearErrorAsDocumented()
    {
        var wrong = new List<string>();
        var table = new StringBuilder();
        foreach ((string name, int frames, bool decodes) in TestVideos.Table())
        {
            try
            {
                TestVideos.WholeVideo all = TestVideos.Whole(name);
                if (!decodes || all.Count != frames)
                    wrong.Add($"{name}: {all.Count} frames, expected {(decodes ? frames : "an error")}");
                VideoMetadata m = new VideoReader().Probe(TestVideos.Video(name));
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {m.Codec}, {m.PixelFormat} | {all.Count} frames of {all.Width}x{all.Height}, {m.FramesPerSecond:0.##}/s | {Remarks(m, all.Count)} |\n"
                );
            }
            catch (VideoReadException e)
            {
                if (decodes || !e.Message.Contains(name, StringComparison.Ordinal))
                    wrong.Add($"{name}: {e.Message}");
                table.Append(CultureInfo.InvariantCulture, $"| {name} | | error {e.Error} | {e.Reason.Split(" FFmpeg says")[0]} |\n");
            }
        }

        Assert.AreEqual("", string.Join("\n", wrong));
        Assert.AreEqual(54, TestVideos.Table().Count());
        Assert.AreEqual(0, ChildProcess.AliveCount);
        DocumentedTable.AssertOrUpdate("videos.md", table.ToString());
    }

    private static string Remarks(VideoMetadata metadata, int frames)
    {
        var remarks = new List<string>();
        if (metadata.Rotation != 0)
            remarks.Add($"turned by {metadata.Rotation} degrees");
        if (metadata.PixelAspectRatio != 1)
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"pixels {metadata.PixelAspectRatio:0.###} wide are made square"));
        if (metadata.FrameCount != frames)
            remarks.Add($"the file promises {metadata.FrameCount} frames");
        if (metadata.Notes.Length > 0)
            remarks.Add(metadata.Notes);
        return string.Join("; ", remarks);
    }

    [TestMethod]
    [DataRow("zero_length.mp4", VideoReadError.Empty)]
    [DataRow("lfs_pointer_text_not_video.mp4", VideoReadError.NotAVideo)]
    [DataRow("README.md", VideoReadError.NotAVideo)]
    [DataRow("audio_only.mp4", VideoReadError.NoVideoStream)]
    [DataRow("truncated_60pct.mp4", VideoReadError.Damaged)]
    [DataRow("init_segment_only.mp4", VideoReadError.Damaged)]
    [DataRow("zero_empty_stsc.mp4", VideoReadError.Damaged)]
    [DataRow("no_such_file.mp4", VideoReadError.MissingFile)]
    public void Read_UnreadableFile_SaysWhy(string name, VideoReadError error)
    {
        _ = TestVideos.Root;
        foreach (Action<MLVideo> read in (Action<MLVideo>[])
                [v => VideoReader.Default.Read(v, new UniformFrameSampler(4)),
                    v => VideoReader.Default.ReadAll(v),
                    v => VideoReader.Default.Read(v, [0])])
        {
            VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => read(TestVideos.Video(name)));
            Assert.AreEqual(error, e.Error, e.Message);
            StringAssert.Contains(e.Message, name);
            Assert.AreEqual(0, ChildProcess.AliveCount);
        }
    }

    [TestMethod]
    [DataRow("hmdb51_RATRACE_wave.avi")]      // header says 73, 72 decode
    [DataRow("asl_no.mkv")]
    [DataRow("k400_R6llTwEh07w.mp4")]
    [DataRow("mmaction2_demo_28fps_sar.mp4")]
    public void Read_Sampled_GivesTheSameFramesAsReadAll(string name)
    {
        VideoFrames all = VideoReader.Default.ReadAll(TestVideos.Video(name));
        foreach (int frames in (int[])[16, 1, 100])
        {
            var reader = new VideoReader();
            foreach (string pass in (string[])["first", "remembered"])
            {
                var sampler = new UniformFrameSampler(frames);
                VideoFrames some = reader.Read(TestVideos.Video(name), sampler);
                AssertFrames(all, sampler.Sample(all.Count), some, $"{name} {frames} {pass}");
                VideoFrames random = reader.Read(TestVideos.Video(name), sampler, random: new Random(5));
                AssertFrames(all, sampler.Sample(all.Count, new Random(new Random(5).Next())), random, $"{name} {frames} {pass} random");
            }
        }
    }

    [TestMethod]
    public void Read_Indices_KeepsOrderAndRepeats()
    {
        MLVideo video = TestVideos.Video("tank_wagon_original_odd_rate.mp4");
        VideoFrames all = VideoReader.Default.ReadAll(video);
        int[] indices = [195, 3, 3, 0, 77];
        AssertFrames(all, indices, VideoReader.Default.Read(video, indices), "indices");
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.Read(video, [0, 196]));
        Assert.AreEqual(VideoReadError.TooShort, e.Error);
        StringAssert.Contains(e.Message, "frame 196 was asked for, and it has 196 frames (0 to 195)");
    }

    [TestMethod]
    public void Read_Frames_PicksWithoutADecoder()
    {
        var frames = new VideoFrames(Enumerable.Range(0, 5 * 12).Select(i => (byte)i).ToArray(), 5, 2, 2);
        MLVideo video = MLVideo.CreateFromFrames(frames);
        Assert.AreSame(frames, VideoReader.Default.ReadAll(video));
        AssertFrames(frames, [4, 0, 0], VideoReader.Default.Read(video, [4, 0, 0]), "indices");
        AssertFrames(frames, [0, 2, 4], VideoReader.Default.Read(video, new UniformFrameSampler(3)), "sampled");
        Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.Read(video, [5]));
    }

    [TestMethod]
    public void Read_Cancelled_EndsAndLeavesNoProcess()
    {
        using var source = new CancellationTokenSource();
        source.CancelAfter(100);
        try
        {
            while (true)
                VideoReader.Default.ReadAll(TestVideos.Video("rotate_180_vfr_720p.mp4"), cancellationToken: source.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.AreEqual(0, ChildProcess.AliveCount);
        }
    }

    [TestMethod]
    public void Read_PastTheTimeout_SaysSo()
    {
        _ = TestVideos.Root;
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(
            TestVideos.Video("video_only.mp4"), new VideoReadOptions { Timeout = TimeSpan.FromMilliseconds(20) }));
        Assert.AreEqual(VideoReadError.TimedOut, e.Error);
        StringAssert.Contains(e.Message, "longer than 0.02 s");
    }

    [TestMethod]
    public void Read_BadOptions_ListsEveryProblem()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() =>
            VideoReader.Default.ReadAll(
                MLVideo.CreateFromFile("x.mp4"), new VideoReadOptions
                {
                    Timeout = TimeSpan.Zero,
                    MaxFrames = 0,
                    MaxShortSide = -1,
                    TempFilePath = " ",
                }));
        StringAssert.Contains(e.Message, "Timeout is 00:00:00");
        StringAssert.Contains(e.Message, "MaxFrames is 0");
        StringAssert.Contains(e.Message, "MaxShortSide is -1");
        StringAssert.Contains(e.Message, "TempFilePath is ' '");
    }

    internal static void AssertFrames(VideoFrames all, int[] indices, VideoFrames actual, string what)
    {
        Assert.AreEqual(indices.Length, actual.Count, what);
        for (int i = 0; i < indices.Length; i++)
            Assert.IsTrue(all.Frame(indices[i]).SequenceEqual(actual.Frame(i)), $"{what}: frame {i} is not frame {indices[i]} of the clip");
    }
}
