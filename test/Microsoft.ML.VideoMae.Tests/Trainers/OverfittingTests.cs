// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Data;
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

    /// <summary>
    /// The same picture under both labels cannot be learned. Drawn with repetition, some epochs would leave one of the two out.
    /// </summary>
    [TestMethod]
    [DataRow(ClassBalancing.None)]
    [DataRow(ClassBalancing.Weights)]
    [DataRow(ClassBalancing.Sampling)]
    public void Contradiction_IsFoundWhateverTheBalancing(ClassBalancing balancing)
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.ClassBalancing = balancing;
        string[] paths =
        [TestClips.Animation("blue", 1), TestClips.Animation("blue", 2), TestClips.Animation("red", 1), TestClips.Animation("blue", 1)];
        IDataView data = VideoMaeTrainerTests.Prepare(
            _ml,
            _ml.Data.LoadFromEnumerable(paths.Select((path, i) => new VideoPath { Path = path, Label = i < 2 ? "blue" : "red" })));
        VideoMaeOverfitReport report = _ml
            .MulticlassClassification.Trainers.VideoMae(options)
            .CheckOverfitting(data, numberOfClips: 4, numberOfEpochs: 40);
        Assert.IsFalse(report.Succeeded, report.ToString());
        Assert.AreEqual(40, report.Epochs);
        Assert.IsGreaterThanOrEqualTo(0.5, report.Accuracy);
    }

    [TestMethod]
    public void UnreadableClip_IsNamedAndNotCountedAsLearned()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.MaxSkippedFraction = 1;
        string[] paths = [TestClips.Animation("blue", 1), TestClips.Animation("red", 1), "gone.mp4"];
        IDataView data = VideoMaeTrainerTests.Prepare(_ml, _ml.Data.LoadFromEnumerable(
            paths.Select((path, i) => new VideoPath { Path = path, Label = i == 0 ? "blue" : "red" })));
        VideoMaeTrainer trainer = _ml.MulticlassClassification.Trainers.VideoMae(options);
        Assert.Contains("gone.mp4", Assert.ThrowsExactly<VideoReadException>(() => trainer.CheckOverfitting(data)).Message);
    }

    /// <summary>Options that only make learning by heart harder, or only matter afterwards, are not taken over; all others are.</summary>
    [TestMethod]
    public void Plain_KeepsWhatIsChecked()
    {
        VideoMaeTrainer.Options usual = new(), unusual = Unusual();
        VideoMaeTrainer.Options ofUsual = VideoMaeTrainer.Plain(usual, 8, 200), ofUnusual = VideoMaeTrainer.Plain(unusual, 8, 200);
        AssertFields(
            "ActivationCheckpointing DecodingThreads FallbackToCpu FeatureColumnName FinalLearningRateRatio FineTuning FrameCacheFolder " +
            "FrameCacheMegabytes GpuDeviceId " +
            "GradientClipNorm LabelColumnName LayerDecay LearningRate Precision PretrainedModel Resizing Seed TrainedBlocks WarmupRatio",
            field => !Same(field, usual, unusual) && Same(field, usual, ofUsual) && Same(field, unusual, ofUnusual));
        AssertFields(
            "BatchSize BrightnessJitter DropPathRate HorizontalFlip LabelSmoothing LinearProbeFirst MaxCropRatio MaxShift MinCropArea " +
            "NumberOfEpochs OnCancellation OnVideoError WeightDecay",
            field => !Same(field, usual, ofUsual));
    }

    private static void AssertFields(string expected, Predicate<FieldInfo> predicate) =>
        Assert.AreEqual(expected, string.Join(" ", Array.FindAll(Fields, predicate).Select(f => f.Name).Order(StringComparer.Ordinal)));

    private static bool Same(FieldInfo field, VideoMaeTrainer.Options a, VideoMaeTrainer.Options b) =>
        Equals(field.GetValue(a), field.GetValue(b));

    private static FieldInfo[] Fields { get; } = typeof(VideoMaeTrainer.Options).GetFields(BindingFlags.Public | BindingFlags.Instance);

    /// <summary>Options of which every simple one has another value than usual.</summary>
    private static VideoMaeTrainer.Options Unusual()
    {
        var options = new VideoMaeTrainer.Options();
        foreach (FieldInfo field in Fields)
        {
            Type type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            object? usual = field.GetValue(options);
            if (type == typeof(string))
                field.SetValue(options, "unusual");
            else if (type == typeof(bool))
                field.SetValue(options, !(usual as bool? ?? false));
            else if (type == typeof(int))
                field.SetValue(options, 7);
            else if (type == typeof(float))
                field.SetValue(options, 0.33f);
            else if (type.IsEnum)
                field.SetValue(options, Enum.GetValues(type).Cast<object>().Last(value => !value.Equals(usual)));
        }

        return options;
    }

    private sealed class VideoPath
    {
        [ColumnName("VideoPath")]
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
