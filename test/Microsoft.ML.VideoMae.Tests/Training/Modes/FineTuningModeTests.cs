// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.Modes;

[TestClass]
public sealed class FineTuningModeTests
{
    private const string Checkpoint = "tiny/pretraining";
    private readonly RunHelper _run = new();

    private static VideoMaeTrainer.Options Options(FineTuningMode mode, int epochs)
    {
        VideoMaeTrainer.Options options = TestClips.Options(epochs);
        options.Config = null;
        options.PretrainedModel = ReferenceFiles.Path(Checkpoint);
        options.FineTuning = mode;
        return options;
    }

    [TestMethod]
    [DataRow(FineTuningMode.Full, 0)]
    [DataRow(FineTuningMode.LastBlocks, 2)]
    [DataRow(FineTuningMode.LinearProbe, 3)]
    [DataRow(FineTuningMode.AttentiveProbe, 3)]
    public void FrozenWeights_StayAsTheyAre(FineTuningMode mode, int frozenBlocks)
    {
        VideoMaeTrainer.Options options = Options(mode, 2);
        options.TrainedBlocks = 1;
        using VideoMaeClassificationTransformer model = _run.Fit(options);
        using SafetensorsContent before = SafetensorsReader.Load(Path.Combine(ReferenceFiles.Path(Checkpoint), "model.safetensors"));
        byte[] bytes = RunHelper.WeightsOf(model);
        using SafetensorsContent after = SafetensorsReader.Load(new MemoryStream(bytes), bytes.Length);
        foreach (string name in after.Tensors.Keys.Where(k => k.StartsWith("videomae.")))
        {
            bool frozen = ParameterGroups.LayerOf(name, 3) <= frozenBlocks && frozenBlocks > 0;
            using Tensor same = before.Tensors[name].eq(after.Tensors[name]).all();
            Assert.AreEqual(frozen, same.item<bool>(), name);
        }
    }

    [TestMethod]
    [DataRow(FineTuningMode.LastBlocks)]
    [DataRow(FineTuningMode.LinearProbe)]
    [DataRow(FineTuningMode.AttentiveProbe)]
    public void EveryMode_LearnsAndRoundTrips(FineTuningMode mode)
    {
        var ml = new MLContext(1);
        VideoMaeTrainer.Options options = Options(mode, 30);
        IDataView data = TestClips.Load(ml);
        ITransformer model = TestClips.Pipeline(ml, options).Fit(data);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(data));
        Assert.AreEqual(1, metrics.MicroAccuracy);

