// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>Frames are what ffmpeg itself writes for the same file.</summary>
[TestClass]
public sealed class FFmpegParityTests
{
    private static readonly VideoReadOptions s_stored = new() { ApplyPixelAspectRatio = false };

    /// <summary>The known frames of the same files are compared in every run of the tests.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    public void ReadAll_EveryFile_IsWhatFFmpegWrites()
    {
        var different = new List<string>();
        foreach ((string name, int _, bool decodes) in TestVideos.Table())
        {
            if (!decodes)
                continue;
            // Where pixels are not square, frames are stretched unless the options say otherwise.
            string expected = TestVideos.ReferenceHash(TestVideos.File(name));
            if (TestVideos.Whole(name).Hash != expected
                && TestVideos.Hash(VideoReader.Default.ReadAll(TestVideos.Video(name), s_stored)) != expected)
                different.Add(name);
        }

        Assert.AreEqual("", string.Join("\n", different));
    }

    [TestMethod]
    [DataRow("carphone_qcif_sar.mp4", 193, 144)]            // 176 * 128 / 117 = 192.5
    [DataRow("h263_vfr.3gp", 192, 144)]                     // 176 * 12 / 11
    [DataRow("mmaction2_demo_28fps_sar.mp4", 427, 256)]     // 340 * 64 / 51
    [DataRow("one_frame_sar_16_9.mp4", 1138, 480)]          // 640 * 16 / 9
    public void ReadAll_NonSquarePixels_StretchesThem(string name, int width, int height)
    {
        VideoFrames frames = VideoReader.Default.ReadAll(TestVideos.Video(name));
        Assert.AreEqual((width, height), (frames.Width, frames.Height));
        byte[] expected = TestVideos.Reference(TestVideos.File(name), "-vf", $"scale={width}:{height}");
        Assert.IsTrue(frames.Pixels.Span.SequenceEqual(expected));
    }

    [TestMethod]
    [DataRow("rotate_90.mov", 320, 568, 90)]
    [DataRow("rotate_270.mov", 320, 568, 270)]
    [DataRow("rotate_180.mov", 568, 320, 180)]
    [DataRow("one_frame_rotation_90.mp4", 60, 100, 90)]
    [DataRow("rotate_0.mov", 568, 320, 0)]
    public void ReadAll_RotationTag_IsHonouredOrIgnored(string name, int width, int height, int rotation)
    {
        MLVideo video = TestVideos.Video(name);
        VideoFrames upright = VideoReader.Default.ReadAll(video);
        VideoMetadata metadata = VideoReader.Default.Probe(video);
        Assert.AreEqual(
            (width, height, width, height, rotation), (upright.Width, upright.Height, metadata.Width, metadata.Height, metadata.Rotation));

        var ignored = new VideoReadOptions { ApplyRotation = false };
        VideoFrames stored = VideoReader.Default.ReadAll(video, ignored);
        bool turned = rotation is 90 or 270;
        Assert.AreEqual(turned ? (height, width) : (width, height), (stored.Width, stored.Height));
        Assert.AreEqual(stored.Width, VideoReader.Default.Probe(video, ignored).Width);
        byte[] expected = TestVideos.RunFFmpeg(
            "-noautorotate", "-i", video.Path!, "-map", "0:v:0", "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo",
            "pipe:1");
        Assert.IsTrue(stored.Pixels.Span.SequenceEqual(expected));
        if (rotation == 90)
            AssertTurnedClockwise(stored, upright);
    }

    [TestMethod]
    [DataRow("bt709_full_range.mp4", 112, 199, 112)]
    [DataRow("rotate_90.mov", 100, 100, 178)]
    [DataRow("mmaction2_demo_28fps_sar.mp4", 128, 213, 128)]
    [DataRow("polka_314x273.gif", 100, 115, 100)]
    [DataRow("h265_128x128.mp4", 500, 128, 128)]
    public void ReadAll_MaxShortSide_ShrinksAndNeverGrows(string name, int side, int width, int height)
    {
        var options = new VideoReadOptions { MaxShortSide = side };
        VideoFrames frames = VideoReader.Default.Read(TestVideos.Video(name), [0], options);
        VideoMetadata metadata = VideoReader.Default.Probe(TestVideos.Video(name), options);
        Assert.AreEqual((width, height, width, height), (frames.Width, frames.Height, metadata.Width, metadata.Height));
    }

