// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

[TestClass]
public sealed class FrameMemoryTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-memory").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, true);

    [TestMethod]
    [DataRow("clip.mp4")]
    [DataRow("clip.gif")]
    [DataRow("frames")]
    public void Read_IntoLentMemory_GivesTheSameFramesAndMakesNoArrays(string name)
    {
        const int Reads = 4;
        string path = Path.Combine(_folder, name);
        if (name == "frames")
            Directory.CreateDirectory(path);
        TestClips.Ffmpeg(
            "-f", "lavfi", "-i", "testsrc=size=320x240:rate=8", "-frames:v", "16", name == "frames" ? Path.Combine(path, "%d.png") : path);
        MLVideo video = MLVideo.CreateFromFile(path);
        var sampler = new UniformFrameSampler(16);
        var reader = new VideoReader();
        VideoFrames kept = reader.Read(video, sampler);
        using var memory = new FrameMemory();
        reader.Read(video, sampler, memory);        // what is made once
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Reads; i++)
            Assert.IsTrue(reader.Read(video, sampler, memory).Pixels.Span.SequenceEqual(kept.Pixels.Span), $"read {i}");
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsTrue(allocated < kept.Pixels.Length, $"{allocated} bytes for {Reads} reads of {kept.Pixels.Length}");
    }

    [TestMethod]
    public void Get_WithAnotherTemporaryFolder_IsTheSameClip()
    {
        // Where a temporary file lies changes nothing that is read, so nothing is learned twice.
        var facts = new ClipCache();
        var keys = new Caching.CacheKeys(new VideoFrameCacheOptions());
        string path = Path.Combine(_folder, "a.mp4");
        File.WriteAllText(path, "any");
        foreach (MLVideo video in (MLVideo[])[MLVideo.CreateFromFile(path), MLVideo.CreateFromBytes(new byte[9])])
        {
            Assert.AreSame(facts.Get(video, new VideoReadOptions()), facts.Get(video, new VideoReadOptions { TempFilePath = _folder }));
            Assert.AreNotSame(facts.Get(video, new VideoReadOptions()), facts.Get(video, new VideoReadOptions { ApplyRotation = false }));
            Assert.AreEqual(
                keys.Key(video, new VideoReadOptions(), false), keys.Key(video, new VideoReadOptions { TempFilePath = _folder }, false));
        }
    }
}
