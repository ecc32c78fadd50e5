// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Options;

/// <summary>The table that checks, flags, files and the names of runs are made of.</summary>
[TestClass]
public sealed class VideoMaeOptionTests
{
    /// <summary>
    /// What names a run whatever its value is, since the first version. Another name here would lose every stored run: see
    /// <see cref="RunIdentityPart"/>.
    /// </summary>
    private const string FirstShared =
        "ActivationCheckpointing BatchSize FeatureColumnName FinalLearningRateRatio GradientAccumulation GradientClipNorm LearningRate " +
        "MaxSkippedFraction NumberOfEpochs " +
        "OnScoringVideoError OnVideoError Precision PretrainedModel RepeatedAugmentation Resizing Sampler Seed ValidationFraction " +
        "WarmupRatio WeightDecay";

    private const string FirstFineTuning =
        "DropPathRate EarlyStoppingPatience EmaDecay FeatureViews FinalWeightDecay FineTuning FlipTest GroupColumnName HeadDropout " +
        "HorizontalFlip KeepBestWeights LabelColumnName " +
        "LayerDecay MaxCropRatio MinCropArea NumberOfTestClips NumberOfTestCrops RandAugment RandomErasing ScoreColumnName TrainedBlocks " +
        "ValidationMetric WeightStorage";

