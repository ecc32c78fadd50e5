// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class VideoMaeTrainerTests
{
    [TestMethod]
    public void Trainer_ConformsToMlNet()
    {
        var ml = new MLContext(1);
        IDataView paths = TestClips.Load(ml);
        IDataView valid = Prepare(ml, paths);
        IDataView invalid = ml.Transforms.Conversion.MapValueToKey("Label").Fit(paths).Transform(paths); // no Video column
        EstimatorConformance.Check(ml, ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)), valid, invalid);
    }

    [TestMethod]
    public void Pipeline_LearnsAndEvaluates()
    {
        var ml = new MLContext(1);
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(TestClips.LoadFiles(ml), 0.3, seed: 1);
        ITransformer model = TestClips.Pipeline(ml, TestClips.Options()).Fit(split.TrainSet);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(
            model.Transform(split.TestSet), topKPredictionCount: 2);
        Assert.AreEqual(1, metrics.MicroAccuracy);
        Assert.IsLessThan(0.5, metrics.LogLoss); // finite and small: the scores are probabilities
        StringAssert.Contains(metrics.ConfusionMatrix.GetFormattedConfusionTable(), "blue");
    }

    [TestMethod]
    public void CrossValidate_Works()
    {
        var ml = new MLContext(1);
        var folds = ml.MulticlassClassification.CrossValidate(
            TestClips.Load(ml), TestClips.Pipeline(ml, TestClips.Options(6)), numberOfFolds: 2);
        Assert.HasCount(2, folds);
        Assert.IsTrue(folds.All(f => double.IsFinite(f.Metrics.LogLoss)));
    }

    [TestMethod]
    public void Scores_AreTheSameInBatchesAndRowByRow()
    {
        var ml = new MLContext(1);
        IDataView data = TestClips.Load(ml);
        ITransformer model = TestClips.Pipeline(ml, TestClips.Options(2)).Fit(data);
        Prediction[] batched = [.. ml.Data.CreateEnumerable<Prediction>(model.Transform(data), reuseRowObject: false)];
        using var engine = ml.Model.CreatePredictionEngine<VideoRow, Prediction>(model);
        Assert.HasCount(2 * TestClips.ClipsPerClass, batched);
        foreach ((Prediction b, VideoRow row) in batched.Zip(ml.Data.CreateEnumerable<VideoRow>(data, reuseRowObject: false)))
        {
            Prediction one = engine.Predict(row);
            Assert.AreEqual(b.PredictedLabel, one.PredictedLabel);
            for (int i = 0; i < b.Score.Length; i++)
                Assert.AreEqual(b.Score[i], one.Score[i], 1e-6f);
            Assert.AreEqual(1, b.Score.Sum(), 1e-5f);
        }
    }

    [TestMethod]
    public void Seed_ReproducesARun()
    {
        Assert.AreEqual(Losses(1), Losses(1));
        Assert.AreNotEqual(Losses(1), Losses(2));
    }

    [TestMethod]
    public void Training_LeavesTheGlobalGeneratorAlone()
    {
        using torch.Tensor before = torch.get_rng_state();
        Losses(1);
        using torch.Tensor after = torch.get_rng_state();
        CollectionAssert.AreEqual(before.data<byte>().ToArray(), after.data<byte>().ToArray());
    }

    [TestMethod]
    public void Callback_ReportsEveryEpochAndValidatesEveryRow()
    {
        var ml = new MLContext(1);
        IDataView data = Prepare(ml, TestClips.Load(ml));
        var reported = new List<VideoMaeMetrics>();
        VideoMaeTrainer.Options options = TestClips.Options(3);
        options.ValidationSet = ml.Data.TakeRows(data, 5);
        options.MetricsCallback = reported.Add;
        using var model = ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data);

        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, reported.Select(m => m.Epoch).ToArray());
        double expected = ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet)).MicroAccuracy;
        Assert.AreEqual(expected, reported[^1].ValidationAccuracy!.Value, 1e-12);
        Assert.IsTrue(reported.All(m => double.IsFinite(m.Loss) && m.ClipsPerSecond > 0 && m.DataWaitFraction is >= 0 and <= 1));
        StringAssert.StartsWith(reported[0].ToString(), "Epoch 1/3: loss ");
    }

    [TestMethod]
    public void Log_GetsTheMetricsAndTheDevice()
    {
        var ml = new MLContext(1);
        var messages = new List<string>();
        ml.Log += (_, e) => messages.Add(e.Message);
        using var model = ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)).Fit(Prepare(ml, TestClips.Load(ml)));
        Assert.AreEqual(1, messages.Count(m => m.Contains("Running on the CPU")));
        Assert.AreEqual(1, messages.Count(m => m.Contains("Epoch 1/1: loss")));
    }

    [TestMethod]
    public void Cancellation_StopsTraining()
    {
        var ml = new MLContext(1);
        using var cancel = new CancellationTokenSource();
        VideoMaeTrainer.Options options = TestClips.Options(1000);
        options.CancellationToken = cancel.Token;
        int epochs = 0;
        options.MetricsCallback = m =>
        {
            epochs++;
            cancel.Cancel();
        };
        IDataView data = Prepare(ml, TestClips.Load(ml));
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data));
        Assert.AreEqual(1, epochs);
    }

    [TestMethod]
    public void Training_LeaksNoTensors()
    {
        Losses(1);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Losses(1);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void NumberLabels_GetSlotNamesToo()
    {
        var ml = new MLContext(1);
        IDataView data = ml.Data.LoadFromEnumerable(
            Enumerable
                .Range(1, 4)
                .Select(i => new NumberRow { VideoPath = TestClips.Clip(i % 2 == 0 ? "red" : "blue", i), Label = i % 2 * 10 }));
        IEstimator<ITransformer> pipeline = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)));
        ITransformer loaded = EstimatorConformance.SaveAndLoad(ml, pipeline.Fit(data), data.Schema);
        DataViewSchema schema = loaded.GetOutputSchema(data.Schema);
        CollectionAssert.AreEquivalent(new[] { "10", "0" }, schema.GetTopScores([0.2f, 0.8f]).Select(p => p.Key).ToArray());
        VBuffer<int> keys = default;
        schema["PredictedLabel"].GetKeyValues(ref keys);
        CollectionAssert.AreEquivalent(new[] { 10, 0 }, keys.DenseValues().ToArray());
    }

    [TestMethod]
    public void Engine_OutlivesTheTransformerAndOtherEngines()
    {
        var ml = new MLContext(1);
        IDataView data = TestClips.Load(ml);
        ITransformer model = TestClips.Pipeline(ml, TestClips.Options(1)).Fit(data);
        using var first = ml.Model.CreatePredictionEngine<VideoRow, Prediction>(model);
        var second = ml.Model.CreatePredictionEngine<VideoRow, Prediction>(model);
        var row = new VideoRow { VideoPath = TestClips.Clip("red", 1) };
        float expected = first.Predict(row).Score[0];
        second.Dispose(); // By default an engine disposes of its transformer.
        Assert.AreEqual(expected, first.Predict(row).Score[0]);
        var error = Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(data).Preview());
        StringAssert.Contains(error.Message, nameof(VideoMaeClassificationTransformer));
    }

    internal static IDataView Prepare(MLContext ml, IDataView paths) => ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.Transforms.LoadVideos("Video", "VideoPath")).Fit(paths).Transform(paths);

    private static string Losses(int seed)
    {
        var ml = new MLContext();
        var losses = new List<string>();
        VideoMaeTrainer.Options options = TestClips.Options(3);
        options.Seed = seed;
        options.DropPathRate = 0.2f;
        options.HeadDropout = 0.2f;
        options.MetricsCallback = m => losses.Add(m.Loss.ToString("R"));
        using var model = ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Prepare(ml, TestClips.Load(ml)));
        return string.Join(" ", losses);
    }

    private sealed class NumberRow
    {
        public string VideoPath { get; set; } = "";

        public int Label { get; set; }
    }
}

internal sealed class VideoRow
{
    public string VideoPath { get; set; } = "";

    public string Label { get; set; } = "";
}

internal sealed class Prediction
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}
