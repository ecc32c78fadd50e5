// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>Regression and binary classification: the same network, with ML.NET's evaluators.</summary>
[TestClass]
public sealed class OtherTaskTests
{
    private const float Red = 250, Blue = 100;
    private readonly MLContext _ml = new(1);

    private IDataView Numbers =>
        Videos(
            _ml.Data.LoadFromEnumerable(
                Rows().Select(r => new NumberRow { VideoPath = r.VideoPath, Label = r.Label == "red" ? Red : Blue }).ToArray()));

    private IDataView Booleans =>
        Videos(
            _ml.Data.LoadFromEnumerable(Rows().Select(r => new BooleanRow { VideoPath = r.VideoPath, Label = r.Label == "red" }).ToArray())
        );

    private IEnumerable<VideoRow> Rows() => _ml.Data.CreateEnumerable<VideoRow>(TestClips.Load(_ml), reuseRowObject: false);

    private IDataView Videos(IDataView rows) => _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(rows).Transform(rows);

    private static VideoMaeRegressionTrainer.Options Regression(int epochs) => Set(new VideoMaeRegressionTrainer.Options(), epochs);

    private static VideoMaeBinaryTrainer.Options Binary(int epochs) => Set(new VideoMaeBinaryTrainer.Options(), epochs);

    private static T Set<T>(T options, int epochs)
        where T : VideoMaeTrainerOptions
    {
        options.Config = TestClips.Config;
        options.NumberOfEpochs = epochs;
        options.BatchSize = 4;
        options.LearningRate = 5e-3f;
        options.Seed = 1;
        return options;
    }

    [TestMethod]
    public void Regression_ConformsToMlNet() =>
        EstimatorConformance.Check(
            _ml, _ml.Regression.Trainers.VideoMae(Regression(1)), Numbers, _ml.Data.LoadFromEnumerable([new NumberRow()])
        ); // no Video column

    [TestMethod]
    public void Binary_ConformsToMlNet() =>
        EstimatorConformance.Check(
            _ml, _ml.BinaryClassification.Trainers.VideoMae(Binary(1)), Booleans, _ml.Data.LoadFromEnumerable([new BooleanRow()])
        ); // no Video column

    [TestMethod]
    public void Regression_LearnsInTheLabelsUnit()
    {
        VideoMaeRegressionTrainer.Options options = Regression(30);
        options.ValidationSet = Numbers;
        options.KeepBestWeights = false;
        VideoMaeMetrics? last = null;
        options.MetricsCallback = m => last = m;
        using VideoMaeRegressionTransformer model = _ml.Regression.Trainers.VideoMae(options).Fit(Numbers);
        RegressionMetrics metrics = _ml.Regression.Evaluate(model.Transform(Numbers));
        Assert.IsGreaterThan(0.95, metrics.RSquared);
        Assert.AreEqual(metrics.MeanSquaredError, last!.ValidationLoss!.Value, 1e-3 * metrics.MeanSquaredError + 1e-3);
        Assert.IsNull(last.Accuracy);
        Assert.AreEqual(Red, model.Predict(MLVideo.CreateFromFile(TestClips.Animation("red", 1))), 40);
        StringAssert.DoesNotMatch(last.ToString(), new System.Text.RegularExpressions.Regex("accuracy"));
    }

    [TestMethod]
    public void Binary_LearnsAndIsEvaluated()
    {
        using VideoMaeBinaryTransformer model = _ml.BinaryClassification.Trainers.VideoMae(Binary(20)).Fit(Booleans);
        IDataView scored = model.Transform(Booleans);
        CalibratedBinaryClassificationMetrics metrics = _ml.BinaryClassification.Evaluate(scored);
        Assert.AreEqual(1, metrics.Accuracy);
        Assert.AreEqual(1, metrics.AreaUnderRocCurve);
        Assert.IsLessThan(0.5, metrics.LogLoss);
        float[] scores = [.. scored.GetColumn<float>("Score")], probabilities = [.. scored.GetColumn<float>("Probability")];
        for (int i = 0; i < scores.Length; i++)
            Assert.AreEqual(1 / (1 + Math.Exp(-scores[i])), probabilities[i], 1e-6);
        Assert.AreEqual(probabilities[0], model.Predict(MLVideo.CreateFromFile(TestClips.Animation("blue", 1))), 1e-6f);
    }

