// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>What is guessed about a video is said once, wherever it is read.</summary>
[TestClass]
public sealed class VideoNotesTests
{
    private static TemporaryFolder s_folder = null!;

    private readonly MLContext _ml = new(1);
    private readonly List<string> _warnings = [];

    public VideoNotesTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    /// <summary>Two classes of two videos; one video of each changes its size on the way.</summary>
    [ClassInitialize]
    public static void MakeClips(TestContext _)
    {
        s_folder = new TemporaryFolder();
        foreach (string label in (string[])["blue", "red"])
        {
            string folder = Directory.CreateDirectory(s_folder.File(label)).FullName;
            foreach (string size in (string[])["32x24", "48x36"])
                TestClips.Ffmpeg(
                    "-f", "lavfi", "-i", $"color={label}:size={size}:rate=8:duration=1", "-pix_fmt", "yuv420p", "-f", "mpegts",
                    Path.Combine(folder, $"{size}.ts"));
            using FileStream joined = File.Create(Path.Combine(folder, "joined.ts"));
            foreach (string size in (string[])["32x24", "48x36"])
                joined.Write(File.ReadAllBytes(Path.Combine(folder, $"{size}.ts")));
            File.Delete(Path.Combine(folder, "48x36.ts"));
        }
    }

    [ClassCleanup]
    public static void RemoveClips() => s_folder.Dispose();

    [TestMethod]
    public void Training_SaysItOnceForAllVideos()
    {
        using var model = (IDisposable)TestClips.Pipeline(_ml, TestClips.Options(3)).Fit(_ml.Data.LoadVideosFromDirectory(s_folder.Path));
        string warning = _warnings.Single();
        StringAssert.StartsWith(warning, "2 videos were read with a note. ");
        StringAssert.Contains(warning, $"'{s_folder.File("blue/joined.ts")}': ");
        StringAssert.Contains(warning, "32x24");
        StringAssert.Contains(warning, "48x36");
    }

    [TestMethod]
    public void Scoring_SaysItOnceForAllRows()
    {
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
        IDataView videos = Videos();
        Assert.HasCount(4, model.Transform(videos).GetColumn<float[]>("Score").ToArray());
        StringAssert.StartsWith(_warnings.Single(), "2 videos were read with a note. ");
        model.Predict(MLVideo.CreateFromFile(s_folder.File("red/joined.ts")));
        StringAssert.StartsWith(_warnings[1], "A video was read with a note. ");
    }

    [TestMethod]
    public void ExtractVideoPixels_SaysItOnceForAllRows()
    {
        IDataView videos = Videos();
        IDataView pixels = _ml
            .Transforms.ExtractVideoPixels(
                new VideoPixelExtractingEstimator.Options
                {
                    NumFrames = 4,
                    ImageHeight = 16,
                    ImageWidth = 16,
                })
            .Fit(videos)
            .Transform(videos);
        Assert.HasCount(4, pixels.GetColumn<float[]>("Pixels").ToArray());
        StringAssert.StartsWith(_warnings.Single(), "2 videos were read with a note. ");
    }

    private IDataView Videos()
    {
        IDataView data = _ml.Data.LoadVideosFromDirectory(s_folder.Path);
        return _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(data).Transform(data);
    }
}
