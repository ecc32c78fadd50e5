// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>Streams whose format changes on the way: every read gives the frames that were asked for, scaled to the first size.</summary>
[TestClass]
public sealed class FormatChangeTests
{
    /// <summary>The first piece: frames 0 to 11, 64x48.</summary>
    private const int First = 12;

    /// <summary>The second piece, of the format that the test names.</summary>
    private const int Second = 20;

    private static readonly string s_folder = Directory.CreateTempSubdirectory("videomae-change").FullName;
    private static readonly ConcurrentDictionary<string, string> s_files = new(StringComparer.Ordinal);

    [ClassCleanup]
    public static void DeleteFolder() => Directory.Delete(s_folder, true);

    [TestMethod]
    [DataRow("size", false)]
    [DataRow("size", true)]
    [DataRow("pixels", false)]
    [DataRow("pixels", true)]
    [DataRow("aspect", false)]
    [DataRow("aspect", true)]
    [DataRow("range", false)]
    [DataRow("range", true)]
    [DataRow("matrix", false)]
    [DataRow("rotation", false)]
    [DataRow("rotation", true)]
    [DataRow("rate", true)]
    [DataRow("libvpx", false)]
    [DataRow("libvpx-vp9", false)]
    public void Read_FormatChanges_EveryReadGivesTheSameFrames(string kind, bool large)
    {
        MLVideo video = kind.StartsWith("libvpx", StringComparison.Ordinal) ? Recording(kind) : Joined(kind, large, restart: true);
        AssertSameInEveryRead(video, VideoReadOptions.Default, kind);
    }

    [TestMethod]
    [DataRow(40, true, true)]
    [DataRow(null, false, true)]
    [DataRow(null, true, false)]
    [DataRow(24, false, false)]
    public void Read_FormatChangesWithOptions_EveryReadGivesTheSameFrames(int? side, bool rotate, bool square)
    {
        var options = new VideoReadOptions { MaxShortSide = side, ApplyRotation = rotate, ApplyPixelAspectRatio = square };
        foreach (string kind in (string[])["size", "aspect", "rotation"])
            AssertSameInEveryRead(Joined(kind, large: false, restart: true), options, $"{kind} {options}");
    }

    [TestMethod]
    [DataRow("size", "The frames change on the way from 64x48 yuv420p to 96x96 yuv420p; all are scaled to the size of the first.")]
    [DataRow("pixels", "The frames change on the way from 64x48 yuv420p to 64x48 yuv444p; all are scaled to the size of the first.")]
    [DataRow("aspect", "The frames change on the way from 64x48 yuv420p to 64x48 yuv420p with pixels of 2:1; all are scaled to the size " +
        "of the first.")]
    [DataRow("matrix", "")]
    public void ReadAll_FormatChanges_ScalesToTheFirstAndSaysSo(string kind, string notes)
    {
        MLVideo video = Joined(kind, large: false, restart: true);
        var reader = new VideoReader();
        VideoFrames all = reader.ReadAll(video);
        Assert.AreEqual((First + Second, 64, 48), (all.Count, all.Width, all.Height));
        Assert.AreEqual(notes, all.Notes);
        StringAssert.EndsWith(reader.Probe(video).Notes, notes);

        // Each piece is what ffmpeg makes of it alone.
        byte[] first = TestVideos.Reference(Piece("first", 0), "-vf", "scale=64:48");
        byte[] second = TestVideos.Reference(Piece(kind, 0), "-vf", "scale=64:48");
        Assert.IsTrue(all.Pixels.Span[..first.Length].SequenceEqual(first), "the first piece");
        Assert.IsTrue(all.Pixels.Span[first.Length..].SequenceEqual(second), "the second piece");
    }

