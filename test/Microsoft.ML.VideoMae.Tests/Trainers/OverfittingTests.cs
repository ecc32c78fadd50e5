// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class OverfittingTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void EightClips_AreLearnedByHeart()
    {
        VideoMaeOverfitReport report = _ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1))
            .CheckOverfitting(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
        Assert.IsTrue(report.Succeeded, report.ToString());
        Assert.AreEqual(8, report.Clips);
        Assert.IsLessThan(200, report.Epochs);
        StringAssert.Contains(report.ToString(), "learned by heart");
    }

    [TestMethod]
    public void SettingsThatCannotLearn_AreFound()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.LearningRate = 1e-12f;
        VideoMaeOverfitReport report = _ml.MulticlassClassification.Trainers.VideoMae(options)
            .CheckOverfitting(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)), numberOfClips: 4, numberOfEpochs: 3);
        Assert.IsFalse(report.Succeeded);
        Assert.AreEqual(3, report.Epochs);
        StringAssert.Contains(report.ToString(), "LearningRate");
    }
}
