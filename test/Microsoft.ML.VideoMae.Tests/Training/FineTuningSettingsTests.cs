// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

[TestClass]
public sealed class FineTuningSettingsTests
{
    [TestMethod]
    [DataRow(null, 16, 100, 1e-3)] // from scratch: 1e-3 for 16 clips
    [DataRow(null, 32, 100, 2e-3)]
    [DataRow(null, 16, 8, 5e-4)] // a batch cannot be larger than the data set
    [DataRow("checkpoint", 16, 100, 1e-3 * 16 / 256)] // the original's rule
    public void LearningRate_ScalesWithTheBatch(string? pretrained, int batchSize, int examples, double expected)
    {
        var options = new VideoMaeTrainer.Options { PretrainedModel = pretrained, BatchSize = batchSize };
        FineTuningSettings settings = FineTuningSettings.Create(options, VideoMaeConfig.CpuTiny, examples, new RandomStreams(1));
        Assert.AreEqual(expected, settings.PeakLearningRate, 1e-12);
        Assert.AreEqual(pretrained is null ? 1 : 0.75, settings.LayerDecay);
    }

    [TestMethod]
    public void Augmentation_FollowsTheOptions()
    {
        ClipAugmenterOptions augmentation = FineTuningSettings.AugmentationOf(new VideoMaeTrainer.Options
        {
            MinCropArea = 0.25f,
            MaxCropRatio = 2,
            HorizontalFlip = true,
            RandAugment = "rand-m7-n4-mstd0.5-inc1",
            RandomErasing = 0.25f,
        });
        Assert.AreEqual(
            new ClipAugmenterOptions
            {
                MinScale = 0.25,
                MinRatio = 0.5,
                MaxRatio = 2,
                FlipProbability = 0.5,
                RandAugment = "rand-m7-n4-mstd0.5-inc1",
                ErasingProbability = 0.25,
            },
            augmentation);
        Assert.AreEqual(0, FineTuningSettings.AugmentationOf(new VideoMaeTrainer.Options()).FlipProbability);
    }

    [TestMethod]
    public void Streams_DependOnEveryPart()
    {
        var streams = new RandomStreams(1);
        int first = streams.Create(RandomStreams.Purpose.Clip, 1, 1).Next();
        Assert.AreEqual(first, streams.Create(RandomStreams.Purpose.Clip, 1, 1).Next());
        Assert.AreNotEqual(first, streams.Create(RandomStreams.Purpose.Clip, 2, 1).Next());
        Assert.AreNotEqual(first, streams.Create(RandomStreams.Purpose.Clip, 1, 2).Next());
        Assert.AreNotEqual(first, streams.Create(RandomStreams.Purpose.Order, 1, 1).Next());
        Assert.AreNotEqual(first, new RandomStreams(2).Create(RandomStreams.Purpose.Clip, 1, 1).Next());
    }
}
