// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

[TestClass]
public sealed class FineTuningRecipeTests
{
    [TestMethod]
    [DataRow(null, 16, 100, 1e-3)] // from scratch: 1e-3 for 16 clips
    [DataRow(null, 32, 100, 2e-3)]
    [DataRow(null, 16, 8, 5e-4)] // a batch cannot be larger than the data set
    [DataRow("checkpoint", 16, 100, 1e-3 * 16 / 256)] // the original's rule
    public void LearningRate_ScalesWithTheBatch(string? pretrained, int batchSize, int examples, double expected)
    {
        var options = new VideoMaeTrainer.Options { PretrainedModel = pretrained, BatchSize = batchSize };
        FineTuningRecipe recipe = new(options, isProbe: false, mirrors: false, examples, new RandomStreams(1));
        Assert.AreEqual(expected, recipe.PeakLearningRate, 1e-12);
        Assert.AreEqual(pretrained is null ? 1 : 0.75, recipe.LayerDecay);
    }

    [TestMethod]
    public void LearningRate_ScalesWithAllClipsOfAStep()
    {
        var options = new VideoMaeTrainer.Options { BatchSize = 8, GradientAccumulation = 4 };
        FineTuningRecipe recipe = new(options, isProbe: false, mirrors: false, 100, new RandomStreams(1));
        Assert.AreEqual(2e-3, recipe.PeakLearningRate, 1e-12);
        Assert.AreEqual(4, recipe.StepsPerEpoch); // 13 batches
    }

    [TestMethod]
    public void WeightDecay_GoesAlongHalfACosine()
    {
        var options = new VideoMaeTrainer.Options { NumberOfEpochs = 10, BatchSize = 10, WeightDecay = 0.1f, FinalWeightDecay = 0.5f };
        FineTuningRecipe recipe = new(options, isProbe: false, mirrors: false, 100, new RandomStreams(1));
        Assert.AreEqual(0.1, recipe.WeightDecay(0), 1e-6);
        Assert.AreEqual(0.3, recipe.WeightDecay(50), 1e-6);
        Assert.AreEqual(0.5, recipe.WeightDecay(100), 1e-6);
        options.FinalWeightDecay = null;
        Assert.AreEqual(0.1, new FineTuningRecipe(options, false, false, 100, new RandomStreams(1)).WeightDecay(70), 1e-6);
    }

    [TestMethod]
    public void Augmentation_FollowsTheOptions()
    {
        ClipAugmenterOptions augmentation = FineTuningRecipe.AugmentationOf(new VideoMaeTrainer.Options
        {
            MinCropArea = 0.25f,
            MaxCropRatio = 2,
            MaxShift = 0.125f,
            BrightnessJitter = 0.25f,
            RandAugment = "rand-m7-n4-mstd0.5-inc1",
            RandomErasing = 0.25f,
        }, mirrors: true);
        Assert.AreEqual(
            new ClipAugmenterOptions
            {
                MinScale = 0.25,
                MinRatio = 0.5,
                MaxRatio = 2,
                MaxShift = 0.125,
                Brightness = 0.25,
                FlipProbability = 0.5,
                RandAugment = "rand-m7-n4-mstd0.5-inc1",
                ErasingProbability = 0.25,
            },
            augmentation);
        Assert.AreEqual(
            new ClipAugmenterOptions { MinScale = 0.5, MinRatio = 1 / (4 / 3f), MaxRatio = 4 / 3f, FlipProbability = 0 },
            FineTuningRecipe.AugmentationOf(new VideoMaeTrainer.Options(), mirrors: false));
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
