// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Live;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Live;

/// <summary>What ffmpeg is told of live inputs, and who may name one.</summary>
[TestClass]
public sealed class LiveInputTests
{
    [TestMethod]
    public void Camera_IsAskedByVideo4Linux()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Video4Linux is of Linux.");
        string line = Line(LiveVideo.CreateFromDevice("/dev/video0", 640, 360, 29.97, "mjpeg"));
        StringAssert.Contains(line, " -f v4l2 -input_format mjpeg -video_size 640x360 -framerate 29.97 -i /dev/video0 -map 0:V:0 ");
        StringAssert.Contains(line, "-protocol_whitelist file -format_whitelist video4linux2,v4l2 ");
        StringAssert.Contains(line, " -nostdin ");
        StringAssert.Contains(line, "360/min(");
        const string ById = "/dev/v4l/by-id/usb-046d_HD-index0";
        StringAssert.Contains(Line(LiveVideo.CreateFromDevice(ById)), $" -f v4l2 -i {ById} ");
        Assert.ThrowsExactly<ArgumentException>(() => LiveVideo.CreateFromDevice("/dev/video0", width: 640));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => LiveVideo.CreateFromDevice("/dev/sda")).Message, "no video device");
        Assert.ThrowsExactly<ArgumentException>(() => LiveVideo.CreateFromDevice("/dev/video0", format: "mjpeg -i /etc/passwd"));
    }

    [TestMethod]
    [DataRow("rtsp://camera/a", "rtsp,rtp,tcp,udp", "rtsp")]
    [DataRow("rtmp://host/live/a", "rtmp,tcp", "flv,live_flv")]
    [DataRow("tcp://10.0.0.1:99", "tcp", "mpegts,matroska,webm,flv,nut,h264,hevc,mjpeg,mpjpeg")]
    [DataRow("udp://@:5000", "udp", "mpegts,h264,hevc,mjpeg")]
    public void Stream_MayOpenItsOwnProtocolsAlone(string url, string protocols, string demuxers)
    {
        string line = Line(LiveVideo.CreateFromUrl(url));
        StringAssert.Contains(line, $"-protocol_whitelist {protocols} -format_whitelist {demuxers} ");
        StringAssert.Contains(line, $" -i {url} ");
        foreach (string scheme in (string[])["rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "srt", "tcp", "udp"])
        {
            LiveInput input = LiveVideo.CreateFromUrl(scheme + "://host:1").Input;
            Assert.IsFalse(input.Protocols.Split(',').Contains("file"), scheme);
            Assert.IsFalse(input.Demuxers.Split(',').Any(d => d is "hls" or "dash" or "concat" or "sdp"), scheme);
        }
    }

    [TestMethod]
    public void OtherUrls_AreRefused()
    {
        foreach (string url in (string[])["file:///etc/passwd", "concat:a|b", "ftp://host/a", "rtsp://", "camera"])
            Assert.ThrowsExactly<ArgumentException>(() => LiveVideo.CreateFromUrl(url), url);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => LiveVideo.CreateFromUrl("ftp://host/a")).Message, "streams of rtsp, rtsps");
    }

    [TestMethod]
    public void Names_KeepSecrets()
    {
        Assert.AreEqual("rtsp://camera:554/a", LiveVideo.CreateFromUrl("rtsp://me:pass@camera:554/a?token=1").Name);
        Assert.AreEqual("rtsp://camera", LiveVideo.CreateFromUrl("rtsp://me:p@ss@camera").Name);
        Assert.AreEqual("http://host/a@b", LiveVideo.CreateFromUrl("http://host/a@b").Name);
        LiveInput input = LiveVideo.CreateFromUrl("rtsp://me:pass@camera/a?x").Input;
        Assert.AreEqual("rtsp://camera/a: Connection refused", input.Mask("rtsp://me:pass@camera/a?x: Connection refused"));
    }

    [TestMethod]
    public void RawFrames_SayHowTheyLie()
    {
        string line = Line(LiveVideo.CreateFromRawFrames(Stream.Null, 64, 48, 12.5, "yuv420p") with { MaxShortSide = null });
        StringAssert.Contains(line, " -f rawvideo -pixel_format yuv420p -video_size 64x48 -framerate 12.5 -i pipe:0 ");
        StringAssert.Contains(line, "-protocol_whitelist pipe -format_whitelist rawvideo ");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LiveVideo.CreateFromRawFrames(Stream.Null, 0, 48, 25));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LiveVideo.CreateFromRawFrames(Stream.Null, 64, 48, double.NaN));
    }

    [TestMethod]
    public void OnlyUrlsAndDevices_AreLive()
    {
        Assert.IsTrue(LiveVideo.IsLive("rtsp://camera/a") && LiveVideo.IsLive("/dev/video12") && LiveVideo.IsLive("ftp://a"));
        foreach (string file in (string[])["clip.mp4", "/dev/video", "/dev/null", "C:\\a.mp4", "-", "a/b://c", "/data/dev/video0"])
            Assert.IsFalse(LiveVideo.IsLive(file), file);
    }

    [TestMethod]
    [DataRow("rtsp://127.0.0.1:1/a")]
    [DataRow("http://127.0.0.1:1/a.mp4")]
    [DataRow("tcp://127.0.0.1:1")]
    [DataRow("/dev/null")]
    [DataRow("/dev/video0")]
    public void ReadersOfDataSets_OpenNeitherNetworkNorDevices(string name)
    {
        VideoReadException error = Assert.ThrowsExactly<VideoReadException>(() => new VideoReader().ReadAll(MLVideo.CreateFromFile(name)));
        Assert.IsTrue(error.Error is VideoReadError.MissingFile or VideoReadError.Empty, error.Message);
        var ml = new MLContext(1);
        IDataView rows = ml.Data.LoadFromEnumerable((Row[])[new Row { VideoPath = name }]);
        IDataView loaded = ml.Transforms.LoadVideos("Video", "VideoPath").Append(ml.Transforms.FeaturizeVideoPixels("Features", "Video"))
            .Fit(rows).Transform(rows);
        Exception? failure = Assert.Throws<Exception>(() => loaded.GetColumn<float[]>("Features").ToArray());
        while (failure is not null and not VideoReadException)
            failure = failure.InnerException;
        Assert.AreEqual(error.Message, failure?.Message);
        VideoValidationReport report = ml.Data.ValidateVideos(rows);
        Assert.HasCount(1, report.Problems);
    }

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";
    }

    private static string Line(LiveVideo video)
    {
        List<string> arguments = video.Input.Arguments(video.MaxShortSide, ["-vsync", "passthrough"]);
        return string.Join(' ', arguments);
    }
}
