// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>Small clips that share a run of ffmpeg give what each gives alone.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SharedRunTests
{
    private static readonly Lazy<string[]> s_clips = new(MakeClips);
    private static readonly string s_folder = Directory.CreateTempSubdirectory("videomae-shared").FullName;

    private static readonly VideoReadOptions[] s_options =
    [
        VideoReadOptions.Default,
        new VideoReadOptions { MaxShortSide = 20 },
        new VideoReadOptions { ApplyPixelAspectRatio = false, ApplyRotation = false },
    ];

    private string? _before;

    [ClassCleanup]
    public static void DeleteFolder() => Directory.Delete(s_folder, true);

    [TestInitialize]
    public void Remember()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Clips share runs of ffmpeg on Linux only.");
        _before = Environment.GetEnvironmentVariable(FFmpegTool.FolderVariable);
    }

    [TestCleanup]
    public void Restore()
    {
        Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, _before);
        Assert.AreEqual(0, ChildProcess.AliveCount);
    }

    [TestMethod]
    public void ReadTogether_GeneratedClips_GivesTheFramesOfEachAlone()
    {
        MLVideo[] videos = [.. s_clips.Value.Select(MLVideo.CreateFromFile)];
        foreach (VideoReadOptions options in s_options)
        {
            var reader = new VideoReader();
            foreach (Func<int, FrameRequest> request in Requests())
            {
                SharedClip[] clips = [.. videos.Select((v, i) => reader.PlanTogether(v, request(i), options)!)];
                VideoFrames?[] together = reader.ReadTogether(clips, options, CancellationToken.None);
                for (int i = 0; i < videos.Length; i++)
                {
                    Assert.IsNotNull(together[i], $"{videos[i]} was not read together with others.");
                    AssertSame(new FFmpegDecoder().Decode(videos[i], request(i), options, default), together[i]!, $"{videos[i]} {options}");
                }
            }
        }
    }

    [TestMethod]
    public void ReadsAhead_RareAndBrokenFiles_GiveTheFramesOrTheMessageOfEachAlone()
    {
        string[] names = [.. TestVideos.Table().Select(row => row.Name)];
        MLVideo[] videos = [.. names.Select(TestVideos.Video)];
        var sampler = new UniformFrameSampler(16);
        int shared = 0;
        foreach (VideoReadOptions options in s_options[..2])
        {
            (string[] alone, _) = ReadEach(videos, sampler, options, isAhead: false);
            (string[] ahead, int taken) = ReadEach(videos, sampler, options, isAhead: true);
            CollectionAssert.AreEqual(alone, ahead);
            shared += taken;
        }

        Assert.IsTrue(shared > 20, $"{shared} reads shared a run.");
    }

    [TestMethod]
    public void ReadsAhead_DataSets_AreSharedAlmostAll()
    {
        foreach ((string set, int count) in new[] { ("weizmann4", 40), ("tank-wagon", 40) })
        {
            MLVideo[] videos = [.. TestVideos.Clips(set).Take(count).Select(MLVideo.CreateFromFile)];
            (string[] alone, _) = ReadEach(videos, new UniformFrameSampler(16), VideoReadOptions.Default, isAhead: false);
            (string[] ahead, int taken) = ReadEach(videos, new UniformFrameSampler(16), VideoReadOptions.Default, isAhead: true);
            CollectionAssert.AreEqual(alone, ahead);
            Assert.IsTrue(taken >= count - 2, $"{taken} of {count} clips of {set} shared a run.");
        }
    }

    /// <summary>Clips that are to be kept on disk are read whole, together; those that are there are not read again.</summary>
    [TestMethod]
    [DataRow(null)]
    [DataRow(90)]
    public void ReadsAhead_FramesOnDisk_AreThoseOfEachAlone(int? jpegQuality)
    {
        VideoFrameCache NewCache() => new(
            Path.Combine(s_folder, Path.GetRandomFileName()), new VideoFrameCacheOptions { JpegQuality = jpegQuality });
        MLVideo[] videos = [.. s_clips.Value.Select(MLVideo.CreateFromFile)];
        var sampler = new UniformFrameSampler(5);
        (string[] alone, _) = ReadEach(videos, sampler, VideoReadOptions.Default, isAhead: false, NewCache());
        VideoFrameCache cache = NewCache();
        (string[] ahead, int taken) = ReadEach(videos, sampler, VideoReadOptions.Default, isAhead: true, cache);
        CollectionAssert.AreEqual(alone, ahead);
        Assert.AreEqual((videos.Length, videos.Length, 0), (taken, cache.Misses, cache.Hits));
        (string[] again, taken) = ReadEach(videos, sampler, VideoReadOptions.Default, isAhead: true, cache);
        CollectionAssert.AreEqual(alone, again);
        Assert.AreEqual((0, videos.Length, videos.Length), (taken, cache.Misses, cache.Hits));
    }

    [TestMethod]
    public void ReadsAhead_FolderWithoutRoom_SharesRunsAllTheSame()
    {
        MLVideo[] videos = [.. s_clips.Value.Select(MLVideo.CreateFromFile)];
        var cache = new VideoFrameCache(Path.Combine(s_folder, "full"), new VideoFrameCacheOptions { MaxBytes = 1 });
        var sampler = new UniformFrameSampler(5);
        (string[] alone, _) = ReadEach(videos, sampler, VideoReadOptions.Default, isAhead: false);
        for (int pass = 0; pass < 2; pass++)
        {
            (string[] ahead, int taken) = ReadEach(videos, sampler, VideoReadOptions.Default, isAhead: true, cache);
            CollectionAssert.AreEqual(alone, ahead);
            Assert.AreEqual(videos.Length, taken);
        }
    }

    [TestMethod]
    public void ReadsAhead_OneBrokenFile_CostsOnlyItself()
    {
        string broken = Path.Combine(s_folder, "broken.mp4");
        byte[] bytes = File.ReadAllBytes(s_clips.Value[0]);
        int codec = bytes.AsSpan().IndexOf("avcC"u8);
        bytes.AsSpan(codec + 4, 24).Fill(0xFF); // The container is whole, and the codec cannot be set up.
        int data = bytes.AsSpan().IndexOf("mdat"u8) + 4;
        bytes.AsSpan(data, Math.Min(4000, bytes.Length - data)).Fill(0);
        File.WriteAllBytes(broken, bytes);
        MLVideo[] videos = [.. s_clips.Value[..5].Append(broken).Concat(s_clips.Value[5..]).Select(MLVideo.CreateFromFile)];
        (string[] alone, _) = ReadEach(videos, new UniformFrameSampler(8), VideoReadOptions.Default, isAhead: false);
        (string[] ahead, _) = ReadEach(videos, new UniformFrameSampler(8), VideoReadOptions.Default, isAhead: true);
        CollectionAssert.AreEqual(alone, ahead);
        StringAssert.Contains(alone[5], "broken.mp4");
        Assert.HasCount(1, ahead.Where(text => text.Contains("cannot be read", StringComparison.Ordinal)));
    }

    /// <summary>Files that were cut without encoding again hold frames that are not shown.</summary>
    [TestMethod]
    public void ReadsAhead_FramesThatAreCutOff_AreNotCounted()
    {
        string[] paths = [.. Enumerable.Range(1, 4).Select(i => Path.Combine(s_folder, $"cut{i}.mp4"))];
        for (int i = 0; i < paths.Length; i++)
            TestClips.Ffmpeg("-ss", $"{0.2 + (0.4 * i)}", "-i", s_clips.Value[1], "-c", "copy", paths[i]);
        MLVideo[] videos = [.. paths.Concat(s_clips.Value[..2]).Select(MLVideo.CreateFromFile)];
        (string[] alone, _) = ReadEach(videos, new UniformFrameSampler(3), VideoReadOptions.Default, isAhead: false);
        (string[] ahead, int taken) = ReadEach(videos, new UniformFrameSampler(3), VideoReadOptions.Default, isAhead: true);
        CollectionAssert.AreEqual(alone, ahead);
        Assert.IsTrue(taken >= 2, $"{taken} clips shared a run.");
        int all = ContainerPromise.Read(File.ReadAllBytes(paths[3]))!.Value.Frames;
        Assert.IsTrue(all > VideoReader.Default.ReadAll(videos[3]).Count, $"All of the {all} frames are shown: this tests nothing.");
    }

    [TestMethod]
    [DataRow("exec sleep 60", 2.0)]                                        // runs out of time
    [DataRow("kill -SEGV $$", 30.0)]
    [DataRow("exit 1", 30.0)]
    [DataRow("exit 0", 30.0)]                                              // says nothing and gives nothing
    [DataRow("echo '[graph 0 input from stream 0:0 @ 0x5] [verbose] w:32 h:24 pixfmt:yuv420p tb:1/8 fr:8/1 sar:1/1' >&2", 30.0)]
    [DataRow("while :; do echo bad >&2; done", 2.0)]
    public void ReadsAhead_SharedRunFails_EachIsReadAlone(string script, double seconds)
    {
        MLVideo[] videos = [.. s_clips.Value[..6].Select(MLVideo.CreateFromFile)];
        (string[] alone, _) = ReadEach(videos, new UniformFrameSampler(8), VideoReadOptions.Default, isAhead: false);
        StandIn(script);
        var options = new VideoReadOptions { Timeout = TimeSpan.FromSeconds(seconds) };
        var reader = new VideoReader();
        SharedClip[] clips = [.. videos.Select(v => reader.PlanTogether(v, Request(), options)!)];
        CollectionAssert.AreEqual(
            new VideoFrames?[videos.Length], reader.ReadTogether(clips, options, CancellationToken.None), "something was taken");
        (string[] ahead, int taken) = ReadEach(videos, new UniformFrameSampler(8), VideoReadOptions.Default with
        {
            Timeout = TimeSpan.FromSeconds(Math.Max(8, seconds)),
        }, isAhead: true);
        CollectionAssert.AreEqual(alone, ahead);
        Assert.AreEqual(0, taken);
    }

    [TestMethod]
    public void ReadTogether_NeverGivesAnything_IsNotTriedForEver()
    {
        StandIn("exit 1");
        var reader = new VideoReader();
        MLVideo[] videos = [.. s_clips.Value[..3].Select(MLVideo.CreateFromFile)];
        for (int i = 0; i < 3; i++)
        {
            SharedClip[] clips = [.. videos.Select(v => reader.PlanTogether(v, Request(), VideoReadOptions.Default)!)];
            reader.ReadTogether(clips, VideoReadOptions.Default, CancellationToken.None);
        }

        Assert.IsNull(reader.PlanTogether(videos[0], Request(), VideoReadOptions.Default));
    }

    [TestMethod]
    public void ReadsAhead_Cancelled_KillsTheRun()
    {
        StandIn("exec sleep 60");
        MLVideo[] videos = [.. s_clips.Value.Select(MLVideo.CreateFromFile)];
        using var source = new CancellationTokenSource();
        using ReadsAhead ahead = Start(new VideoReader(), videos, new UniformFrameSampler(8), VideoReadOptions.Default, source.Token);
        source.CancelAfter(500);
        Assert.Throws<OperationCanceledException>(() => ahead.Take(0, null, source.Token));
    }

    [TestMethod]
    public void ReadsAhead_DisposedBeforeAnythingIsTaken_LeavesNothing()
    {
        int open = Directory.GetFiles("/proc/self/fd").Length;
        MLVideo[] videos = [.. s_clips.Value.Select(MLVideo.CreateFromFile)];
        using (ReadsAhead ahead = Start(new VideoReader(), videos, new UniformFrameSampler(8), VideoReadOptions.Default, default))
            ahead.Take(0, null, CancellationToken.None);
        Assert.AreEqual(0, ChildProcess.AliveCount);
        Assert.IsTrue(Directory.GetFiles("/proc/self/fd").Length <= open + 8, "Files in memory stay open.");
    }

    [TestMethod]
    public void PlanTogether_WhatIsNotSmallOrNotAFile_IsReadAlone()
    {
        var reader = new VideoReader();
        MLVideo video = MLVideo.CreateFromFile(s_clips.Value[0]);
        Assert.IsNotNull(reader.PlanTogether(video, Request(), VideoReadOptions.Default));
        Assert.IsNull(reader.PlanTogether(video, FrameRequest.ForIndices([3]), VideoReadOptions.Default), "indices");
        Assert.IsNull(
            reader.PlanTogether(video, FrameRequest.ForSampler(new FixedRateFrameSampler(4, 5), null), VideoReadOptions.Default), "times");
        Assert.IsNull(reader.PlanTogether(video, Request(), new VideoReadOptions { MaxBytes = 100 }), "limit of bytes");
        Assert.IsNull(reader.PlanTogether(video, Request(), new VideoReadOptions { MaxFrames = 3 }), "limit of frames");
        Assert.IsNull(reader.PlanTogether(video, Request(), new VideoReadOptions { DecoderThreads = 2 }), "threads");
        Assert.IsNull(reader.PlanTogether(MLVideo.CreateFromFile(s_folder), Request(), VideoReadOptions.Default), "folder");
        Assert.IsNull(reader.PlanTogether(MLVideo.CreateFromFile("/nothing.mp4"), Request(), VideoReadOptions.Default), "no file");
        MLVideo bytes = MLVideo.CreateFromBytes(File.ReadAllBytes(s_clips.Value[0]));
        Assert.IsNull(reader.PlanTogether(bytes, Request(), VideoReadOptions.Default), "bytes");

        string large = Path.Combine(s_folder, "large.mp4");
        File.WriteAllBytes(large, [.. File.ReadAllBytes(s_clips.Value[0]), .. new byte[FFmpegDecoder.SmallFile]]);
        Assert.IsNull(reader.PlanTogether(MLVideo.CreateFromFile(large), Request(), VideoReadOptions.Default), "size");
    }

    private static FrameRequest Request() => FrameRequest.ForSampler(new UniformFrameSampler(8), null);

    private static IEnumerable<Func<int, FrameRequest>> Requests()
    {
        yield return _ => FrameRequest.All;
        yield return _ => FrameRequest.ForSampler(new UniformFrameSampler(5), null);
        yield return i => FrameRequest.ForSampler(new DenseFrameSampler(6, 2, ShortClipPolicy.Wrap), new Random(i), new FrameMemory());
    }

    private static ReadsAhead Start(
        VideoReader reader, MLVideo[] videos, FrameSampler sampler, VideoReadOptions options, CancellationToken cancellationToken) =>
        new(reader, options, () => videos.Length,
            i => new PlannedRead(videos[i], FrameRequest.ForSampler(sampler, null, new FrameMemory())), 2, cancellationToken);

    /// <summary>What comes of every video: a hash of its frames, or the message.</summary>
    private static (string[] Texts, int Taken) ReadEach(
        MLVideo[] videos, FrameSampler sampler, VideoReadOptions options, bool isAhead, VideoFrameCache? cache = null)
    {
        var reader = new VideoReader { Cache = cache };
        using ReadsAhead? ahead = isAhead ? Start(reader, videos, sampler, options, CancellationToken.None) : null;
        int taken = 0;
        var texts = new string[videos.Length];
        for (int i = 0; i < videos.Length; i++)
        {
            using var memory = new FrameMemory();
            try
            {
                VideoFrames? frames = ahead?.Take(i, memory, CancellationToken.None);
                taken += frames is null ? 0 : 1;
                frames ??= reader.Read(videos[i], sampler, memory, options);
                texts[i] = $"{videos[i]} {frames.Count} {frames.Width}x{frames.Height} {TestVideos.Hash(frames)} {frames.Notes}";
            }
            catch (VideoReadException e)
            {
                texts[i] = $"{videos[i]} {e.Error} {e.Message}";
            }
        }

        return (texts, taken);
    }

    private static void AssertSame(VideoFrames expected, VideoFrames actual, string what)
    {
        Assert.AreEqual((expected.Count, expected.Width, expected.Height), (actual.Count, actual.Width, actual.Height), what);
        Assert.IsTrue(expected.Pixels.Span.SequenceEqual(actual.Pixels.Span), what);
        Assert.AreEqual(expected.Notes, actual.Notes, what);
    }

    /// <summary>Clips of several containers, codecs, lengths and sizes; two with pixels that are not square, one that is turned.</summary>
    private static string[] MakeClips()
    {
        (string Name, string Size, int Frames, string[] Encoding)[] kinds =
        [
            ("h264.mp4", "32x24", 8, []), ("bframes.mp4", "48x32", 31, ["-bf", "3"]), ("odd.mov", "38x22", 1, []),
            ("mpeg4.avi", "32x48", 12, ["-c:v", "mpeg4"]), ("mjpeg.avi", "40x40", 9, ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]),
            ("vp9.webm", "64x48", 15, ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]),
            ("h264.mkv", "34x34", 17, []), ("wide.mp4", "32x24", 10, ["-vf", "setsar=16/9"]),
            ("high.mp4", "32x24", 10, ["-vf", "setsar=2/3"]), ("full.mp4", "64x64", 16, ["-pix_fmt", "yuv444p"]),
        ];
        var arguments = new List<string>();
        foreach ((_, string size, int frames, _) in kinds)
            arguments.AddRange(["-f", "lavfi", "-t", $"{frames / 8.0}", "-i", $"testsrc2=size={size}:rate=8"]);
        for (int i = 0; i < kinds.Length; i++)
        {
            string[] pixels = kinds[i].Encoding.Contains("-pix_fmt") ? [] : ["-pix_fmt", "yuv420p"];
            arguments.AddRange(["-map", $"{i}:v", .. kinds[i].Encoding, .. pixels, "-threads", "1", Path.Combine(s_folder, kinds[i].Name)]);
        }

        TestClips.Ffmpeg([.. arguments]);
        string turned = Path.Combine(s_folder, "turned.mp4");
        TestClips.Ffmpeg("-i", Path.Combine(s_folder, "wide.mp4"), "-c", "copy", "-metadata:s:v", "rotate=90", turned);
        return [.. kinds.Select(kind => Path.Combine(s_folder, kind.Name)), turned];
    }

    /// <summary>A script that does something else where several clips are to be read, and is ffmpeg for one.</summary>
    private static void StandIn(string script)
    {
        string real = FFmpegTool.FFmpeg, folder = Directory.CreateDirectory(Path.Combine(s_folder, Path.GetRandomFileName())).FullName;
        string path = Path.Combine(folder, "ffmpeg");
        File.WriteAllText(path, $"#!/bin/sh\ncase \"$*\" in *-filter_threads*) {script} ;; *) exec {real} \"$@\" ;; esac\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, folder);
    }
}
