// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

[TestClass]
public sealed class ScoringViewsTests
{
    private readonly MLContext _ml = new(1);
    private readonly MLVideo _video = MLVideo.CreateFromFile(TestClips.Animation("red", 1));

    private static VideoMaeTrainer.Options Options(int clips, int crops, bool flip)
    {
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.NumberOfTestClips = clips;
        options.NumberOfTestCrops = crops;
        options.FlipTest = flip;
        return options;
    }

    private VideoMaeClassificationTransformer Fit(VideoMaeTrainer.Options options) =>
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));

    [TestMethod]
    [DataRow(2, 1, false)]
    [DataRow(1, 3, false)]
    [DataRow(2, 3, true)]
    public void Score_IsTheMeanOverTheViews(int clips, int crops, bool flip)
    {
        using VideoMaeClassificationTransformer one = Fit(Options(1, 1, false)),
            many = Fit(Options(clips, crops, flip)); // The same weights.
        var processor = new VideoMaeImageProcessor(
            new VideoMaeImageProcessorOptions
            {
                Size = FrameSize.Shortest(16),
                CropSize = FrameSize.Exact(16, 16),
                ImageMean = [0.485, 0.456, 0.406],
                ImageStd = [0.229, 0.224, 0.225],
            });
        VideoFrames all = VideoReader.Default.ReadAll(_video);
        double[] sum = new double[2];
        int views = 0;
        foreach (ClipView view in MultiViewSampling.Views(new UniformFrameSampler(4), new FrameTimeline(all.Count), clips, crops))
        {
            VideoFrames frames = VideoReader.Default.Read(_video, view.Indices);
            var pixels = new float[4 * 3 * 16 * 16];
            processor.ProcessView(frames, view.Crop, crops, pixels);
            for (int mirrored = 0; mirrored < (flip ? 2 : 1); mirrored++)
            {
                float[] clip = mirrored == 0 ? pixels : [.. pixels.Chunk(16).SelectMany(row => row.Reverse())];
                float[] score = ScoreOf(one, MLVideo.CreateFromPixelValues(clip, "view"));
                sum[0] += score[0];
                sum[1] += score[1];
                views++;
            }
        }

        float[] actual = ScoreOf(many, _video);
        Assert.AreEqual(clips * crops * (flip ? 2 : 1), views);
        Assert.AreEqual(sum[0] / views, actual[0], 1e-5);
        Assert.AreEqual(sum[1] / views, actual[1], 1e-5);
        Assert.AreNotEqual(ScoreOf(one, _video)[0], actual[0]);
    }

    [TestMethod]
    public void Views_AreTheSameInBatchesAndSaved()
    {
        VideoMaeClassificationTransformer model = Fit(Options(2, 3, true));
        IDataView data = Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));
        float[][] batched = [.. model.Transform(data).GetColumn<float[]>("Score")];
        MLVideo[] videos = [.. data.GetColumn<MLVideo>("Video")];
        using var zip = new MemoryStream();
        _ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        using var loaded = (VideoMaeClassificationTransformer)new MLContext(2).Model.Load(zip, out _);
        for (int i = 0; i < videos.Length; i++)
        {
            Assert.AreEqual(batched[i][0], ScoreOf(model, videos[i])[0], 1e-5f);
            Assert.AreEqual(batched[i][0], ScoreOf(loaded, videos[i])[0], 1e-5f);
        }

        model.Dispose();
    }

    [TestMethod]
    public void SeveralClips_NeedASamplerThatHasThem()
    {
        VideoMaeTrainer.Options options = Options(2, 1, false);
        options.Sampler = new EveryNthFrameSampler(4, 2);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)).Message,
            "NumberOfTestClips is 2, but sampling is");
        Assert.Throws<ArgumentException>(() => _ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"), numberOfTestCrops: 0));
    }

    [TestMethod]
    public void Checkpoint_IsScoredOnViewsToo()
    {
        string folder = ReferenceFiles.Path("tiny/classification");
        using VideoMaeClassificationTransformer one = _ml.Model.LoadVideoMae(folder),
            many = _ml.Model.LoadVideoMae(folder, numberOfTestClips: 2, numberOfTestCrops: 3);
        Assert.AreNotEqual(one.Predict(_video)[0].Value, many.Predict(_video)[0].Value);
        Assert.AreEqual(1, many.Predict(_video).Sum(p => p.Value), 1e-5);
    }

    /// <summary>In the order of the classes.</summary>
    private static float[] ScoreOf(VideoMaeClassificationTransformer model, MLVideo video) =>
        [.. model.Predict(video).OrderBy(p => p.Key).Select(p => p.Value)];
}
