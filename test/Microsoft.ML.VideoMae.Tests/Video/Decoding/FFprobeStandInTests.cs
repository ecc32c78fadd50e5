// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>What the versions of ffprobe write for the same file, played by a shell script in its place.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FFprobeStandInTests
{
    private const string Stream =
        "index=0|codec_name=h264|width=64|height=48|sample_aspect_ratio=4:3|pix_fmt=yuv420p|avg_frame_rate=25/1|duration=0.120000";
    private const string Format = "format|format_name=mov,mp4,m4a,3gp,3g2,mj2|start_time=0.000000|duration=0.120000";

    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-ffprobe").FullName;
    private string? _before;

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
    }

    [TestMethod]
    [DataRow("K_", "__", Stream + "|side_data|rotation=90\n", "", DisplayName = "4.4, 5.1")]
    [DataRow("K__", "___", Stream + "|side_data|rotation=90\n", "", DisplayName = "6")]
    [DataRow("K__", "___", Stream + "|side_datum/display_matrix:rotation=90", "", DisplayName = "7, 8")]
    [DataRow("K__", "___", Stream + "|side_datum/display_matrix:rotation=90|", "|", DisplayName = "7, 8, with a bar at the end")]
    public void Probe_FormsOfEveryVersion_GiveTheSame(string key, string other, string stream, string end)
    {
        StandIn(Packets(key, other, end), "stream|" + stream, Format + end);
        AssertMetadata(new VideoReader().Probe(Video()));
        Assert.AreEqual(
            64, new VideoReader().Probe(Video(), new VideoReadOptions { ApplyRotation = false, ApplyPixelAspectRatio = false }).Width);
    }

    [TestMethod]
    [DataRow("program|stream|")]
    [DataRow("program|\nstream|")]       // were it on a line of its own, it would still be one stream
    public void Probe_StreamListedInAProgramToo_IsOneStream(string program)
    {
        StandIn(
            Packets("K_", "__", "|side_data|\n"), program + Stream + "|side_data|rotation=90\n",
            "stream|" + Stream + "|side_data|rotation=90\n", Format);
        AssertMetadata(new VideoReader().Probe(Video()));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("|")]
    public void Probe_Vp8_CountsFramesInsteadOfPackets(string end)
    {
        string stream = "stream|" + Stream.Replace("h264", "vp8", StringComparison.Ordinal);
        string frames =
            $"frame|stream_index=0|key_frame=1|best_effort_timestamp_time=0.000000{end}\nframe|stream_index=0|key_frame=0|best_effort_timestamp_time=0.040000{end}\n";
        Write(
            $"case \"$*\" in *frame=*) cat <<'E'\n{frames}{stream}\n{Format}\nE\n;; *) cat " +
                $"<<'E'\n{Packets("K_", "__", end)}{stream}\n{Format}\nE\n;; esac\n");
        Assert.AreEqual(2, new VideoReader().Probe(Video()).FrameCount);
    }

    private static void AssertMetadata(VideoMetadata metadata)
    {
        // ffprobe counts against the clock: what it calls 90 is turned to the left.
        Assert.AreEqual((270, 48, 85), (metadata.Rotation, metadata.Width, metadata.Height));
        Assert.AreEqual(
            (3, 25.0, "h264", "yuv420p"), (metadata.FrameCount, metadata.FramesPerSecond, metadata.Codec, metadata.PixelFormat));
        Assert.AreEqual((1, ""), (metadata.VideoStreamCount, metadata.Notes));
        Assert.AreEqual(0.12, metadata.Duration.TotalSeconds, 1e-9);
    }

    private static string Packets(string key, string other, string end) =>
        $"packet|stream_index=0|pts_time=0.000000|dts_time=-0.040000|flags={key}{end}\npacket|stream_index=0|pts_time=0.080000|dts_time=0.000000|flags={other}{end}\n"
        + $"packet|stream_index=0|pts_time=0.040000|dts_time=0.040000|flags={other}{end}\n";

    private MLVideo Video()
    {
        string path = Path.Combine(_folder, "clip.mp4");
        File.WriteAllBytes(path, [0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 0]);
        return MLVideo.CreateFromFile(path);
    }

    private void StandIn(params string[] parts) => Write($"cat <<'E'\n{string.Join('\n', parts)}\nE\n");

    private void Write(string script)
    {
        string path = Path.Combine(_folder, "ffprobe");
        File.WriteAllText(path, "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
