// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class AnomalyTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public float Label { get; set; }
    }

    private static VideoMaeAnomalyTrainer.Options Options(int epochs = 2) =>
        new()
        {
            Config = TestClips.Config with
            {
                DecoderHiddenSize = 8,
                DecoderNumAttentionHeads = 2,
                DecoderIntermediateSize = 16,
                DecoderNumHiddenLayers = 1,
                NormPixLoss = false,
            },
            NumberOfEpochs = epochs,
            BatchSize = 4,
            MaskRatio = 0.75f,
            LearningRate = 5e-3f,
            Seed = 1,
        };

    private IDataView Rows(params string[] labels) =>
        _ml.Data.LoadFromEnumerable(
            labels
                .SelectMany(label =>
                    Enumerable
                        .Range(1, TestClips.ClipsPerClass)
                        .Select(number => new Row
                        {
                            Video = MLVideo.CreateFromFile(TestClips.Animation(label, number)),
                            Label = label == "red" ? 1 : 0,
                        }))
                .ToArray());

    [TestMethod]
    public void Trainer_ConformsToMlNet() =>
        EstimatorConformance.Check(
            _ml, _ml.AnomalyDetection.Trainers.VideoMae(Options(1)), VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)),
            TestClips.Load(_ml));

    [TestMethod]
    public void OtherColours_AreUnusual_AsMlNetEvaluates()
    {
        using VideoMaeAnomalyTransformer model = _ml.AnomalyDetection.Trainers.VideoMae(Options(60)).Fit(Rows("blue"));
        IDataView scored = model.Transform(Rows("blue", "red"));
        AnomalyDetectionMetrics metrics = _ml.AnomalyDetection.Evaluate(scored, falsePositiveCount: 2);
        Assert.AreEqual(1, metrics.AreaUnderRocCurve, "pixels as they are, and only blue was seen");
        float[] scores = [.. scored.GetColumn<float>("Score")];
        CollectionAssert.AreEqual(scores.Select(s => s > model.Threshold).ToArray(), scored.GetColumn<bool>("PredictedLabel").ToArray());
        Assert.AreEqual(scores[0], model.Score(MLVideo.CreateFromFile(TestClips.Animation("blue", 1))), 1e-6);
    }

    [TestMethod]
    public void WrongShare_IsRefused()
    {
        VideoMaeAnomalyTrainer.Options options = Options();
        options.FalseAlarmFraction = 1;
        Assert.Contains(
            "FalseAlarmFraction is 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.AnomalyDetection.Trainers.VideoMae(options)).Message);
    }
}
