// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>What a container says of its frames, read without ffprobe.</summary>
[TestClass]
public sealed class ContainerPromiseTests
{
    [TestMethod]
    public void Read_DataSets_SaysWhatFFprobeSays()
    {
        foreach (string path in TestVideos.Clips("weizmann4").Take(4).Concat(TestVideos.Clips("tank-wagon").Take(4)))
            AssertAsFFprobe(path);
    }

    [TestMethod]
    [DataRow("vp8.webm")]
    [DataRow("h264_in_matroska_named.webm")]
    [DataRow("hmdb51_TrumanShow_wave.avi")]
    [DataRow("mpeg4_qcif.3gp")]
    [DataRow("rotate_90.mov")]
    [DataRow("one_frame_sar_16_9.mp4")]
    public void Read_RareFiles_SaysWhatFFprobeSays(string name) => AssertAsFFprobe(TestVideos.File(name));

    [TestMethod]
    public void Read_DamagedBytes_SaysSomethingOrNothing()
    {
        var random = new Random(1);
        foreach (string name in (string[])["vp8.webm", "hmdb51_TrumanShow_wave.avi", "mpeg4_qcif.3gp"])
        {
            byte[] whole = File.ReadAllBytes(TestVideos.File(name));
            for (int i = 0; i < 300; i++)
            {
                byte[] damaged = whole[..random.Next(whole.Length)];
                for (int flip = 0; flip < 20 && damaged.Length > 0; flip++)
                    damaged[random.Next(Math.Min(damaged.Length, 4096))] = (byte)random.Next(256);
                ContainerPromise? promise = ContainerPromise.Read(damaged);
                Assert.IsTrue(promise is null or { Width: > 0, Height: > 0, Frames: > 0 });
            }
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("RIFF")]
    [DataRow("RIFF....AVI LIST....hdrlavih")]
    [DataRow("hello, this is no video, and neither is the rest of it")]
    public void Read_NoVideo_SaysNothing(string text) => Assert.IsNull(ContainerPromise.Read(System.Text.Encoding.Latin1.GetBytes(text)));

    private static void AssertAsFFprobe(string path)
    {
        ContainerPromise? promise = ContainerPromise.Read(File.ReadAllBytes(path));
        Assert.IsNotNull(promise, path);
        using var input = new FFmpegInput(MLVideo.CreateFromFile(path));
        ProbeResult probe = FFprobe.Run(input, VideoReadOptions.Default, CancellationToken.None);
        Assert.AreEqual((probe.Format.Width, probe.Format.Height), (promise.Value.Width, promise.Value.Height), path);
        Assert.IsTrue(Math.Abs(probe.Index.Count - promise.Value.Frames) <= 2, $"{path}: {probe.Index.Count}, {promise.Value.Frames}");
    }
}
