// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

[TestClass]
public sealed class VideoPixelsTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _log = [];

    public VideoPixelsTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    private IDataView Videos => Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));

    private IDataView Pixels(int numFrames = 4, int imageSize = 16) =>
        _ml.Transforms.ExtractVideoPixels("Pixels", "Video", numFrames, imageSize).Fit(Videos).Transform(Videos);

    private static VideoMaeTrainer.Options Options(int epochs)
    {
        VideoMaeTrainer.Options options = TestClips.Options(epochs);
        options.FeatureColumnName = "Pixels";
        return options;
    }

    [TestMethod]
    public void ExtractVideoPixels_ConformsToMlNet() => EstimatorConformance.Check(
        _ml, _ml.Transforms.ExtractVideoPixels("Pixels", "Video", 4, 16), Videos, TestClips.Load(_ml));

    [TestMethod]
    public void Values_AreThoseOfTheProcessor()
    {
        var vector = (VectorDataViewType)Pixels().Schema["Pixels"].Type;
        CollectionAssert.AreEqual(new[] { 4, 3, 16, 16 }, vector.Dimensions.ToArray());
        VideoFrames frames = VideoReader.Default.Read(MLVideo.CreateFromFile(TestClips.Animation("blue", 1)), new UniformFrameSampler(4));
        var processor = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions
        {
            Size = FrameSize.Shortest(16),
            CropSize = FrameSize.Exact(16, 16),
            ImageMean = [0.485, 0.456, 0.406],
            ImageStd = [0.229, 0.224, 0.225],
        });
        var expected = new float[4 * 3 * 16 * 16];
        processor.Process(frames, expected);
        CollectionAssert.AreEqual(expected, Pixels().GetColumn<float[]>("Pixels").First());
    }

    [TestMethod]
    public void Settings_OfACheckpoint_AreTaken()
    {
        IDataView data = _ml.Transforms.ExtractVideoPixels(new VideoPixelExtractingEstimator.Options
        {
            NumFrames = 4,
            ImageHeight = 16,
            ImageWidth = 24,
            ProcessorPath = ReferenceFiles.Path("tiny/classification"),
            Sampler = new DenseFrameSampler(4, 2),
        }).Fit(Videos).Transform(Videos);
        CollectionAssert.AreEqual(new[] { 4, 3, 16, 24 }, ((VectorDataViewType)data.Schema["Pixels"].Type).Dimensions.ToArray());
        Assert.IsTrue(data.GetColumn<float[]>("Pixels").All(p => p.All(float.IsFinite)));
    }

    [TestMethod]
    public void Trainer_TakesPixelsAndScoresThemLikeVideos()
    {
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(Options(15)).Fit(Pixels());
        IDataView scored = model.Transform(Pixels());
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(scored).MicroAccuracy);
        Assert.IsTrue(_log.Any(m => m.Contains("'Pixels' holds pixel values") && m.Contains("crops")));

        IReadOnlyList<KeyValuePair<string, float>> video = model.Predict(MLVideo.CreateFromFile(TestClips.Animation("blue", 1)));
        Assert.AreEqual(video[0].Value, scored.GetColumn<float[]>("Score").First().Max(), 1e-5f);
    }

    [TestMethod]
    public void PixelsOfAnotherShape_AreRefusedInTrainingAndScoring()
    {
        string training = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.VideoMae(Options(1)).Fit(Pixels(imageSize: 24))).Message;
        StringAssert.Contains(training, "Column 'Pixels' has clips of [4, 3, 24, 24] pixel values, but the model takes [4, 3, 16, 16]");
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(Options(1)).Fit(Pixels());
        string scoring = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Transform(Pixels(numFrames: 6))).Message;
        StringAssert.Contains(scoring, "[6, 3, 16, 16]");
    }

    [TestMethod]
    public void UnreadableVideo_ThrowsOrGivesNoNumbers()
    {
        string folder = TestClips.NewFolder(), broken = Path.Combine(folder, "broken.mp4");
        File.WriteAllText(broken, "no video");
        IDataView data = _ml.Data.LoadFromEnumerable([new Trainers.VideoRow { VideoPath = broken, Label = "x" }]);
        IDataView videos = _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(data).Transform(data);
        var options = new VideoPixelExtractingEstimator.Options { NumFrames = 2, ImageHeight = 16, ImageWidth = 16 };
        Exception error = Assert.Throws<Exception>(
            () => _ml.Transforms.ExtractVideoPixels(options).Fit(videos).Transform(videos).GetColumn<float[]>("Pixels").Single());
        Assert.Contains(broken, error.ToString());
        options.OnVideoError = VideoErrorPolicy.Skip;
        float[] pixels = _ml.Transforms.ExtractVideoPixels(options).Fit(videos).Transform(videos).GetColumn<float[]>("Pixels").Single();
        Directory.Delete(folder, recursive: true);
        Assert.IsTrue(pixels.All(float.IsNaN));
        Assert.IsTrue(_log.Any(m => m.Contains(broken)));
    }

    [TestMethod]
    public void MissingPixels_AreLeftOutOfTraining()
    {
        float[][] pixels = [.. Pixels().GetColumn<float[]>("Pixels")];
        uint[] labels = [.. Pixels().GetColumn<uint>("Label")];
        Array.Fill(pixels[0], float.NaN);
        IDataView data = _ml.Data.LoadFromEnumerable(pixels.Zip(labels, (p, l) => new PixelRow { Pixels = p, Label = l - 1 }));
        double? loss = null;
        VideoMaeTrainer.Options options = Options(1);
        options.MetricsCallback = m => loss = m.Loss;
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data).Dispose();
        Assert.IsTrue(double.IsFinite(loss!.Value));
        Assert.IsTrue(_log.Any(m => m.Contains("1 of 12 rows have missing pixel values")), string.Join("\n", _log));
    }

    [TestMethod]
    public void FrameCacheFolder_ServesLaterRuns()
    {
        string folder = TestClips.NewFolder();
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.FrameCacheFolder = folder;
        options.FrameCacheMegabytes = 0;
        var losses = new List<double>();
        options.MetricsCallback = m => losses.Add(m.Loss);
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Videos).Dispose();
        string[] entries = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)];
        Assert.IsGreaterThanOrEqualTo(2 * TestClips.ClipsPerClass, entries.Length);
        options.FrameCacheMegabytes = null;
        options.FrameCacheFolder = null;
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Videos).Dispose();
        Directory.Delete(folder, recursive: true);
        CollectionAssert.AreEqual(losses.Take(2).ToArray(), losses.Skip(2).ToArray(), "where frames are kept changes nothing");
    }

    private sealed class PixelRow
    {
        [VectorType(4, 3, 16, 16)]
        public float[] Pixels { get; set; } = [];

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