    [TestMethod]
    [DataRow("size")]
    [DataRow("pixels")]
    [DataRow("aspect")]
    [DataRow("range")]
    [DataRow("matrix")]
    [DataRow("rotation")]
    public void ReadSought_FormatChanges_GivesTheSameFramesOrNone(string kind)
    {
        // The times go on, as in a recording that was never cut.
        string path = s_files.GetOrAdd($"{kind}.mkv", name =>
        {
            // Unlike a transport stream, Matroska has an index.
            TestClips.Ffmpeg("-i", Joined(kind, large: false, restart: false).Path!, "-c", "copy", Path.Combine(s_folder, name));
            return Path.Combine(s_folder, name);
        });
        MLVideo video = MLVideo.CreateFromFile(path);
        foreach (VideoReadOptions options in (VideoReadOptions[])[VideoReadOptions.Default, new VideoReadOptions { MaxShortSide = 40 }])
        {
            VideoFrames all = new VideoReader().ReadAll(video, options);
            using var input = new FFmpegInput(video);
            ProbeResult probe = FFprobe.Run(input, options, CancellationToken.None);
            Assert.AreEqual(1, probe.Index.Pieces);
            foreach (int[] wanted in (int[][])[[3, 5], [First + 4, First + 6], [First - 2, First + 2]])
            {
                var run = new FFmpegRun(input, options, new ClipFacts(), CancellationToken.None);
                SeekPlan plan = SeekPlan.TryCreate(probe, wanted, input, worthSparing: double.NegativeInfinity)!;
                VideoFrames? sought = run.ReadSought(plan, wanted);
                if (sought is not null)
                    VideoReaderTests.AssertFrames(all, wanted, sought, $"{kind} {wanted[0]} {options.MaxShortSide}");
                if (wanted[1] < First)
                    Assert.IsNotNull(sought, "frames before the change can be sought");
                if (kind is "size" or "pixels" && wanted[1] > First)
                    Assert.IsNull(sought, "only a decoder that saw the first frame scales as it does");
            }
        }
    }

    [TestMethod]
    [DataRow("size")]
    [DataRow("pixels")]
    [DataRow("aspect")]
    [DataRow("range")]
    [DataRow("matrix")]
    [DataRow("rotation")]
    [DataRow("libvpx-vp9")]
    public void ReadTogether_FormatChanges_GivesTheSameFramesOrNone(string kind)
    {
        // A transport stream says nothing of its frames; Matroska does.
        MLVideo video = kind == "libvpx-vp9" ? Recording(kind) : MLVideo.CreateFromFile(s_files.GetOrAdd($"together-{kind}.mkv", name =>
        {
            TestClips.Ffmpeg("-i", Joined(kind, large: false, restart: false).Path!, "-c", "copy", Path.Combine(s_folder, name));
            return Path.Combine(s_folder, name);
        }));
        var sampler = new UniformFrameSampler(4);
        foreach (VideoReadOptions options in (VideoReadOptions[])[VideoReadOptions.Default, new VideoReadOptions { MaxShortSide = 40 }])
        {
            foreach (FrameRequest request in (FrameRequest[])[FrameRequest.All, FrameRequest.ForSampler(sampler, null)])
            {
                var reader = new VideoReader();
                VideoFrames alone = request.IsAll ? reader.ReadAll(video, options) : reader.Read(video, sampler, options);
                SharedClip? clip = new VideoReader().PlanTogether(video, request, options);
                if (clip is null || new VideoReader().ReadTogether([clip, clip], options, CancellationToken.None)[1] is not { } frames)
                    continue;
                Assert.AreEqual((alone.Count, alone.Width, alone.Height), (frames.Count, frames.Width, frames.Height));
                Assert.IsTrue(alone.Pixels.Span.SequenceEqual(frames.Pixels.Span), $"{kind} {request.IsAll} {options.MaxShortSide}");
                Assert.IsTrue(kind is "range" or "matrix" or "aspect", $"The format of {kind} changes, and nobody noticed.");
            }
        }
    }

    [TestMethod]
    public void Read_JoinedPieces_GoByTheTimesOfTheWhole()
    {
        // 12 frames at 25/s, then 20 at 10/s: 0.48 s and 2 s. Both pieces' own times begin at the same second.
        MLVideo video = Joined("rate", large: false, restart: true);
        VideoMetadata metadata = VideoReader.Default.Probe(video);
        StringAssert.Contains(metadata.Notes, "2 recordings are joined in the file, as its times begin anew; each is taken to follow the " +
            "one before.");
        Assert.AreEqual(2.48, metadata.Duration.TotalSeconds, 0.07);
        VideoFrames all = VideoReader.Default.ReadAll(video);
        VideoFrames frames = VideoReader.Default.Read(video, new FixedRateFrameSampler(5, 5)); // a window of a second around the middle
        int[] expected = new FixedRateFrameSampler(5, 5).Sample(
            new FrameTimeline((double[])
                    [.. Enumerable.Range(0, First).Select(i => i * 0.04), .. Enumerable.Range(0, Second).Select(i => 0.48 + (i * 0.1))],
                metadata.FramesPerSecond));
        Assert.IsTrue(expected.All(i => i > First), "the window lies in the second piece");
        VideoReaderTests.AssertFrames(all, expected, frames, "by time");
    }

