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
        string folder = TestClips.NewFolder(), broken = Path.Combine(folder, "broken.mp4");
        File.WriteAllText(broken, "no video");
        MLVideo[] videos = [MLVideo.CreateFromFile(broken), MLVideo.CreateFromFile(TestClips.Animation("red", 1))];
        Exception error = Assert.Throws<Exception>(() => Of(ml, create(VideoErrorPolicy.Throw), videos));
        Assert.Contains(broken, error.ToString());
        log.Clear();
        float[][] features = Of(ml, create(VideoErrorPolicy.Skip), videos);
        Directory.Delete(folder, recursive: true);
        Assert.IsTrue(features[0].All(float.IsNaN));
        Assert.IsTrue(features[1].All(float.IsFinite));
        Assert.HasCount(1, log.Where(m => m.Contains("A row gets no features") && m.Contains(broken)));
    }

    public static void CheckEngine(MLContext ml, IEstimator<ITransformer> estimator)
    {
        var video = MLVideo.CreateFromFile(TestClips.Animation("red", 1));
        ITransformer model = estimator.Fit(ml.Data.LoadFromEnumerable<Row>([]));
        using PredictionEngine<Row, Described> engine = ml.Model.CreatePredictionEngine<Row, Described>(model);
        CollectionAssert.AreEqual(Of(ml, estimator, video).Single(), engine.Predict(new Row { Video = video }).Features);
    }
}
