// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>A decoder that hangs, crashes, floods or lies, played by shell scripts in ffmpeg's place.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FFmpegStandInTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-ffmpeg").FullName;
    private string? _before;

    private MLVideo Video
    {
        get
        {
            string path = Path.Combine(_folder, "clip.mp4");
            File.WriteAllBytes(path, [0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 0]);
            return MLVideo.CreateFromFile(path);
        }
    }

    [TestInitialize]
    public void SetFolder()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("The stand-ins are shell scripts.");
        _before = Environment.GetEnvironmentVariable(FFmpegTool.FolderVariable);
        Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, _folder);
    }

    [TestCleanup]
    public void Restore()
    {
        Environment.SetEnvironmentVariable(FFmpegTool.FolderVariable, _before);
        Directory.Delete(_folder, true);
        Assert.AreEqual(0, ChildProcess.AliveCount);
    }

    [TestMethod]
    [DataRow("exec sleep 60")]
    [DataRow("sleep 60")]                               // a script whose own child holds the pipes
    [DataRow("while :; do echo bad >&2; done")]         // floods the messages
    [DataRow("trap '' TERM INT; sleep 60")]
    public void Read_DecoderHangs_TimesOutAndKillsIt(string script)
    {
        StandIn(script);
        var watch = Stopwatch.StartNew();
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() =>
            new VideoReader().Read(Video, new UniformFrameSampler(4), new VideoReadOptions { Timeout = TimeSpan.FromSeconds(0.5) }));
        Assert.AreEqual(VideoReadError.TimedOut, e.Error, e.Message);
        Assert.IsTrue(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
    }

    [TestMethod]
    public void Read_Cancelled_KillsAHangingDecoder()
    {
        StandIn("sleep 60");
        using var source = new CancellationTokenSource(300);
        var watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => new VideoReader().ReadAll(Video, cancellationToken: source.Token));
        Assert.IsTrue(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
    }

    [TestMethod]
    public void Read_DecoderFloodsFrames_StopsAtTheLimit()
    {
        StandIn("printf 'P6\\n1000 1000\\n255\\n'; exec cat /dev/zero");
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().ReadAll(Video));
        Assert.AreEqual(VideoReadError.DecoderFailed, e.Error, e.Message);      // after one frame of zeros comes no header

        StandIn("while :; do printf 'P6\\n2 1\\n255\\nabcdef'; done");
        e = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().ReadAll(Video, new VideoReadOptions { MaxBytes = 3000 }));
        Assert.AreEqual(VideoReadError.TooLarge, e.Error, e.Message);
    }

    [TestMethod]
    [DataRow("printf 'P6\\n99999999 99999999\\n255\\n'", VideoReadError.TooLarge)]
    [DataRow("printf 'P6\\n0 5\\n255\\n'", VideoReadError.TooLarge)]
    [DataRow("echo hello", VideoReadError.DecoderFailed)]
    [DataRow("kill -SEGV $$", VideoReadError.DecoderFailed)]
    [DataRow("printf 'P6\\n2 1\\n255\\nabcdef'; kill -SEGV $$", VideoReadError.DecoderFailed)]
    [DataRow("printf 'P6\\n2 1\\n255\\nabc'", VideoReadError.Damaged)]
    [DataRow("printf 'P6\\n2 1\\n255\\nabcdefP6\\n1 2\\n255\\nabcdef'", VideoReadError.Damaged)]
    [DataRow("exit 1", VideoReadError.Damaged)]
    public void Read_DecoderMisbehaves_IsAClearError(string script, VideoReadError error)
    {
        StandIn(script);
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().Read(Video, new UniformFrameSampler(4)));
        Assert.AreEqual(error, e.Error, e.Message);
        Assert.AreEqual(Video.Name, e.Video);
    }

    [TestMethod]
    public void Read_CannotBeStarted_SaysSo()
    {
        File.WriteAllText(Path.Combine(_folder, "ffmpeg"), "not a program");
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().ReadAll(Video));
        Assert.AreEqual(VideoReadError.DecoderMissing, e.Error, e.Message);
        StringAssert.Contains(e.Message, "cannot be started");
    }

    [TestMethod]
    public void Read_BytesThatNeedAFile_GoThroughTheFolderThatIsNamed()
    {
        string folder = Path.Combine(_folder, "made", "for it");
        StandIn($"for a; do case \"$a\" in file:*) echo \"$a\" > '{_folder}/seen';; esac; done; printf 'P6\\n2 1\\n255\\nabcdef'");
        MLVideo video = MLVideo.CreateFromBytes(File.ReadAllBytes(Video.Path!), "upload");
        var options = new VideoReadOptions { TempFilePath = folder };
        Assert.AreEqual(1, new VideoReader().ReadAll(video, options).Count);
        StringAssert.StartsWith(File.ReadAllText(Path.Combine(_folder, "seen")), "file:" + Path.Combine(folder, "videomae-"));
        Assert.IsEmpty(Directory.GetFiles(folder));

        File.WriteAllText(Path.Combine(_folder, "taken"), "a file");
        string taken = Path.Combine(_folder, "taken", "below");
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() =>
            new VideoReader().ReadAll(video, options with { TempFilePath = taken }));
        Assert.AreEqual(VideoReadError.NoTemporaryFile, e.Error, e.Message);
        StringAssert.Contains(e.Message, "Video 'upload' cannot be read: ffmpeg reads its format from a file only, and none can be " +
            $"written in the folder '{taken}' (");
        StringAssert.Contains(e.Message, "VideoReadOptions.TempFilePath");
    }

    private void StandIn(string script, string name = "ffmpeg")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"#!/bin/sh\nif [ \"$1\" = -version ]; then echo 'ffmpeg version 7.1'; exit 0; fi\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
