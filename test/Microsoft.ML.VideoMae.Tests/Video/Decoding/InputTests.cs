// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>Where videos come from: bytes, odd names, hostile files.</summary>
[TestClass]
public sealed class InputTests
{
    private static readonly VideoReadOptions s_small = new() { MaxShortSide = 64 };

    public required TestContext TestContext { get; set; }

    private string Folder
    {
        get
        {
            string folder = Path.Combine(Path.GetTempPath(), "videomae-tests", TestContext.TestName + Environment.ProcessId);
            Directory.CreateDirectory(folder);
            return folder;
        }
    }

    [TestCleanup]
    public void DeleteFolder()
    {
        string folder = Path.Combine(Path.GetTempPath(), "videomae-tests", TestContext.TestName + Environment.ProcessId);
        if (Directory.Exists(folder))
            Directory.Delete(folder, true);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void ReadAll_BytesOfEveryFile_GivesTheSameFramesAsTheFile()
    {
        var wrong = new List<string>();
        int piped = 0;
        foreach ((string name, int count, bool decodes) in TestVideos.Table())
        {
            MLVideo bytes = MLVideo.CreateFromBytes(File.ReadAllBytes(TestVideos.File(name)), name);
            piped += Pipeable.IsPipeable(bytes.Bytes.Span) ? 1 : 0;
            try
            {
                VideoFrames frames = Read(bytes, count);
                if (!decodes || !frames.Pixels.Span.SequenceEqual(Read(TestVideos.Video(name), count).Pixels.Span))
                    wrong.Add($"{name}: {frames.Count} frames");
            }
            catch (VideoReadException e)
            {
                if (decodes || e.Video != name)
                    wrong.Add(e.Message);
            }
        }

        Assert.AreEqual("", string.Join("\n", wrong));
        Assert.IsTrue(piped > 8, $"only {piped} files went through a pipe");
        Assert.AreEqual(0, Directory.GetFiles(Path.GetTempPath(), "videomae-*").Length, "temporary files are left behind");
    }

    [TestMethod]
    [DataRow("-dash.mp4")]
    [DataRow("-i")]
    [DataRow("with space and 'quote' and \"double\".mp4")]
    [DataRow("new\nline.mp4")]
    [DataRow("100%d_%03d.mp4")]
    [DataRow("été_日本語_🎬.mp4")]
    [DataRow("pipe:0")]
    [DataRow("http:evil;rm -rf $(x) `y` & | .mp4")]
    [DataRow("[glob]*?.mp4")]
    [DataRow("concat:a|b")]
    public void Read_OddName_IsOnlyAName(string name)
    {
        if (OperatingSystem.IsWindows() && name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
            Assert.Inconclusive("Windows does not allow this name.");
        string path = Path.Combine(Folder, name);
        File.Copy(TestVideos.File("rotate_0.mov"), path, true);
        Assert.AreEqual(3, VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path)).Count);
        Assert.AreEqual(3, VideoReader.Default.Probe(MLVideo.CreateFromFile(path)).FrameCount);
        string here = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = Folder;
            Assert.AreEqual(3, VideoReader.Default.Read(MLVideo.CreateFromFile(name), new UniformFrameSampler(3)).Count);
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }
    }

    [TestMethod]
    [DataRow("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{0}\n#EXT-X-ENDLIST\n")]
    [DataRow("ffconcat version 1.0\nfile '{0}'\n")]
    [DataRow("\uFEFF#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{0}\n")]
    [DataRow("<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" " +
        "type=\"static\"><Period><AdaptationSet><Representation><BaseURL>{0}</BaseURL></Representation></AdaptationSet></Period></MPD>")]
    public void Read_Playlist_IsRefusedAndNothingIsOpened(string text)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string[] targets = [TestVideos.File("rotate_0.mov"), $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x.ts"];
        foreach (string target in targets)
        {
            foreach (string name in (string[])["list.mp4", "list.m3u8", "list.mpd"])
            {
                // A folder may be called like a word of ffmpeg's messages.
                string path = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "decoding")).FullName, name);
                File.WriteAllText(path, text.Replace("{0}", target, StringComparison.Ordinal));
                VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() =>
                    VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path)));
                Assert.AreEqual(VideoReadError.Refused, e.Error, e.Message);
                AssertFFmpegRefusesToo(path);
            }
        }

        Assert.IsFalse(listener.Pending(), "something connected");
    }

    [TestMethod]
    [DataRow("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n", "s.sdp")]
    [DataRow("testsrc", "lavfi.mp4")]
    public void Read_OtherPointers_AreNotFollowed(string text, string name)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path)));
    }

    [TestMethod]
    public void Read_StillImage_IsRefused()
    {
        string path = Path.Combine(Folder, "frame%03d.png");
        TestVideos.RunFFmpeg("-f", "lavfi", "-i", "testsrc=size=32x32", "-frames:v", "1", "-update", "1", "-y", path);
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path)));
        Assert.AreEqual(VideoReadError.Refused, e.Error, e.Message);
    }

    [TestMethod]
    public void Read_NamedPipe_DoesNotHang()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("mkfifo is a Unix program.");
        string path = Path.Combine(Folder, "fifo.mp4");
        TestVideos.Run("mkfifo", path);
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path)));
        Assert.AreEqual(VideoReadError.Empty, e.Error);
    }

    [TestMethod]
    public void Read_LargerThanAllowed_SaysWhatToDo()
    {
        _ = TestVideos.Root;
        VideoReadException size = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(
            TestVideos.Video("video_only.mp4"), new VideoReadOptions { MaxFramePixels = 100_000 }));
        Assert.AreEqual(VideoReadError.TooLarge, size.Error, size.Message);
        StringAssert.Contains(size.Message, "MaxFramePixels");
        VideoReadException count = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(
            TestVideos.Video("video_only.mp4"), s_small with { MaxFrames = 74 }));
        Assert.AreEqual(VideoReadError.TooLarge, count.Error, count.Message);
        StringAssert.Contains(count.Message, "MaxFrames");
        Assert.AreEqual(75, VideoReader.Default.ReadAll(TestVideos.Video("video_only.mp4"), s_small with { MaxFrames = 75 }).Count);
        VideoReadException bytes = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(
            TestVideos.Video("video_only.mp4"), new VideoReadOptions { MaxBytes = 10_000_000 }));
        Assert.AreEqual(VideoReadError.TooLarge, bytes.Error, bytes.Message);
        StringAssert.Contains(bytes.Message, "MaxBytes");
    }

    [TestMethod]
    public void Read_WithoutFFmpeg_TellsHowToInstallIt()
    {
        _ = TestVideos.Root;
        string? before = Environment.GetEnvironmentVariable(FFmpegTool.FolderVariable);
        try
        {
            Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, Folder);
            VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() =>
                VideoReader.Default.ReadAll(TestVideos.Video("rotate_0.mov")));
            Assert.AreEqual(VideoReadError.DecoderMissing, e.Error);
            StringAssert.Contains(e.Message, "apt-get install ffmpeg");
            Assert.AreEqual(30, VideoReader.Default.ReadAll(TestVideos.Video("polka_314x273.gif")).Count);
        }
        finally
        {
            Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, before);
        }
    }

    [TestMethod]
    [DataRow("ffmpeg version 5.1.9-0+deb12u1 Copyright (c)", true)]
    [DataRow("ffmpeg version 5.0.1 Copyright", false)]
    [DataRow("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright", false)]
    [DataRow("ffmpeg version n7.1 Copyright", true)]
    [DataRow("ffmpeg version N-109468-gd39b34123d Copyright", true)]
    [DataRow("ffmpeg version 8.0 Copyright", true)]
    public void IsAtLeast51_Banner_IsUnderstood(string banner, bool expected) => Assert.AreEqual(expected, FFmpegTool.IsAtLeast51(banner));

    /// <summary>All frames, or two of a long clip.</summary>
    private static VideoFrames Read(MLVideo video, int count)
        => count < 100 ? VideoReader.Default.ReadAll(video, s_small) : VideoReader.Default.Read(video, [1, 40], s_small);

    private static void AssertFFmpegRefusesToo(string path)
    {
        // The first line of defence is a look at the first bytes; the second is ffmpeg's own white list.
        using var input = new FFmpegInput(MLVideo.CreateFromFile(path));
        var run = new FFmpegRun(input, VideoReadOptions.Default, new ClipFacts(), CancellationToken.None);
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => run.CountFrames());
        Assert.IsTrue(e.Error is VideoReadError.Refused or VideoReadError.NotAVideo, e.Message);
    }
}