        using var zip = new MemoryStream();
        ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        MulticlassClassificationMetrics again = ml.MulticlassClassification.Evaluate(ml.Model.Load(zip, out _).Transform(data));
        Assert.AreEqual(metrics.LogLoss, again.LogLoss, 1e-6);
    }

    [TestMethod]
    [DataRow(FineTuningMode.LinearProbe)]
    [DataRow(FineTuningMode.AttentiveProbe)]
    public void Probe_TrainsOnWhatTheModelScoresWith(FineTuningMode mode)
    {
        // The loss that validation reports on kept features is the loss that scoring the clips gives.
        var ml = new MLContext(1);
        VideoMaeTrainer.Options options = Options(mode, 3);
        IDataView data = Trainers.VideoMaeTrainerTests.Prepare(ml, TestClips.Load(ml));
        options.ValidationSet = data;
        options.KeepBestWeights = false;
        VideoMaeMetrics? last = null;
        options.MetricsCallback = m => last = m;
        using VideoMaeClassificationTransformer model = ml.MulticlassClassification.Trainers.VideoMae(options).Fit(data);
        double tolerance = mode == FineTuningMode.LinearProbe ? 1e-5 : 2e-3; // Tokens are kept in 16 bits.
        Assert.AreEqual(ml.MulticlassClassification.Evaluate(model.Transform(data)).LogLoss, last!.ValidationLoss!.Value, tolerance);
    }

    [TestMethod]
    public void Features_AreComputedOnceAndKept()
    {
        string workspace = TestClips.NewFolder();
        VideoMaeTrainer.Options options = Options(FineTuningMode.LinearProbe, 2);
        options.WorkspacePath = workspace;
        _run.Fit(options).Dispose();
        options.LearningRate = 1e-3f; // Another run over the same features.
        _run.Fit(options).Dispose();
        Directory.Delete(workspace, recursive: true);
        Assert.ContainsSingle(_run.Log.Where(m => m.Contains("Computing the features of 12 clips")));
        Assert.ContainsSingle(_run.Log.Where(m => m.Contains("are there from an earlier run")));
    }

    [TestMethod]
    public void Auto_SaysWhatItChoseAndWhy()
    {
        _run.Fit(Options(FineTuningMode.Auto, 1)).Dispose();
        Assert.IsTrue(
            _run.Log.Any(m => m.Contains("Full training: the checkpoint was trained without labels")), string.Join("\n", _run.Log));
        _run.Fit(TestClips.Options(1)).Dispose();
        Assert.IsTrue(_run.Log.Any(m => m.Contains("Full training: there is no pretrained model")));
    }

    [TestMethod]
    public void Auto_ChoosesByClipsAndCheckpoint()
    {
        var options = new VideoMaeTrainer.Options { PretrainedModel = "x" };
        VideoMaeConfig big = VideoMaeConfig.Base with { NumLabels = 5 }, small = VideoMaeConfig.CpuTiny with { NumLabels = 5 };
        Assert.AreEqual(FineTuningMode.Full, FineTuningPlan.Choose(options, big, isFineTuned: true, 5000).Mode);
        Assert.AreEqual(FineTuningMode.Full, FineTuningPlan.Choose(options, big, isFineTuned: false, 5000).Mode);
        Assert.AreEqual(FineTuningMode.LinearProbe, FineTuningPlan.Choose(options, big, isFineTuned: true, 49).Mode);
        Assert.AreEqual(FineTuningMode.LinearProbe, FineTuningPlan.Choose(options, small, isFineTuned: true, 49).Mode);
        Assert.AreEqual(FineTuningMode.Full, FineTuningPlan.Choose(options, small, isFineTuned: true, 50).Mode);
        Assert.AreEqual(FineTuningMode.Full, FineTuningPlan.Choose(options, small, isFineTuned: false, 20).Mode);
    }

    [TestMethod]
    public void LongTraining_IsWarnedOf_WithWhatTakesLess()
    {
        var options = new VideoMaeTrainer.Options { PretrainedModel = "x" };
        VideoMaeConfig big = VideoMaeConfig.Base with { NumLabels = 5 }, small = VideoMaeConfig.CpuTiny with { NumLabels = 5 };
        string? Warning(VideoMaeConfig config, bool isFineTuned, int clips, int processors) =>
            FineTuningPlan.Choose(options, config, isFineTuned, clips).WarningOfTime(options, config, isFineTuned, clips, processors);
        Assert.AreEqual(361e9, FineTuningPlan.ForwardFlops(VideoMaeConfig.Base), 5e9); // 180.4 GMAC with the patch embedding
        // 3 * 357e9 operations, 5000 clips, 60 epochs, at 100e9 a second, which is 893 hours.
        StringAssert.Matches(Warning(big, false, 5000, 2), new System.Text.RegularExpressions.Regex("about 89[0-9] hours on the 2 " +
            "processors here.*AttentiveProbe"));
        Assert.Contains("LinearProbe", Warning(big, true, 5000, 2)!);
        Assert.IsNull(Warning(big, false, 5000, 1000));
        Assert.IsNull(Warning(small, false, 500, 2));
        Assert.IsNull(Warning(big, true, 49, 2), "it is a probe");
        options.PretrainedModel = null;
        Assert.Contains("smaller Config", Warning(big, false, 5000, 2)!);
    }

    [TestMethod]
    public void FeatureStore_KeepsWholeRowsOnly()
    {
        string folder = TestClips.NewFolder(), path = Path.Combine(folder, "f.bin");
        using (var store = new FeatureStore(path, 3, 4, half: false))
            store.Write(1, [1, 2, 3, 4]);
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 2 * (4 * sizeof(float) + 4); // The last row is torn.
            file.Write([1, 2, 3, 4, 5]);
        }

        using (var store = new FeatureStore(path, 3, 4, half: false))
        {
            CollectionAssert.AreEqual(new[] { false, true, false }, Enumerable.Range(0, 3).Select(store.Has).ToArray());
            var row = new float[4];
            store.Read(1, row);
            CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, row);
        }

        Directory.Delete(folder, recursive: true);
    }
}
