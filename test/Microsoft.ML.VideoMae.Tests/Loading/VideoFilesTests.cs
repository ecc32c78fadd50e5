// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading;

/// <summary>Endings that are taken for videos, with files that ffmpeg really writes.</summary>
[TestClass]
public sealed class VideoFilesTests
{
    [TestMethod]
    [DataRow("mpegts", "mpeg2video", ".m2ts", ".M2T", ".mts", ".ts", ".tp", ".trp")]
    [DataRow("vob", "mpeg2video", ".vob", ".mod", ".m2p", ".mpg")]
    [DataRow("asf", "wmv2", ".asf", ".wmv", ".dvr-ms")]
    [DataRow("3g2", "mpeg4", ".3g2", ".3gp2", ".3gpp")]
    [DataRow("mov", "mpeg4", ".qt", ".f4v", ".mp4v", ".insv", ".lrv")]
    [DataRow("mxf", "mpeg2video", ".mxf")]
    [DataRow("avi", "mpeg4", ".divx")]
    [DataRow("ogg", "libtheora", ".ogg", ".ogm")]
    [DataRow("nut", "mpeg4", ".nut")]
    [DataRow("rm", "rv10", ".rm", ".rmvb")]
    [DataRow("yuv4mpegpipe", "wrapped_avframe", ".y4m")]
    [DataRow("mpeg1video", "mpeg1video", ".m1v", ".mpv")]
    [DataRow("mpeg2video", "mpeg2video", ".m2v")]
    [DataRow("h264", "libx264", ".h264", ".264", ".avc")]
    [DataRow("hevc", "libx265", ".hevc", ".h265", ".265")]
    [DataRow("ivf", "libvpx", ".ivf")]
    [DataRow("apng", "apng", ".apng")]
    public void Format_IsReadUnderItsEndings(string muxer, string codec, params string[] endings)
    {
        using var folder = new DataSetFolder();
        Directory.CreateDirectory(folder["class"]);
        string first = folder[$"class/0{endings[0]}"];
        TestClips.Ffmpeg(
            "-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=0.4", "-c:v", codec, "-pix_fmt",
            codec == "apng" ? "rgb24" : "yuv420p", "-f", muxer, first);
        for (int i = 1; i < endings.Length; i++)
            File.Copy(first, folder[$"class/{i}{endings[i]}"]);
        IDataView data = folder.ML.Data.LoadVideosFromDirectory(folder.Path);
        Assert.HasCount(endings.Length, data.GetColumn<string>("VideoPath").ToArray(), "listed");
        VideoValidationReport report = folder.ML.Data.ValidateVideos(data);
        Assert.IsEmpty(report.Problems, report.ToString());
    }

    [TestMethod]
    public void Dv_IsRead()
    {
        using var folder = new DataSetFolder();
        Directory.CreateDirectory(folder["class"]);
        TestClips.Ffmpeg(
            "-f", "lavfi", "-i", "testsrc=size=720x576:rate=25:duration=0.2", "-c:v", "dvvideo", "-pix_fmt", "yuv420p",
            folder["class/1.dv"]);
        IDataView data = folder.ML.Data.LoadVideosFromDirectory(folder.Path);
        Assert.AreEqual(1, data.GetColumn<string>("VideoPath").Count());
        Assert.IsEmpty(folder.ML.Data.ValidateVideos(data).Problems);
    }

    [TestMethod]
    public void Document_ListsEveryEnding()
    {
        string document = File.ReadAllText(Path.Combine(Documents.DocumentCode.Root, "docs/videos.md"));
        foreach (string extension in VideoFiles.Extensions)
            Assert.Contains($"`{extension}`", document);
    }
}
