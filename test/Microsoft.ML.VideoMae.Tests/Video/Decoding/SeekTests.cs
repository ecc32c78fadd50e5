// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

[TestClass]
public sealed class SeekTests
{
    private static readonly VideoReadOptions s_small = new() { MaxShortSide = 96 };

    [TestMethod]
    public void ReadSought_EveryFile_GivesTheFramesOfAFullDecode()
    {
        var wrong = new List<string>();
        int sought = 0;
        foreach ((string name, int count, bool decodes) in TestVideos
                .Table()
                .Where(row => row.Decodes && row.Frames > 60 && row.Name != "av1_640x360.mkv"))
        {
            VideoFrames all = VideoReader.Default.ReadAll(TestVideos.Video(name), s_small);
            using var input = new FFmpegInput(TestVideos.Video(name));
            var run = new FFmpegRun(input, s_small, new ClipFacts(), CancellationToken.None);
            ProbeResult probe = FFprobe.Run(input, s_small, CancellationToken.None);
            foreach (int frame in (int[])[count - 3])
            {
                int[] wanted = [frame, frame + 2, frame];
                if (SeekPlan.TryCreate(probe, wanted, input, worthSparing: 0) is not SeekPlan plan
                    || run.ReadSought(plan, wanted) is not VideoFrames frames)
                    continue;
                sought++;
                if (!frames.Frame(0).SequenceEqual(all.Frame(frame))
                    || !frames.Frame(1).SequenceEqual(all.Frame(frame + 2))
                    || !frames.Frame(2).SequenceEqual(all.Frame(frame)))
                    wrong.Add($"{name}: frame {frame} from {plan.Stretches[0].Start}");
            }
        }

        Assert.AreEqual("", string.Join("\n", wrong));
        Assert.IsTrue(sought >= 12, $"only {sought} reads were sought");
    }

    [TestMethod]
    public void TryCreate_FramesCloseTogether_DecodesFromTheStart()
    {
        ProbeResult probe = Probe(1000, 640, 480, key: 50);
        Assert.IsNull(SeekPlan.TryCreate(probe, [0, 5, 10, 15], Input()));
        Assert.IsNull(SeekPlan.TryCreate(probe, [.. Enumerable.Range(0, 1000)], Input()));
    }

    [TestMethod]
    public void TryCreate_FramesFarApart_StartsAtEachKeyFrame()
    {
        SeekPlan plan = SeekPlan.TryCreate(Probe(1000, 640, 480, key: 50), [0, 2, 507, 999], Input())!;
        Assert.AreEqual(3, plan.Stretches.Count);
        CollectionAssert.AreEqual((int[])[0, 2], plan.Stretches[0].Frames);
        Assert.IsNull(plan.Stretches[0].Start);
        Assert.AreEqual(506.5 / 25, plan.Stretches[1].Start!.Value, 1e-9);
        Assert.AreEqual("select='between(t,20.260000,20.300000)'", plan.Stretches[1].Select);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void Read_HourLongFile_CostsNoHour()
    {
        string path = Path.Combine(Path.GetTempPath(), $"hour-{Environment.ProcessId}.mp4");
        try
        {
            // A real clip of 10 s and 196 frames, 360 times.
            TestVideos.RunFFmpeg(
                "-stream_loop", "359", "-i", TestVideos.File("tank_wagon_original_odd_rate.mp4"), "-an", "-c", "copy", "-y", path);
            MLVideo video = MLVideo.CreateFromFile(path);
            VideoFrames clip = VideoReader.Default.ReadAll(TestVideos.Video("tank_wagon_original_odd_rate.mp4"));
            var reader = new VideoReader();
            int count = reader.Probe(video).FrameCount;
            Assert.AreEqual(360 * clip.Count, count);

            var twoMinutes = Stopwatch.StartNew();
            TestVideos.RunFFmpeg("-threads", "1", "-t", "120", "-i", path, "-f", "null", "-");
            twoMinutes.Stop();
            double hour = twoMinutes.Elapsed.TotalSeconds * 30;

            AssertLoop(reader, video, clip, new UniformFrameSampler(16), null, hour / 2, "16 frames spread over the hour");
            AssertLoop(reader, video, clip, new DenseFrameSampler(16, 4), 1, hour / 4, "a random window");
            AssertLoop(reader, video, clip, new DenseFrameSampler(16, 4), 2, hour / 4, "another random window");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertLoop(
        VideoReader reader, MLVideo video, VideoFrames clip, FrameSampler sampler, int? seed, double limit, string what)
    {
        int[] wanted = sampler.Sample(360 * clip.Count, seed is int s ? new Random(new Random(s).Next()) : null);
        var watch = Stopwatch.StartNew();
        VideoFrames frames = reader.Read(video, sampler, random: seed is int s2 ? new Random(s2) : null);
        Console.WriteLine($"{what}: {watch.Elapsed.TotalSeconds:0.00} s, allowed {limit:0.00} s");
        VideoReaderTests.AssertFrames(clip, [.. wanted.Select(i => i % clip.Count)], frames, what);
        Assert.IsTrue(watch.Elapsed.TotalSeconds < limit, $"{what} took {watch.Elapsed.TotalSeconds:0.00} s, allowed {limit:0.00} s");
    }

    private static FFmpegInput Input() => new(MLVideo.CreateFromFile(typeof(SeekTests).Assembly.Location));

    private static ProbeResult Probe(int count, int width, int height, int key)
    {
        var index = PacketIndex.Create([.. Enumerable.Range(0, count).Select(i => new Packet(i / 25.0, i / 25.0, i % key == 0))]);
        return new ProbeResult(
            new VideoMetadata
            {
                FrameCount = count,
                Width = width,
                Height = height,
                FramesPerSecond = 25,
            },
            index, 0, new StreamFormat(width, height, "yuv420p", "1/1"));
    }
}
