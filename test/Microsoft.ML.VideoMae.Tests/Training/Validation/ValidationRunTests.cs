// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training.Validation;

[TestClass]
public sealed class ValidationRunTests
{
    private readonly RunHelper _run = new();

    [TestMethod]
    public void Training_StopsWhereNothingGetsBetter()
    {
        VideoMaeTrainer.Options options = TestClips.Options(40);
        options.LearningRate = 1e-30f; // No weight changes.
        options.WeightDecay = 0;
        options.ValidationFraction = 0.25f;
        options.EarlyStoppingPatience = 3;
        int epochs = 0;
        options.MetricsCallback = m => epochs = m.Epoch;
        _run.Fit(options).Dispose();
        Assert.AreEqual(4, epochs);
        Assert.IsTrue(_run.Log.Any(m => m.Contains("no epoch was better than epoch 1")));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void BestWeights_AreKept(bool keep)
    {
        // Validation labels are wrong: the better training gets, the worse validation becomes.
        var ml = new MLContext(1);
        IDataView clips = TestClips.Load(ml);
        IDataView wrong = ml.Data.LoadFromEnumerable(ml.Data.CreateEnumerable<Trainers.VideoRow>(clips, reuseRowObject: false)
                .Select(r => new Trainers.VideoRow { VideoPath = r.VideoPath, Label = r.Label == "red" ? "blue" : "red" })
                .ToArray());
        ITransformer prepare = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Fit(clips);
        VideoMaeTrainer.Options options = TestClips.Options(6);
        options.ValidationSet = prepare.Transform(wrong);
        options.ValidationMetric = ValidationMetric.Loss;
        options.KeepBestWeights = keep;
        var losses = new List<double>();
        options.MetricsCallback = m => losses.Add(m.ValidationLoss!.Value);
        using VideoMaeClassificationTransformer model = ml
            .MulticlassClassification.Trainers.VideoMae(options)
            .Fit(prepare.Transform(clips));
        Assert.IsGreaterThan(losses.Min(), losses[^1], "the test needs a run whose last epoch is not its best");

        double scored = ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet)).LogLoss;
        Assert.AreEqual(keep ? losses.Min() : losses[^1], scored, 1e-4);
    }

    [TestMethod]
    public void MovingAverage_IsWhatValidatesAndScores()
    {
        VideoMaeTrainer.Options options = TestClips.Options(3);
        options.ValidationFraction = 0.25f;
        options.KeepBestWeights = false;
        byte[] last = _run.Weights(options);
        options.EmaDecay = 0.99f;
        byte[] averaged = _run.Weights(options);
        CollectionAssert.AreNotEqual(last, averaged);
    }

    [TestMethod]
    public void GroupColumn_OfAnotherType_IsNamed()
    {
        var ml = new MLContext(1);
        IDataView data = Trainers.VideoMaeTrainerTests.Prepare(ml, TestClips.Load(ml));
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.GroupColumnName = "Video";
        string message = Assert
            .ThrowsExactly<ArgumentOutOfRangeException>(() => ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data))
            .Message;
        StringAssert.Contains(message, "group column 'Video'");
        StringAssert.Contains(message, "String or Key<UInt32>");
    }

    [TestMethod]
    public void GroupColumn_ReachesTheSplit()
    {
        var ml = new MLContext(1);
        // All clips of a class are one group: there is nothing to split.
        IDataView data = ml
            .Transforms.CopyColumns("Source", "Label")
            .Append(ml.Transforms.Conversion.MapValueToKey("Source"))
            .Fit(TestClips.Load(ml))
            .Transform(TestClips.Load(ml));
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.GroupColumnName = "Source";
        options.ValidationFraction = 0.3f;
        string message = Assert.ThrowsExactly<InvalidOperationException>(
            () => ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Trainers.VideoMaeTrainerTests.Prepare(ml, data))).Message;
        StringAssert.Contains(message, "every class has only one group");
    }

    [TestMethod]
    public void OptionsAgainstEachOther_AreAllListed()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.EarlyStoppingPatience = 3;
        options.FineTuning = FineTuningMode.LinearProbe;
        options.EmaDecay = 1;
        options.Mixup = -1;
        string message = Assert
            .ThrowsExactly<ArgumentOutOfRangeException>(() => new MLContext(1).MulticlassClassification.Trainers.VideoMae(options))
            .Message;
        foreach (string name in new[] { "EarlyStoppingPatience", "FineTuning", "EmaDecay", "Mixup" })
            StringAssert.Contains(message, $"{name} is ");
    }
}
