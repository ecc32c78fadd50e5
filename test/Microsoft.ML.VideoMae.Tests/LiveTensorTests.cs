// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>No tensor outlives its step or its prediction, whatever is trained and asked.</summary>
[TestClass]
public sealed class LiveTensorTests
{
    private const long MemorySlack = 64L << 20;

    private static readonly VideoMaeConfig s_autoencoder = TestClips.Config with
    {
        DecoderHiddenSize = 8,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 16,
        DecoderNumHiddenLayers = 1,
    };

    private static readonly MLVideo[] s_videos = [.. Enumerable.Range(1, 4).Select(i => MLVideo.CreateFromFrames(
        VideoReader.Default.ReadAll(MLVideo.CreateFromFile(TestClips.Clip(i % 2 == 0 ? "red" : "blue", i)))))];

    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        [KeyType(2)]
        public uint Class { get; set; }

        public float Number { get; set; }

        public bool Flag { get; set; }
    }

    private sealed class Scalar
    {
        public float Score { get; set; }
    }

    private sealed class Vector
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class Features
    {
        [ColumnName("Features")]
        public float[] Values { get; set; } = [];
    }

    private sealed class Pretrained
    {
        [ColumnName("Features")]
        public float[] Values { get; set; } = [];

        public float ReconstructionLoss { get; set; }
    }

    private IDataView Rows => Data(s_videos.Length);

    private IDataView Data(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i =>
        new Row { Video = s_videos[i % s_videos.Length], Class = (uint)(i % 2), Number = i % 2, Flag = i % 2 == 0 }).ToArray());

    [TestMethod]
    [DataRow("classification")]
    [DataRow("classification, everything on")]
    [DataRow("linear probe")]
    [DataRow("attentive probe")]
    [DataRow("regression")]
    [DataRow("binary")]
    [DataRow("pre-training")]
    [DataRow("anomaly")]
    public void TwoHundredSteps_LeaveNothingBehind(string what) => CheckSteps(what, 200);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("classification, everything on")]
    [DataRow("regression")]
    [DataRow("binary")]
    [DataRow("pre-training")]
    public void ThousandsOfSteps_LeaveNothingBehind(string what) => CheckSteps(what, 5000);

    [TestMethod]
    [DataRow("classification")]
    [DataRow("regression")]
    [DataRow("binary")]
    [DataRow("features")]
    [DataRow("pre-training")]
    [DataRow("anomaly")]
    public void ThousandPredictions_LeaveNothingBehind(string what) => CheckPredictions(what, 1000);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("classification")]
    [DataRow("regression")]
    [DataRow("binary")]
    [DataRow("features")]
    [DataRow("pre-training")]
    [DataRow("anomaly")]
    public void ManyThousandPredictions_LeaveNothingBehind(string what) => CheckPredictions(what, 20_000);

    /// <summary>An epoch is a step: all four videos.</summary>
    private void CheckSteps(string what, int steps)
    {
        var live = new List<long>();
        long memory = 0;
        LiveTensors.Settled();
        using (IDisposable model = (IDisposable)Train(what, steps, () =>
        {
            live.Add(LiveTensors.Now);
            if (live.Count == steps / 2)
                memory = Environment.WorkingSet;
        }))
        {
            Assert.HasCount(steps, live);
            // The first steps make what is kept: the best weights, where an epoch is better than the one before.
            long[] later = [.. live.Skip(steps / 10).Distinct()];
            Assert.HasCount(1, later, $"live tensors: {string.Join(", ", later)}");
            Assert.IsLessThan(memory + MemorySlack, Environment.WorkingSet, "memory grows");
        }
    }

    /// <summary>Half of them one at a time, by an engine or a row-by-row mapping, the others in batches.</summary>
    private void CheckPredictions(string what, int count)
    {
        var model = what == "features"
            ? _ml.Transforms.VideoMaeFeatures("Features", "Video", ReferenceFiles.Path("tiny/pretraining")).Fit(Rows)
            : Train(what, 1, () => { });
        using var _ = (IDisposable)model;
        Action<int> predict = what switch
        {
            "classification" => Predictor<Vector>(model),
            "features" => Predictor<Features>(model),
            "pre-training" => Predictor<Pretrained>(model),
            _ => Predictor<Scalar>(model),
        };
        string column = what is "features" or "pre-training" ? "Features" : "Score";
        predict(10);
        Score(model, column, 50);
        long live = LiveTensors.Settled(), memory = Environment.WorkingSet;
        predict(count / 2);
        Assert.AreEqual(live, LiveTensors.Now, "one at a time");
        Score(model, column, count / 2);
        Assert.AreEqual(live, LiveTensors.Now, "in batches");
        Assert.IsLessThan(memory + MemorySlack, Environment.WorkingSet, "memory grows");
    }

    private Action<int> Predictor<TOut>(ITransformer model)
        where TOut : class, new()
    {
        PredictionEngine<Row, TOut> engine = _ml.Model.CreatePredictionEngine<Row, TOut>(
            model, new PredictionEngineOptions { OwnsTransformer = false });
        return count =>
        {
            for (int i = 0; i < count; i++)
                engine.Predict(new Row { Video = s_videos[i % s_videos.Length] });
        };
    }

    private void Score(ITransformer model, string column, int count)
    {
        IDataView scored = model.Transform(Data(count));
        int rows =
            scored.Schema[column].Type is VectorDataViewType
                ? scored.GetColumn<float[]>(column).Count()
                : scored.GetColumn<float>(column).Count();
        Assert.AreEqual(count, rows);
    }

    private ITransformer Train(string what, int steps, Action stepDone) =>
        what switch
        {
            "classification" => _ml
                .MulticlassClassification.Trainers.VideoMae(Set(new VideoMaeTrainer.Options { LabelColumnName = "Class" }, steps, stepDone))
                .Fit(Rows),
            "classification, everything on" => _ml
                .MulticlassClassification.Trainers.VideoMae(
                    Set(
                        new VideoMaeTrainer.Options
                        {
                            LabelColumnName = "Class",
                            EmaDecay = 0.99f,
                            Mixup = 0.8f,
                            Cutmix = 1,
                            RandomErasing = 0.25f,
                            RandAugment = "rand-m7-n4-mstd0.5-inc1",
                            HeadDropout = 0.1f,
                            ValidationSet = Rows,
                            ClassBalancing = ClassBalancing.Weights,
                        },
                        steps, stepDone))
                .Fit(Rows),
            "linear probe" or "attentive probe" => _ml
                .MulticlassClassification.Trainers.VideoMae(
                    Set(
                        new VideoMaeTrainer.Options
                        {
                            LabelColumnName = "Class",
                            PretrainedModel = ReferenceFiles.Path("tiny/pretraining"),
                            FineTuning = what == "linear probe" ? FineTuningMode.LinearProbe : FineTuningMode.AttentiveProbe,
                        },
                        steps, stepDone))
                .Fit(Rows),
            "regression" => _ml
                .Regression.Trainers.VideoMae(Set(new VideoMaeRegressionTrainer.Options { LabelColumnName = "Number" }, steps, stepDone))
                .Fit(Rows),
            "binary" => _ml
                .BinaryClassification.Trainers.VideoMae(
                    Set(new VideoMaeBinaryTrainer.Options { LabelColumnName = "Flag" }, steps, stepDone))
                .Fit(Rows),
            "pre-training" => _ml
                .Transforms.PretrainVideoMae(SetPretraining(new VideoMaePretrainingEstimator.Options(), steps, stepDone))
                .Fit(Rows),
            "anomaly" => _ml
                .AnomalyDetection.Trainers.VideoMae(SetPretraining(new VideoMaeAnomalyTrainer.Options(), steps, stepDone))
                .Fit(Rows),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "There is no such trainer."),
        };

    private static T Set<T>(T options, int steps, Action stepDone)
        where T : VideoMaeTrainerOptions
    {
        options.Config = options.PretrainedModel is null ? TestClips.Config : null;
        options.NumberOfEpochs = steps;
        options.BatchSize = s_videos.Length;
        options.Seed = 1;
        options.StepCallback = _ => stepDone();
        return options;
    }

    private static T SetPretraining<T>(T options, int steps, Action stepDone)
        where T : VideoMaePretrainingOptions
    {
        options.Config = s_autoencoder;
        options.NumberOfEpochs = steps;
        options.BatchSize = s_videos.Length;
        options.MaskRatio = 0.75f;
        options.Seed = 1;
        options.MetricsCallback = _ => stepDone();
        return options;
    }
}
