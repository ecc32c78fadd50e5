// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

[TestClass]
public sealed class VideoFrameCacheTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-cache").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, true);

    [TestMethod]
    [DataRow(null)]
    [DataRow(90)]
    public void Read_SecondTime_DecodesNothingAndGivesTheSame(int? quality)
    {
        var decoder = new CountingDecoder();
        MLVideo video = Clip("a.fake", 40);
        VideoFrames? first = null;
        for (int run = 0; run < 3; run++)       // a fresh process each time, as far as the cache knows
        {
            var cache = new VideoFrameCache(_folder, new VideoFrameCacheOptions { JpegQuality = quality });
            var reader = new VideoReader(decoder) { Cache = cache };
            VideoFrames frames = reader.Read(video, new UniformFrameSampler(8), random: new Random(4));
            first ??= frames;
            Assert.IsTrue(frames.Pixels.Span.SequenceEqual(first.Pixels.Span), $"run {run}");
            Assert.AreEqual(run == 0 ? 0 : 1, cache.Hits);
        }

        Assert.AreEqual(1, decoder.Decodes);
        VideoFrames exact = new VideoReader(decoder).Read(video, new UniformFrameSampler(8), random: new Random(4));
        int error = exact.Pixels.ToArray().Zip(first!.Pixels.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.IsTrue(quality is null ? error == 0 : error is > 0 and < 60, $"off by up to {error}");
    }

    [TestMethod]
    public void Read_IntoLentMemory_GivesTheSameFramesAndMakesNoArrays()
    {
        const int Reads = 20;
        var reader = new VideoReader(new CountingDecoder()) { Cache = new VideoFrameCache(_folder) };
        MLVideo video = Clip("a.fake", 40);
        var sampler = new UniformFrameSampler(40);
        VideoFrames kept = reader.Read(video, sampler);
        MLVideo inMemory = MLVideo.CreateFromFrames(kept);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Reads; i++)
        {
            using var memory = new FrameMemory();
            Assert.IsTrue(
                reader.Read(i % 2 == 0 ? video : inMemory, sampler, memory).Pixels.Span.SequenceEqual(kept.Pixels.Span), $"read {i}");
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsTrue(allocated < Reads / 2 * kept.Pixels.Length, $"{allocated} bytes for {Reads} reads of {kept.Pixels.Length}");
    }

    [TestMethod]
    public void Read_ChangedFileOrSettings_GivesANewEntry()
    {
        var decoder = new CountingDecoder();
        var reader = new VideoReader(decoder) { Cache = new VideoFrameCache(_folder) };
        MLVideo video = Clip("a.fake", 10);
        reader.Read(video, [0]);
        reader.Read(video, [9]);
        Assert.AreEqual(1, decoder.Decodes);
        reader.Read(video, [0], new VideoReadOptions { MaxShortSide = 32 });
        Assert.AreEqual(2, decoder.Decodes);
        reader.Read(video, [0], new VideoReadOptions { ApplyRotation = false });
        Assert.AreEqual(3, decoder.Decodes);
        Clip("a.fake", 12);
        Assert.AreEqual(12, reader.ReadAll(video).Count);
        Assert.AreEqual(4, decoder.Decodes);
        Assert.AreEqual(VideoReadError.TooShort, Assert.ThrowsExactly<VideoReadException>(() => reader.Read(video, [12])).Error);
    }

    [TestMethod]
    public void Read_ByContent_RecognisesACopy()
    {
        var decoder = new CountingDecoder();
        var reader = new VideoReader(decoder) { Cache = new VideoFrameCache(_folder, new VideoFrameCacheOptions { KeyByContent = true }) };
        reader.Read(Clip("a.fake", 10), [0]);
        reader.Read(Clip("b.fake", 10), [1]);
        reader.Read(MLVideo.CreateFromBytes(File.ReadAllBytes(Path.Combine(_folder, "b.fake"))), [2]);
        Assert.AreEqual(1, decoder.Decodes);
    }

    [TestMethod]
    public void Read_DamagedEntry_IsBuiltAgain()
    {
        var decoder = new CountingDecoder();
        MLVideo video = Clip("a.fake", 10);
        VideoFrames expected = new VideoReader(decoder).ReadAll(video);
        int decodes = decoder.Decodes;
        foreach (Action<string> damage in (Action<string>[])
                [Truncate, Empty, path => Flip(path, 5), path => Flip(path, 40), path => Flip(path, -1), path => Flip(path, -20_000)])
        {
            new VideoReader(decoder) { Cache = new VideoFrameCache(_folder) }.ReadAll(video);
            damage(Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories).Single());
            VideoFrames frames = new VideoReader(decoder) { Cache = new VideoFrameCache(_folder) }.ReadAll(video);
            Assert.IsTrue(frames.Pixels.Span.SequenceEqual(expected.Pixels.Span));
            decodes++;
        }

        Assert.AreEqual(decodes + 1, decoder.Decodes);
    }

    [TestMethod]
    public void Read_FullCache_StaysBoundedAndStillReads()
    {
        var decoder = new CountingDecoder();
        long entry = 10L * 48 * 40 * 3;
        var options = new VideoFrameCacheOptions { MaxBytes = (long)(entry * 3.5) };
        var cache = new VideoFrameCache(_folder, options);
        var reader = new VideoReader(decoder) { Cache = cache };
        MLVideo[] videos = [.. Enumerable.Range(0, 6).Select(i => Clip($"{i}.fake", 10))];
        for (int epoch = 0; epoch < 2; epoch++)
        {
            foreach (MLVideo video in videos)
                reader.Read(video, [0, 5]);
        }

        Assert.AreEqual(3, cache.Hits, "three clips fit and stay; clips that do not fit must not push them out");
        Assert.IsTrue(Bytes() <= options.MaxBytes, $"{Bytes()} bytes");

        // Another process, other clips: what it has not used makes room.
        var later = new VideoFrameCache(_folder, options);
        reader = new VideoReader(decoder) { Cache = later };
        reader.Read(videos[5], [0]);
        reader.Read(videos[5], [1]);
        Assert.AreEqual(1, later.Hits);
        Assert.IsTrue(Bytes() <= options.MaxBytes, $"{Bytes()} bytes");
    }

    [TestMethod]
    public void Read_ManyThreadsAndCaches_AgreesAndLeavesNoTemporaries()
    {
        var decoder = new CountingDecoder();
        MLVideo[] videos = [.. Enumerable.Range(0, 5).Select(i => Clip($"{i}.fake", 10 + i))];
        VideoFrames[] expected = [.. videos.Select(v => new VideoReader(decoder).Read(v, new UniformFrameSampler(4)))];
        VideoReader[] readers = [.. Enumerable.Range(0, 3).Select(_ => new VideoReader(decoder) { Cache = new VideoFrameCache(_folder) })];
        Parallel.For(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            VideoFrames frames = readers[i % 3].Read(videos[i % 5], new UniformFrameSampler(4));
            Assert.IsTrue(frames.Pixels.Span.SequenceEqual(expected[i % 5].Pixels.Span));
        });
        Assert.AreEqual(5, Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories).Length);
        Assert.AreEqual(0, Directory.GetFiles(_folder, "*.tmp").Length);
    }

    [TestMethod]
    public void Read_RealClips_SameAsWithoutACacheAndTimesAreKept()
    {
        var options = new VideoReadOptions { MaxShortSide = 64 };
        var reader = new VideoReader { Cache = new VideoFrameCache(_folder) };
        foreach (string name in (string[])["h263_vfr.3gp", "rotate_180_vfr_720p.mp4", "polka_314x273.gif"])
        {
            foreach (FrameSampler sampler in (FrameSampler[])[new FixedRateFrameSampler(6, 4), new DenseFrameSampler(6, 2)])
            {
                VideoFrames expected = new VideoReader().Read(TestVideos.Video(name), sampler, options);
                for (int pass = 0; pass < 2; pass++)
                    Assert.IsTrue(reader.Read(TestVideos.Video(name), sampler, options).Pixels.Span.SequenceEqual(expected.Pixels.Span),
                        $"{name} {sampler} {pass}");
            }
        }

        Assert.AreEqual(6, reader.Cache!.Misses);
        Assert.AreEqual(6, reader.Cache.Hits);
    }

    private long Bytes() => Directory.GetFiles(_folder, "*.frames", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);

    private MLVideo Clip(string name, int frames)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"FAKE {frames}");
        return MLVideo.CreateFromFile(path);
    }

    private static void Truncate(string path)
    {
        using FileStream stream = File.OpenWrite(path);
        stream.SetLength(stream.Length / 2);
    }

    private static void Empty(string path) => File.WriteAllBytes(path, []);

    private static void Flip(string path, int position)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[position < 0 ? bytes.Length + position : position] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Also shows that a decoder fits one file: "FAKE n" is a clip of n frames of 48x40.</summary>
    private sealed class CountingDecoder : IVideoDecoder
    {
        private int _decodes;

        public int Decodes => _decodes;

        public bool CanDecode(MLVideo video) => Text(video).StartsWith("FAKE", StringComparison.Ordinal);

        public VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken)
            => new() { FrameCount = Count(video), Width = 48, Height = 40 };

        public VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _decodes);
            int[] wanted = request.Choose(new FrameTimeline(Count(video)));
            IEnumerable<byte> pixels = wanted.SelectMany(f =>
                Enumerable.Range(0, 48 * 40 * 3).Select(i => (byte)((f * 3) + (i / 48) + (i * 7919 % 13))));
            return new VideoFrames(pixels.ToArray(), wanted.Length, 40, 48);
        }

        private static string Text(MLVideo video) =>
            video.Path is null ? System.Text.Encoding.ASCII.GetString(video.Bytes.Span) : File.ReadAllText(video.Path);

        private static int Count(MLVideo video) => int.Parse(Text(video).AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
    }
}