    [TestMethod]
    public void Probe_EveryFile_TellsSizeAndCount()
    {
        var wrong = new List<string>();
        foreach ((string name, int count, bool decodes) in TestVideos.Table())
        {
            if (!decodes)
                continue;
            VideoMetadata metadata = new VideoReader().Probe(TestVideos.Video(name));
            VideoFrames first = VideoReader.Default.Read(TestVideos.Video(name), [0]);
            if ((metadata.Width, metadata.Height) != (first.Width, first.Height))
                wrong.Add($"{name}: {metadata.Width}x{metadata.Height}, frames are {first.Width}x{first.Height}");

            // Some files promise one frame more than they hold.
            if (metadata.FrameCount != count && metadata.FrameCount != count + 1)
                wrong.Add($"{name}: {metadata.FrameCount} frames promised, {count} decode");
        }

        Assert.AreEqual("", string.Join("\n", wrong));
    }

    [TestMethod]
    public void Probe_SeveralVideoStreams_SaysWhichIsRead()
    {
        VideoMetadata metadata = VideoReader.Default.Probe(TestVideos.Video("nasa_13013_multistream.mp4"));
        Assert.AreEqual(2, metadata.VideoStreamCount);
        Assert.AreEqual("The file has 2 video streams; the first (320x180) is read and the others are ignored.", metadata.Notes);
        Assert.AreEqual(
            (325, 25.0, "h264", "yuv420p"), (metadata.FrameCount, metadata.FramesPerSecond, metadata.Codec, metadata.PixelFormat));
    }

    [TestMethod]
    [DataRow("rotate_180_vfr_720p.mp4")]
    [DataRow("h263_vfr.3gp")]
    [DataRow("h264_in_matroska_named.webm")]
    public void Read_FixedRate_FollowsTheTimesOfTheFrames(string name)
    {
        double[] times = FrameTimes(TestVideos.File(name));
        var sampler = new FixedRateFrameSampler(12, 6);
        VideoMetadata metadata = VideoReader.Default.Probe(TestVideos.Video(name));
        int[] expected = sampler.Sample(new FrameTimeline(times, metadata.FramesPerSecond));
        VideoFrames all = VideoReader.Default.ReadAll(TestVideos.Video(name));
        VideoReaderTests.AssertFrames(all, expected, VideoReader.Default.Read(TestVideos.Video(name), sampler), name);
    }

    [TestMethod]
    public void Read_FixedRateOfAStreamWithoutTimes_IsRefused()
    {
        _ = TestVideos.Root;
        VideoReadException e = Assert.ThrowsExactly<VideoReadException>(() =>
            VideoReader.Default.Read(TestVideos.Video("raw_annexb.h264"), new FixedRateFrameSampler(4, 2)));
        Assert.AreEqual(VideoReadError.NoTimes, e.Error);
    }

    /// <summary>When the frames that come out are shown, by decoding them all with showinfo.</summary>
    private static double[] FrameTimes(string path)
    {
        string text = Encoding.UTF8.GetString(
            TestVideos.Run(
                "ffprobe", "-v", "quiet", "-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0",
                path));
        return
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => double.Parse(line.Trim().TrimEnd(','), CultureInfo.InvariantCulture))];
    }

    private static void AssertTurnedClockwise(VideoFrames stored, VideoFrames upright)
    {
        // Rotating yuv and converting to rgb do not commute exactly: chroma is interpolated along rows only.
        ReadOnlySpan<byte> a = stored.Frame(0);
        ReadOnlySpan<byte> b = upright.Frame(0);
        long difference = 0;
        for (int y = 0; y < stored.Height; y++)
        {
            for (int x = 0; x < stored.Width; x++)
                difference += Math.Abs(a[((y * stored.Width) + x) * 3] - b[((x * upright.Width) + stored.Height - 1 - y) * 3]);
        }

        Assert.IsTrue(difference < 4L * stored.Width * stored.Height, "mean difference " +
            $"{(double)difference / (stored.Width * stored.Height):0.00}");
    }
}
