// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

/// <summary>What is checked of every transformer that describes videos.</summary>
internal static class FeaturizedVideos
{
    internal sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    internal sealed class Described
    {
        [VectorType]
        public float[] Features { get; set; } = [];
    }

    public static IDataView Animations(MLContext ml) =>
        ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(ml)).Transform(TestClips.Load(ml));

    public static float[][] Of(MLContext ml, IEstimator<ITransformer> estimator, params MLVideo[] videos)
    {
        IDataView data = ml.Data.LoadFromEnumerable(videos.Select(v => new Row { Video = v }));
        return [.. estimator.Fit(data).Transform(data).GetColumn<float[]>("Features")];
    }

    public static void CheckErrors(MLContext ml, Func<VideoErrorPolicy, IEstimator<ITransformer>> create)
    {
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        string folder = TestClips.NewFolder();
        string[] broken = [.. Enumerable.Range(0, 5).Select(i => Path.Combine(folder, $"broken{i}.mp4"))];
        foreach (string path in broken)
            File.WriteAllText(path, "no video");
        MLVideo[] videos = [.. broken.Append(TestClips.Animation("red", 1)).Select(MLVideo.CreateFromFile)];
        Exception error = Assert.Throws<Exception>(() => Of(ml, create(VideoErrorPolicy.Throw), videos[4..]));
        Assert.Contains(broken[4], error.ToString());
        log.Clear();
        float[][] features = Of(ml, create(VideoErrorPolicy.Skip), videos);
        Assert.IsTrue(features[..5].All(row => row.All(float.IsNaN)));
        Assert.IsTrue(features[5].All(float.IsFinite));
        string warning = log.Single(m => m.Contains("no features"));
        Assert.Contains("5 rows get no features", warning);
        Assert.Contains("And 2 more.", warning);
        log.Clear();
        Of(ml, create(VideoErrorPolicy.Skip), videos[4..]);
        Directory.Delete(folder, recursive: true);
        Assert.HasCount(1, log.Where(m => m.Contains("A row gets no features") && m.Contains(broken[4])));
    }

    public static void CheckEngine(MLContext ml, IEstimator<ITransformer> estimator)
    {
        var video = MLVideo.CreateFromFile(TestClips.Animation("red", 1));
        ITransformer model = estimator.Fit(ml.Data.LoadFromEnumerable<Row>([]));
        using PredictionEngine<Row, Described> engine = ml.Model.CreatePredictionEngine<Row, Described>(model);
        CollectionAssert.AreEqual(Of(ml, estimator, video).Single(), engine.Predict(new Row { Video = video }).Features);
    }
}
