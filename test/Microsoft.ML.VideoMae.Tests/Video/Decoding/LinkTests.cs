// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Net.Sockets;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>Links in place of videos, and what they lead to.</summary>
[TestClass]
public sealed class LinkTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-links").FullName;

    [TestInitialize]
    public void SkipWindows()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Making links needs rights on Windows.");
    }

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, true);

    [TestMethod]
    [DataRow("pipe")]
    [DataRow("link to the pipe")]
    [DataRow("/dev/zero")]
    [DataRow("/dev/tty")]
    [DataRow("socket")]
    public void Read_LinkToNoFile_IsRefusedAtOnce(string target)
    {
        TestVideos.Run("mkfifo", At("pipe"));
        Link("link to the pipe", "pipe");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(At("socket")));
        MLVideo video = MLVideo.CreateFromFile(Link("clip.mp4", target));
        foreach (Action read in Reads(video))
        {
            VideoReadException e = ThrowsSoon(read);
            Assert.AreEqual(VideoReadError.Empty, e.Error, e.Message);
            StringAssert.Contains(e.Message, "which has no bytes. Copy or download it again; devices and named pipes are not read.");
        }
    }

    [TestMethod]
    public void Read_FolderOfPicturesWithAPipe_IsRefusedAtOnce()
    {
        TestVideos.Run("mkfifo", At("1.jpg"));
        foreach (Action read in Reads(MLVideo.CreateFromFile(_folder)))
            StringAssert.Contains(ThrowsSoon(read).Message, "of the image '1.jpg' in the folder: it has no bytes.");
    }

    [TestMethod]
    public void Read_LinkToNothing_SaysWhereItLeads()
    {
        VideoReadException e = ThrowsSoon(() => VideoReader.Default.ReadAll(MLVideo.CreateFromFile(Link("clip.mp4", "gone/away.mp4"))));
        Assert.AreEqual(VideoReadError.MissingFile, e.Error);
        StringAssert.Contains(e.Message, "it is a link to 'gone/away.mp4', and there is no such file.");
    }

    [TestMethod]
    public void Read_LinkThatLeadsElsewhereLater_ReadsTheOtherFile()
    {
        string red = Clip("red"), blue = Clip("blue");
        string link = Link("clip.avi", red);
        var plain = new VideoReader();
        var cached = new VideoReader { Cache = new VideoFrameCache(At("cache")) };
        byte[] first = plain.Read(MLVideo.CreateFromFile(link), new UniformFrameSampler(2)).Pixels.ToArray();
        Assert.IsTrue(first.AsSpan().SequenceEqual(cached.Read(MLVideo.CreateFromFile(link), new UniformFrameSampler(2)).Pixels.Span));
        File.Delete(link);
        Link("clip.avi", blue);
        foreach (VideoReader reader in (VideoReader[])[plain, cached])
        {
            VideoFrames frames = reader.Read(MLVideo.CreateFromFile(link), new UniformFrameSampler(2));
            Assert.IsTrue(frames.Pixels.Span[2] > 200 && frames.Pixels.Span[0] < 50, "it is not blue");
        }

        Assert.IsTrue(first[0] > 200 && first[2] < 50, "it was not red");
    }

    [TestMethod]
    public void Key_FileBehindALinkChanges_IsAnother()
    {
        // The same length and the same time, and only the link tells them apart.
        File.WriteAllText(At("a"), "AAAA");
        File.WriteAllText(At("b"), "BBBB");
        File.SetLastWriteTimeUtc(At("a"), DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(At("b"), DateTime.UnixEpoch);
        MLVideo video = MLVideo.CreateFromFile(Link("link", "a"));
        var keys = new CacheKeys(new VideoFrameCacheOptions());
        var facts = new ClipCache();
        string key = keys.Key(video, VideoReadOptions.Default, false);
        ClipFacts known = facts.Get(video, VideoReadOptions.Default);
        Assert.AreEqual(key, keys.Key(video, VideoReadOptions.Default, false));
        Assert.AreSame(known, facts.Get(video, VideoReadOptions.Default));
        File.Delete(At("link"));
        Link("link", "b");
        Assert.AreNotEqual(key, keys.Key(video, VideoReadOptions.Default, false));
        Assert.AreNotSame(known, facts.Get(video, VideoReadOptions.Default));

        key = keys.Key(video, VideoReadOptions.Default, false);
        known = facts.Get(video, VideoReadOptions.Default);
        File.AppendAllText(At("b"), "B");
        Assert.AreNotEqual(key, keys.Key(video, VideoReadOptions.Default, false));
        Assert.AreNotSame(known, facts.Get(video, VideoReadOptions.Default));
    }

    private static Action[] Reads(MLVideo video) =>
    [
        () => new VideoReader().Read(video, new UniformFrameSampler(2)), () => new VideoReader().ReadAll(video),
        () => new VideoReader().Read(video, [0]), () => new VideoReader().Probe(video),
    ];

    private static VideoReadException ThrowsSoon(Action read)
    {
        Task<VideoReadException> task = Task.Run(() => Assert.ThrowsExactly<VideoReadException>(read));
        Assert.IsTrue(task.Wait(TimeSpan.FromSeconds(20)), "it hangs");
        return task.Result;
    }

    private string Clip(string color)
    {
        TestVideos.RunFFmpeg(
            "-f", "lavfi", "-i", $"color={color}:size=16x16:rate=8:duration=0.5", "-c:v", "rawvideo", "-pix_fmt", "bgr24", "-y",
            At(color + ".avi"));
        File.SetLastWriteTimeUtc(At(color + ".avi"), DateTime.UnixEpoch);
        return At(color + ".avi");
    }

    private string Link(string name, string target)
    {
        File.CreateSymbolicLink(At(name), target);
        return At(name);
    }

    private string At(string name) => Path.Combine(_folder, name);
}
