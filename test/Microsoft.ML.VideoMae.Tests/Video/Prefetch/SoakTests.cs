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
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Prefetch;

[TestClass]
public sealed class SoakTests
{
    private static readonly string[] s_broken =
    [
        "zero_length.mp4", "lfs_pointer_text_not_video.mp4", "audio_only.mp4", "truncated_60pct.mp4", "init_segment_only.mp4",
        "zero_empty_stsc.mp4"];

    [TestMethod]
    [TestCategory("Slow")]
    public void Read_TwoThousandClipsATenthBroken_LeaksNothing()
    {
        string[] good = TestVideos.Clips("weizmann4");
        MLVideo[] videos = [.. Enumerable.Range(0, 2000).Select(i => i % 10 == 7
            ? TestVideos.Video(s_broken[i / 10 % s_broken.Length])
            : MLVideo.CreateFromFile(good[i % good.Length]))];
        var reader = new VideoReader();
        (int good, int failed) warm = Run(reader, videos[..200]);
        Assert.AreEqual((180, 20), warm);
        (long bytes, int handles, int threads) before = Measure();
        var watch = Stopwatch.StartNew();
        Assert.AreEqual((1800, 200), Run(reader, videos));
        watch.Stop();
        (long bytes, int handles, int threads) after = Measure();
        Console.WriteLine($"2000 clips in {watch.Elapsed.TotalSeconds:0.0} s, {2000 / watch.Elapsed.TotalSeconds:0.0} a second; managed " +
            $"bytes {before.bytes} -> {after.bytes}, handles {before.handles} -> {after.handles}, threads {before.threads} -> " +
            $"{after.threads}");
        Assert.AreEqual(0, ChildProcess.AliveCount);
        Assert.IsTrue(after.handles <= before.handles + 10, $"{before.handles} handles before, {after.handles} after");
        Assert.IsTrue(after.threads <= before.threads + 5, $"{before.threads} threads before, {after.threads} after");
        Assert.IsTrue(after.bytes < before.bytes + 20_000_000, $"{before.bytes} bytes before, {after.bytes} after");
    }

    private static (int Good, int Failed) Run(VideoReader reader, MLVideo[] videos)
    {
        int good = 0, failed = 0;
        IEnumerable<(MLVideo Video, int Seed)> items = videos.Select((video, i) => (video, i));
        using var prefetcher = new VideoPrefetcher<(MLVideo Video, int Seed), VideoFrames>(items,
            (item, token) => reader.Read(item.Video, new UniformFrameSampler(16), random: new Random(item.Seed), cancellationToken: token),
            static frames => frames.Pixels.Length, new PrefetchOptions { Workers = 2 }, CancellationToken.None);
        foreach (Prefetched<(MLVideo Video, int Seed), VideoFrames> result in prefetcher)
        {
            if (result.Error is null)
            {
                Assert.AreEqual(16, result.Result.Count);
                good++;
                continue;
            }

            VideoReadException e = (VideoReadException)result.Error;
            Assert.AreEqual(result.Item.Video.Name, e.Video);
            failed++;
        }

        return (good, failed);
    }

    private static (long Bytes, int Handles, int Threads) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using Process process = Process.GetCurrentProcess();
        int handles = OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount;
        return (GC.GetTotalMemory(true), handles, process.Threads.Count);
    }
}