    private static void AssertSameInEveryRead(MLVideo video, VideoReadOptions options, string what)
    {
        VideoFrames all = new VideoReader().ReadAll(video, options);
        Assert.AreEqual(First + Second, all.Count, what);
        int[] indices = [First + Second - 1, First - 1, First, 2, First + 7];
        VideoReaderTests.AssertFrames(all, indices, new VideoReader().Read(video, indices, options), $"{what}: indices");
        VideoReaderTests.AssertFrames(
            all,
            [First + 15],
            new VideoReader().Read(video, [First + 15], options), $"{what}: one of the second piece");
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().Read(video, [First + Second], options));
        StringAssert.Contains(e.Message, $"it has {First + Second} frames", what);

        var sampler = new UniformFrameSampler(8);
        var reader = new VideoReader();
        var cached = new VideoReader { Cache = new VideoFrameCache(Path.Combine(s_folder, "cache" + Guid.NewGuid())) };
        foreach (string pass in (string[])["first", "remembered"])
        {
            VideoReaderTests.AssertFrames(all, sampler.Sample(all.Count), reader.Read(video, sampler, options), $"{what}: sampled {pass}");
            int[] random = sampler.Sample(all.Count, new Random(new Random(5).Next()));
            VideoReaderTests.AssertFrames(
                all, random, reader.Read(video, sampler, options, new Random(5)), $"{what}: sampled {pass} with chance");
            VideoReaderTests.AssertFrames(all, sampler.Sample(all.Count), cached.Read(video, sampler, options), $"{what}: cached {pass}");
        }
    }

    /// <summary>Two pieces behind one another in a transport stream.</summary>
    /// <param name="kind">What is other in the second piece.</param>
    /// <param name="large">
    /// Whether the file is too large to be decoded whole the first time: filled up with packets that hold nothing.
    /// </param>
    /// <param name="restart">Whether the times of the second piece begin anew.</param>
    private static MLVideo Joined(string kind, bool large, bool restart) =>
        MLVideo.CreateFromFile(s_files.GetOrAdd($"{kind}-{large}-{restart}.ts", name =>
            {
                string path = Path.Combine(s_folder, name);
                using FileStream file = File.Create(path);
                file.Write(File.ReadAllBytes(Piece("first", 0)));
                byte[] empty = [0x47, 0x1F, 0xFF, 0x10, .. Enumerable.Repeat((byte)0xFF, 184)];
                for (int i = 0; large && i <= FFmpegDecoder.SmallFile / empty.Length; i++)
                    file.Write(empty);
                file.Write(File.ReadAllBytes(Piece(kind, restart ? 0 : First * 0.04)));
                return path;
            }));

    /// <summary>A WebM file as browsers record it while the window that is shown changes its size.</summary>
    private static MLVideo Recording(string codec) => MLVideo.CreateFromFile(s_files.GetOrAdd(codec + ".webm", name =>
            {
                string[] pieces =
                [
                    .. new[] { ("64x48", First), ("96x96", Second) }.Select(piece =>
                    {
                        string path = Path.Combine(s_folder, $"{codec}-{piece.Item1}.webm");
                        TestClips.Ffmpeg(
                            "-f", "lavfi", "-i", $"testsrc=size={piece.Item1}:rate=25", "-frames:v", $"{piece.Item2}", "-c:v", codec,
                            "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p", path);
                        return path;
                    })];
                File.WriteAllLines(Path.Combine(s_folder, codec + ".txt"), pieces.Select(p => $"file '{p}'"));
                TestClips.Ffmpeg(
                    "-f", "concat", "-safe", "0", "-i", Path.Combine(s_folder, codec + ".txt"), "-c", "copy", Path.Combine(s_folder, name));
                return Path.Combine(s_folder, name);
            }));

    private static string Piece(string kind, double start) => s_files.GetOrAdd($"piece-{kind}-{start}.ts", name =>
        {
            string path = Path.Combine(s_folder, name);
            (string size, string rate, string pixels) = (
                kind == "size" ? "96x96" : "64x48", kind == "rate" ? "10" : "25", kind switch
                {
                    "pixels" => "yuv444p",
                    "range" => "yuvj420p",
                    _ => "yuv420p",
                });
            string[] more = kind switch
            {
                "aspect" => ["-vf", "setsar=2"],
                "range" => ["-color_range", "pc"],
                "matrix" =>
                [
                    "-vf", "scale=out_color_matrix=bt709", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
                "rotation" => ["-bsf:v", "h264_metadata=display_orientation=insert:rotate=90"],
                _ => [],
            };
            TestClips.Ffmpeg([
                "-f", "lavfi", "-i", $"testsrc=size={size}:rate={rate}", "-frames:v", $"{(kind == "first" ? First : Second)}", "-c:v",
                "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", pixels, .. more, "-output_ts_offset",
                FormattableString.Invariant($"{start}"), path]);
            return path;
        });
}
