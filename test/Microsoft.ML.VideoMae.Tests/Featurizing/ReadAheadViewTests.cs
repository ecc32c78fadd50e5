// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

/// <summary>Features of many small videos: they are decoded ahead, many in a run of ffmpeg, and are what each has alone.</summary>
[TestClass]
public sealed class ReadAheadViewTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    [TestMethod]
    public void Transform_GivesTheFeaturesOfEachAlone_AndKeepsTheFrames()
    {
        using var set = new Set();
        foreach (IEstimator<VideoFeaturizingTransformer> estimator in (IEstimator<VideoFeaturizingTransformer>[])
            [
                s_ml.Transforms.FeaturizeVideoPixels("Features", "Video"), s_ml.Transforms.FeaturizeVideoMotion("Features", "Video"),
                s_ml.Transforms.FeaturizeVideoImages("Features", "Video"),
            ])
        {
            float[][] features = set.Features(estimator);
            for (int i = 0; i < features.Length; i++)
                CollectionAssert.AreEqual(FeaturizedVideos.Of(s_ml, estimator, Copy(set, i)).Single(), features[i], $"video {i}");
        }

        Assert.AreEqual(set.Videos.Length, set.Videos.Count(v => VideoReader.Default.Keeps(v, FrameRequest.All, VideoReadOptions.Default)));

        // Another path: frames of the pass before are kept for the first one.
        static MLVideo Copy(Set set, int i)
        {
            string path = Path.Combine(set.Folder, "alone", $"{Guid.NewGuid():N}.mp4");
            File.Copy(set.Videos[i].Path!, path);
            return MLVideo.CreateFromFile(path);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Transform_WithATransformer_ReadsAVideoOnceForBoth(bool motionFirst)
    {
        using var set = new Set();
        string weights = ShippedWeights.For(null)!.Folder;
        IEstimator<ITransformer> motion = s_ml.Transforms.FeaturizeVideoMotion("Motion", "Video"),
            cells = s_ml.Transforms.VideoMaeFeatures("Cells", "Video", weights, pooling: VideoMaePooling.Cells);
        IEstimator<ITransformer> both = (motionFirst ? motion.Append(cells) : cells.Append(motion))
            .Append(s_ml.Transforms.Concatenate("Features", "Motion", "Cells"));
        float[][] features = set.Features(both);
        float[][] expectedMotion = FeaturizedVideos.Of(s_ml, s_ml.Transforms.FeaturizeVideoMotion("Features", "Video"), set.Videos),
            expectedCells = FeaturizedVideos.Of(
                s_ml, s_ml.Transforms.VideoMaeFeatures("Features", "Video", weights, pooling: VideoMaePooling.Cells), set.Videos);
        for (int i = 0; i < features.Length; i++)
            CollectionAssert.AreEqual((float[])[.. expectedMotion[i], .. expectedCells[i]], features[i], $"video {i}");
    }

    [TestMethod]
    public void Transform_ABrokenVideo_IsNamed_OrSkipped()
    {
        using var set = new Set();
        string broken = set.Videos[5].Path!;
        File.WriteAllBytes(broken, File.ReadAllBytes(broken)[..900]);
        Exception error = Assert.Throws<Exception>(() => set.Features(Motion(VideoErrorPolicy.Throw)));
        Assert.Contains(broken, error.ToString());
        float[][] features = set.Features(Motion(VideoErrorPolicy.Skip));
        CollectionAssert.AreEqual(
            (int[])[5], Enumerable.Range(0, features.Length).Where(i => float.IsNaN(features[i][0])).ToArray());

        static IEstimator<ITransformer> Motion(VideoErrorPolicy policy) =>
            s_ml.Transforms.FeaturizeVideoMotion(new VideoMotionFeaturizingEstimator.Options
            {
                OutputColumnName = "Features",
                InputColumnName = "Video",
                OnVideoError = policy,
            });
    }

    [TestMethod]
    public void Dispose_AfterTheFirstRow_StopsTheReading_AndNobodyWaits()
    {
        using var set = new Set();
        IDataView described = s_ml.Transforms.FeaturizeVideoMotion("Features", "Video").Fit(set.Data).Transform(set.Data);
        using (DataViewRowCursor cursor = described.GetRowCursor([described.Schema["Features"]]))
            Assert.IsTrue(cursor.MoveNext());
        foreach (MLVideo video in set.Videos)
        {
            using var memory = new FrameMemory();
            VideoReader.Default.ReadKept(video, new UniformFrameSampler(4), memory, VideoReadOptions.Default); // Would wait for ever.
        }
    }

    /// <summary>A second cursor would take rows away.</summary>
    [TestMethod]
    public void Transform_OfAStream_LosesNoRow()
    {
        using var set = new Set();
        using IEnumerator<MLVideo> once = set.Videos.AsEnumerable().GetEnumerator();
        IEnumerable<FeaturizedVideos.Row> Stream()
        {
            while (once.MoveNext())
                yield return new FeaturizedVideos.Row { Video = once.Current };
        }

        IDataView data = s_ml.Data.LoadFromEnumerable(Stream());
        IDataView described = s_ml.Transforms.FeaturizeVideoMotion("Features", "Video").Fit(data).Transform(data);
        Assert.HasCount(set.Videos.Length, described.GetColumn<float[]>("Features").ToArray());
    }

    [TestMethod]
    public void Advance_LooksAtComingVideos_ButNotWhereTheyAreNoFiles()
    {
        using var set = new Set();
        int seen = 0;
        using (var ahead = Start(Enumerable.Repeat(set.Videos[0], 1000)))
            ahead.Advance();
        Assert.IsInRange(2, 100, seen);
        seen = 0;
        MLVideo inMemory = MLVideo.CreateFromFrames(new VideoFrames(new byte[3 * 64], 1, 8, 8), "grey");
        using (var ahead = Start(Enumerable.Repeat(inMemory, 1000)))
        {
            for (int row = 0; row < 100; row++)
                ahead.Advance();
            ahead.Complete();
        }

        Assert.AreEqual(1, seen);

        // What goes wrong in a row that nobody comes to is nobody's error.
        using (KeepingAhead ahead = Start(set.Videos.Take(1).Concat(Enumerable.Repeat(0, 1).Select(MLVideo (_) => throw new InvalidOperationException()))))
            ahead.Advance();

        KeepingAhead Start(IEnumerable<MLVideo> videos) => new(videos.Select(v =>
        {
            seen++;
            return v;
        }), () => FrameRequest.All, VideoReadOptions.Default, () => { });
    }

    /// <summary>Copies of small files that nobody else reads.</summary>
    private sealed class Set : IDisposable
    {
        public Set()
        {
            string clips = Directory.CreateDirectory(Path.Combine(Folder, "set", "clips")).FullName;
            Directory.CreateDirectory(Path.Combine(Folder, "alone"));
            Videos = [.. Enumerable.Range(0, 12).Select(i =>
            {
                string path = Path.Combine(clips, $"{i}.mp4");
                File.Copy(TestClips.Clip(i % 2 == 0 ? "red" : "blue", (i / 2) + 1), path);
                return MLVideo.CreateFromFile(path);
            })];
            IDataView paths = s_ml.Data.LoadVideosFromDirectory(Path.Combine(Folder, "set"));
            CollectionAssert.AreEqual(Videos.Select(v => v.Path).ToArray(), paths.GetColumn<string>("VideoPath").ToArray());
            Data = s_ml.Transforms.LoadVideos("Video", "VideoPath").Fit(paths).Transform(paths);
        }

        public string Folder { get; } = TestClips.NewFolder();

        public MLVideo[] Videos { get; }

        /// <summary>The same videos. These rows can be read twice.</summary>
        public IDataView Data { get; }

        public float[][] Features(IEstimator<ITransformer> estimator) =>
            [.. estimator.Fit(Data).Transform(Data).GetColumn<float[]>("Features")];

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
