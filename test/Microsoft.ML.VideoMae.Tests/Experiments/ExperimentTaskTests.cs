// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>Experiments that learn yes or no, and numbers.</summary>
[TestClass]
public sealed class ExperimentTaskTests
{
    private sealed class YesOrNo
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public bool Label { get; set; }
    }

    private sealed class Measured
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public float Label { get; set; }
    }

    private sealed class Clip
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class Answer
    {
        public bool PredictedLabel { get; set; }

        public float Probability { get; set; }

        public float Score { get; set; }
    }

    private sealed class Number
    {
        public float Score { get; set; }
    }

    [TestMethod]
    public void YesOrNo_GivesTheColumnsOfABinaryClassifier()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable(Clips().Select(c => new YesOrNo { Video = c.Video, Label = c.IsRed }).ToArray());
        using VideoExperimentResult result = ml.BinaryClassification
            .CreateVideoExperiment(new VideoExperimentSettings
            {
                Candidates =
                [
                    VideoExperimentCandidate.Pixels,
                    VideoExperimentCandidate.Motion,
                    VideoExperimentCandidate.FromTrainer("small VideoMAE", "very small", () => TestClips.Options(), maxSteps: 100),
                ],
            })
            .Execute(data);
        foreach (VideoExperimentRunDetail detail in result.RunDetails)
            Assert.IsNull(detail.NotScored, detail.ToString());
        Assert.AreEqual(1, result.BestRun.MicroAccuracy, 1e-9, result.BestRun.ToString());

        CalibratedBinaryClassificationMetrics metrics = ml.BinaryClassification.Evaluate(result.BestRun.Model!.Transform(data));
        Assert.AreEqual(1, metrics.Accuracy, 1e-9);
        Assert.AreEqual(1, metrics.AreaUnderRocCurve, 1e-9);
        ITransformer loaded = SavedAndLoaded(ml, result.BestRun.Model, data.Schema);
        using PredictionEngine<Clip, Answer> engine = ml.Model.CreatePredictionEngine<Clip, Answer>(loaded);
        foreach ((MLVideo video, bool isRed) in Clips())
        {
            Answer answer = engine.Predict(new Clip { Video = video });
            Assert.AreEqual(isRed, answer.PredictedLabel);
            Assert.AreEqual(isRed, answer.Probability > 0.5f);
            Assert.AreEqual(answer.Probability, 1 / (1 + Math.Exp(-answer.Score)), 1e-5);
        }

        DataViewSchema schema = loaded.GetOutputSchema(data.Schema);
        Assert.IsFalse(schema.Any(c => !c.IsHidden && c.Name.StartsWith("VideoExperiment.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Numbers_AreLearned_AndTheModelGivesThem()
    {
        var ml = new MLContext(seed: 1);
        // Red clips are 30, blue ones 10: what is seen says which.
        IDataView data = ml.Data.LoadFromEnumerable(
            Clips().Select(c => new Measured { Video = c.Video, Label = c.IsRed ? 30 : 10 }).ToArray());
        using VideoExperimentResult result = ml.Regression
            .CreateVideoExperiment(new VideoExperimentSettings
            {
                Candidates =
                [
                    VideoExperimentCandidate.Pixels,
                    VideoExperimentCandidate.Motion,
                    VideoExperimentCandidate.FromTrainer("small VideoMAE", "very small", NumberOptions, maxSteps: 100),
                ],
            })
            .Execute(data);
        foreach (VideoExperimentRunDetail detail in result.RunDetails)
        {
            Assert.IsNull(detail.NotScored, detail.ToString());
            Assert.AreEqual(1 - (detail.RootMeanSquaredError * detail.RootMeanSquaredError / 100), detail.RSquared, 1e-6, detail.ToString());
            Assert.IsTrue(double.IsNaN(detail.LogLoss));
        }

        Assert.IsGreaterThan(0.9, result.BestRun.RSquared, result.BestRun.ToString());
        Assert.IsEmpty(result.SuspectLabels);
        RegressionMetrics metrics = ml.Regression.Evaluate(result.BestRun.Model!.Transform(data));
        Assert.IsGreaterThan(0.9, metrics.RSquared);
        ITransformer loaded = SavedAndLoaded(ml, result.BestRun.Model, data.Schema);
        using PredictionEngine<Clip, Number> engine = ml.Model.CreatePredictionEngine<Clip, Number>(loaded);
        foreach ((MLVideo video, bool isRed) in Clips())
            Assert.AreEqual(isRed ? 30 : 10, engine.Predict(new Clip { Video = video }).Score, 5);
    }

    [TestMethod]
    public void Numbers_AverageIsTheMean()
    {
        var task = new NumbersTask();
        var ml = new MLContext(seed: 1);
        ModelPart[] parts = [new([], "a", [], 1), new([], "b", [], 1)];
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Pair { A = 1, B = 4 }, new Pair { A = -2, B = 2 } });
        ITransformer mean = task.Deliver(ml, parts, sharpness: 1, new List<string>()).Single();
        CollectionAssert.AreEqual((float[])[2.5f, 0], mean.Transform(data).GetColumn<float>("Score").ToArray());
        var first = new NumberScores([[1], [2], null], [1, 4, 9]);
        var second = new NumberScores([[3], null, [9]], [1, 4, 9]);
        OutOfFold both = new NumberScores(OutOfFold.Mean([first, second]), [1, 4, 9]);
        Assert.AreEqual(1, both.Count);
        Assert.AreEqual(1, both.Loss, 1e-12, "2 in place of 1");
    }

    [TestMethod]
    public void Tasks_RefuseWhatTheyCannotLearn()
    {
        var ml = new MLContext(seed: 1);
        string Refused<TRow>(VideoExperiment experiment, Func<MLVideo, TRow> row)
            where TRow : class =>
            Assert.Throws<Exception>(
                () => experiment.Execute(ml.Data.LoadFromEnumerable(Clips().Select(c => row(c.Video)).ToArray()))).Message;
        VideoExperiment numbers = ml.Regression.CreateVideoExperiment(Plain()), yes = ml.BinaryClassification.CreateVideoExperiment(Plain());
        StringAssert.Contains(Refused(numbers, v => new Measured { Video = v, Label = 3 }), "are 3. There is nothing to learn");
        StringAssert.Contains(Refused(numbers, v => new Measured { Video = v, Label = float.NaN }), "has 0 rows with a number");
        StringAssert.Contains(Refused(numbers, v => new Measured { Video = v, Label = float.PositiveInfinity }), "Give finite numbers");
        StringAssert.Contains(Refused(numbers, v => new YesOrNo { Video = v }), "Label");
        StringAssert.Contains(Refused(yes, v => new YesOrNo { Video = v }), "Only one class");
        StringAssert.Contains(Refused(yes, v => new Measured { Video = v }), "Label");
        VideoExperimentSettings wrong = Plain();
        wrong.Candidates.Add(VideoExperimentCandidate.FromTrainer("numbers", "of numbers", NumberOptions));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.BinaryClassification.CreateVideoExperiment(wrong)).Message,
            "this experiment is of yes or no");
    }

    /// <summary>The normal equations hold: X^T (y - X w - b) = k w, and residuals have mean 0.</summary>
    [TestMethod]
    [DataRow(12, 5)]
    [DataRow(6, 20)]
    public void Ridge_SolvesItsEquations(int rows, int features)
    {
        var random = new Random(rows);
        Example[] examples = [.. Enumerable.Range(0, rows).Select(_ => new Example
        {
            Features = [.. Enumerable.Range(0, features).Select(_ => random.NextSingle() + 1)],
            Label = 100 + random.NextSingle(),
        })];
        var ml = new MLContext(seed: 1);
        var definition = SchemaDefinition.Create(typeof(Example));
        definition[nameof(Example.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        IDataView data = ml.Data.LoadFromEnumerable(examples, definition);
        ITransformer model = RidgeRegression.Fit(ml, data, 0.1f, "Label", "Features");
        var linear = ((ISingleFeaturePredictionTransformer<LinearRegressionModelParameters>)model).Model;
        double[] means = [.. Enumerable.Range(0, features).Select(f => examples.Average(e => (double)e.Features[f]))];
        double penalty = 0.1 * examples.Average(e => e.Features.Select((v, f) => (v - means[f]) * (v - means[f])).Sum());
        double[] residuals = [.. model.Transform(data).GetColumn<float>("Score").Select((s, i) => examples[i].Label - (double)s)];
        Assert.AreEqual(0, residuals.Average(), 1e-4);
        for (int f = 0; f < features; f++)
        {
            double gradient = examples.Select((e, i) => (e.Features[f] - means[f]) * residuals[i]).Sum();
            Assert.AreEqual(penalty * linear.Weights[f], gradient, 2e-4);
        }
    }

    private sealed class Example
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Pair
    {
        [ColumnName("a")]
        public float A { get; set; }

        [ColumnName("b")]
        public float B { get; set; }
    }

    private static VideoExperimentSettings Plain() =>
        new() { Candidates = [VideoExperimentCandidate.Pixels, VideoExperimentCandidate.Motion] };

    private static VideoMaeRegressionTrainer.Options NumberOptions()
    {
        VideoMaeTrainer.Options small = TestClips.Options();
        return new VideoMaeRegressionTrainer.Options { Config = small.Config, BatchSize = small.BatchSize, LearningRate = small.LearningRate };
    }

    private static IEnumerable<(MLVideo Video, bool IsRed)> Clips()
    {
        var ml = new MLContext(seed: 1);
        IDataView videos = TestClips.Load(ml);
        return videos.GetColumn<string>("VideoPath").Zip(videos.GetColumn<string>("Label"))
            .Select(c => (MLVideo.CreateFromFile(c.First), c.Second == "red"));
    }

    private static ITransformer SavedAndLoaded(MLContext ml, ITransformer model, DataViewSchema schema)
    {
        string zip = Path.Combine(TestClips.NewFolder(), "best.zip");
        ml.Model.Save(model, schema, zip);
        return new MLContext().Model.Load(zip, out _);
    }
}