    [TestMethod]
    public void Models_LiveOnInZipsAndEngines()
    {
        ITransformer regression = _ml.Regression.Trainers.VideoMae(Regression(2)).Fit(Numbers),
            binary = _ml.BinaryClassification.Trainers.VideoMae(Binary(2)).Fit(Booleans);
        foreach (
            (ITransformer model, IDataView data) in (ReadOnlySpan<(ITransformer, IDataView)>)[(regression, Numbers), (binary, Booleans)])
        {
            float[] scores = [.. model.Transform(data).GetColumn<float>("Score")];
            using var zip = new MemoryStream();
            _ml.Model.Save(model, data.Schema, zip);
            zip.Position = 0;
            ITransformer loaded = new MLContext(2).Model.Load(zip, out _);
            CollectionAssert.AreEqual(scores, loaded.Transform(data).GetColumn<float>("Score").ToArray());

            var first = _ml.Model.CreatePredictionEngine<VideoInput, ScoreOutput>(model);
            using var second = _ml.Model.CreatePredictionEngine<VideoInput, ScoreOutput>(
                model, new PredictionEngineOptions { OwnsTransformer = false });
            var input = new VideoInput { Video = MLVideo.CreateFromFile(TestClips.Animation("blue", 1)) };
            Assert.AreEqual(scores[0], first.Predict(input).Score, 1e-4f * Math.Abs(scores[0]) + 1e-5f);
            first.Dispose();
            Assert.AreEqual(
                scores[0], second.Predict(input).Score, 1e-4f * Math.Abs(scores[0]) + 1e-5f,
                "disposing one engine leaves the other its weights");
            ((IDisposable)model).Dispose();
            ((IDisposable)model).Dispose();
            Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(data));
            ((IDisposable)loaded).Dispose();
        }
    }

    [TestMethod]
    public void SeveralEngines_PredictFromManyThreads()
    {
        using VideoMaeRegressionTransformer model = _ml.Regression.Trainers.VideoMae(Regression(1)).Fit(Numbers);
        float expected = model.Predict(MLVideo.CreateFromFile(TestClips.Animation("red", 2)));
        Parallel.For(0, 8, _ =>
        {
            using var engine = _ml.Model.CreatePredictionEngine<VideoInput, ScoreOutput>(
                model, new PredictionEngineOptions { OwnsTransformer = false });
            for (int i = 0; i < 3; i++)
                Assert.AreEqual(
                    expected, engine.Predict(new VideoInput { Video = MLVideo.CreateFromFile(TestClips.Animation("red", 2)) }).Score,
                    1e-3f);
        });
    }

    [TestMethod]
    public void WrongLabels_AreNamed()
    {
        IDataView text = Videos(TestClips.Load(_ml));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Regression.Trainers.VideoMae(Regression(1)).Fit(text)).Message,
            "label column 'Label': expected Single, got String");
        StringAssert.Contains(
            Assert
                .ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Trainers.VideoMae(Binary(1)).Fit(text))
                .Message,
            "expected Boolean, got String");
        IDataView always = Videos(
            _ml.Data.LoadFromEnumerable(Rows().Select(r => new BooleanRow { VideoPath = r.VideoPath, Label = true }).ToArray()));
        StringAssert.Contains(
            Assert
                .ThrowsExactly<InvalidOperationException>(() => _ml.BinaryClassification.Trainers.VideoMae(Binary(1)).Fit(always))
                .Message,
            "only one value in all 12 rows");
        VideoMaeBinaryTrainer.Options same = Binary(1);
        same.ProbabilityColumnName = same.ScoreColumnName;
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Trainers.VideoMae(same)).Message,
            "have to differ");
    }

    [TestMethod]
    public void MissingNumbers_AreLeftOut()
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        NumberRow[] rows = [.. Rows().Select((r, i) => new NumberRow { VideoPath = r.VideoPath, Label = i == 0 ? float.NaN : i })];
        _ml.Regression.Trainers.VideoMae(Regression(1)).Fit(Videos(_ml.Data.LoadFromEnumerable(rows))).Dispose();
        Assert.IsTrue(log.Any(m => m.Contains("1 of 12 rows have no label")));
    }

    [TestMethod]
    public void BinaryMeasures_AreThoseOfTheDefinition()
    {
        using var task = new BinaryTask();
        ValidationResult result = task.Measure([[2], [-1], [0.5f], [-3]], [1, 1, 0, 0]);
        double expected = new[] { 2.0, -1, -0.5, 3 }.Average(z => Math.Log(1 + Math.Exp(-z)));
        Assert.AreEqual(expected, result.Loss, 1e-9);
        Assert.AreEqual(0.5, result.Accuracy);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor loss = task.Loss(
            torch.tensor(new float[] { 2, -1, 0.5f, -3 }, [4, 1]), torch.tensor(new float[] { 1, 1, 0, 0 }, [4, 1]));
        Assert.AreEqual(expected, loss.item<float>(), 1e-6);
    }

    private sealed class NumberRow
    {
        public string VideoPath { get; set; } = "";

        public float Label { get; set; }
    }

    private sealed class BooleanRow
    {
        public string VideoPath { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class VideoInput
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class ScoreOutput
    {
        public float Score { get; set; }
    }
}