    private const string FirstPretraining = "DecoderMaskRatio MaskRatio Masking MinCropScale NumberOfTestMasks ProbeInterval " +
        "ProbeLabelColumnName";

    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(typeof(VideoMaeTrainer.Options), $"{FirstShared} {FirstFineTuning} ClassBalancing Cutmix LabelSmoothing Mixup MixupMode " +
        "MixupProbability MixupSwitchProbability PredictedLabelColumnName")]
    [DataRow(typeof(VideoMaeBinaryTrainer.Options), $"{FirstShared} {FirstFineTuning} PredictedLabelColumnName ProbabilityColumnName")]
    [DataRow(typeof(VideoMaeRegressionTrainer.Options), $"{FirstShared} {FirstFineTuning}")]
    [DataRow(typeof(VideoMaePretrainingEstimator.Options), $"{FirstShared} {FirstPretraining} OutputColumnName " +
        "ReconstructionLossColumnName")]
    [DataRow(typeof(VideoMaeAnomalyTrainer.Options), $"{FirstShared} {FirstPretraining} FalseAlarmFraction PredictedLabelColumnName " +
        "ScoreColumnName")]
    public void OptionsOfTheFirstVersion_AloneNameARunWhateverTheyAre(Type type, string expected)
    {
        IEnumerable<string> always = VideoMaeOption
            .Of(type)
            .Where(option => option.Identity == RunIdentityPart.Always)
            .Select(option => option.Name);
        Assert.AreEqual(
            string.Join(" ", expected.Split(' ').Order(StringComparer.Ordinal)), string.Join(" ", always.Order(StringComparer.Ordinal)));
    }

    /// <summary>Runs were named by these numbers before null left the choice to the trainer.</summary>
    [TestMethod]
    [DataRow("NumberOfEpochs", 60)]
    [DataRow("MinCropArea", 0.5f)]
    [DataRow("MaxCropRatio", 4 / 3f)]
    [DataRow("KeepBestWeights", true)]
    [DataRow("LearningRate", null)]
    public void Null_StandsForTheFirstDefault_InTheNamesOfRuns(string name, object? expected)
    {
        VideoMaeOption option = VideoMaeOption.Of<VideoMaeTrainer.Options>().Single(o => o.Name == name);
        Assert.IsNull(option.DefaultValue);
        Assert.AreEqual(expected, option.IdentityValue(new VideoMaeTrainer.Options()));
    }

    [TestMethod]
    [DataRow(typeof(VideoMaeTrainer.Options))]
    [DataRow(typeof(VideoMaeBinaryTrainer.Options))]
    [DataRow(typeof(VideoMaeRegressionTrainer.Options))]
    [DataRow(typeof(VideoMaePretrainingEstimator.Options))]
    [DataRow(typeof(VideoMaeAnomalyTrainer.Options))]
    public void Table_DescribesEveryField_AndDefaultsBreakNoRule(Type type)
    {
        VideoMaeOption[] table = VideoMaeOption.Of(type);
        CollectionAssert.AreEquivalent(type.GetFields(BindingFlags.Public | BindingFlags.Instance).Select(f => f.Name).ToArray(),
            table.Select(o => o.Name).ToArray());
        foreach (VideoMaeOption option in table)
        {
            Assert.EndsWith(".", option.HelpText, option.Name);
            Assert.IsNull(option.BrokenRule(option.DefaultValue), option.Name);
        }

        string[] flags = [.. table.Select(option => option.Flag).OfType<string>()];
        Assert.HasCount(flags.Length, flags.Distinct());
    }

    [TestMethod]
    [DataRow("NumberOfEpochs", 0, "NumberOfEpochs is 0, but has to be above 0.")]
    [DataRow("WarmupRatio", 1.5f, "WarmupRatio is 1.5, but has to be from 0 to 1.")]
    [DataRow("WarmupRatio", float.NaN, "WarmupRatio is NaN, but has to be from 0 to 1.")]
    [DataRow("LayerDecay", 0f, "LayerDecay is 0, but has to be above 0 and at most 1.")]
    [DataRow("EmaDecay", 1f, "EmaDecay is 1, but has to be at least 0 and below 1.")]
    [DataRow("LearningRate", -1f, "LearningRate is -1, but has to be above 0.")]
    [DataRow("MaxCropRatio", 0.5f, "MaxCropRatio is 0.5, but has to be from 1 to 10.")]
    [DataRow("MaxShift", 0.6f, "MaxShift is 0.6, but has to be from 0 to 0.5.")]
    [DataRow("BrightnessJitter", 1f, "BrightnessJitter is 1, but has to be from 0 to 0.9.")]
    [DataRow("FrameCacheMegabytes", -1, "FrameCacheMegabytes is -1, but has to be from 0 to 2147483647.")]
    [DataRow("ScoreColumnName", " ", "ScoreColumnName is  , but has to be a column name.")]
    [DataRow("FeatureColumnName", null, "FeatureColumnName is null, but has to be a column name.")]
    [DataRow("RandAugment", "x", "RandAugment is x, but ")]
    [DataRow("OnVideoError", (VideoErrorPolicy)9, "OnVideoError is 9, but has to be one of Throw, Skip.")]
    [DataRow("Resizing", (FrameResizing)9, "Resizing is 9, but has to be one of IsoCrop, Fill.")]
    [DataRow("WorkspacePath", "", "WorkspacePath is , but has to be a folder, or null.")]
    public void WrongValue_IsRefusedInTheseWords(string name, object? value, string expected)
    {
        var options = new VideoMaeTrainer.Options();
        VideoMaeOption.Of<VideoMaeTrainer.Options>().Single(option => option.Name == name).SetValue(options, value);
        Assert.Contains(
            expected,
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)).Message);
    }

    [TestMethod]
    [DataRow("MaskRatio", 1f, "MaskRatio is 1, but has to be above 0 and below 1.")]
    [DataRow("DecoderMaskRatio", 0.3f, "DecoderMaskRatio is 0.3, but has to be 0, 0.25, 0.5 or 0.75.")]
    [DataRow("MinCropScale", 0.5f, "MinCropScale is 0.5, but has to be from 0.66")]
    [DataRow("BatchSize", 0, "BatchSize is 0, but has to be above 0.")]
    [DataRow("WorkspacePath", " ", "WorkspacePath is  , but has to be a folder, or null.")]
    public void WrongValueOfPretraining_IsRefusedInTheseWords(string name, object value, string expected)
    {
        var options = new VideoMaePretrainingEstimator.Options();
        VideoMaeOption.Of<VideoMaePretrainingEstimator.Options>().Single(option => option.Name == name).SetValue(options, value);
        Assert.Contains(expected, Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.PretrainVideoMae(options)).Message);
    }

    [TestMethod]
    public void EverythingWrong_IsListedAtOnce()
    {
        var options = new VideoMaeTrainer.Options
        {
            BatchSize = -1,
            Mixup = -1,
            LabelSmoothing = 1,
            ScoreColumnName = "Score",
            PredictedLabelColumnName = "Score",
            EarlyStoppingPatience = 2,
        };
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)).Message;
        foreach (string part in (string[])
                [
                    "BatchSize is -1", "Mixup is -1", "LabelSmoothing is 1", "has to differ from PredictedLabelColumnName",
                    "there is nothing to validate on"])
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void Defaults_OfPretraining_AreItsOwn()
    {
        Dictionary<string, object?> pretraining = VideoMaeOption
            .Of<VideoMaePretrainingEstimator.Options>()
            .ToDictionary(o => o.Name, o => o.DefaultValue);
        Dictionary<string, object?> training = VideoMaeOption.Of<VideoMaeTrainer.Options>().ToDictionary(o => o.Name, o => o.DefaultValue);
        string[] differing =
        [
            .. pretraining
                .Keys.Intersect(training.Keys)
                .Where(name => !Equals(pretraining[name], training[name]))
                .Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "BatchSize", "FinalLearningRateRatio", "NumberOfEpochs", "WarmupRatio" }, differing);
        CollectionAssert.AreEqual(new object?[] { 32, 0.01f, 200, 0.05f }, differing.Select(name => pretraining[name]).ToArray());
        CollectionAssert.AreEqual(new object?[] { 16, 0.001f, null, 0.1f }, differing.Select(name => training[name]).ToArray());
    }
}
