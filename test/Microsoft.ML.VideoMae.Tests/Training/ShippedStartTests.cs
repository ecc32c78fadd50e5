// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Tests.Trainers;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>What a trainer starts from where its options name no weights.</summary>
[TestClass]
public sealed partial class ShippedStartTests
{
    private const string Taken = "starts from the weights of the package Microsoft.ML.VideoMae.Weights, pre-trained on generated videos " +
        "(licence MIT). "
        + "PretrainedModel = \"none\" starts from nothing.";

    private readonly MLContext _ml = new(1);
    private readonly List<string> _log = [];

    public ShippedStartTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    [TestMethod]
    public void NothingGiven_TakesThem_AndSaysSo()
    {
        using VideoMaeClassificationTransformer model = Fit(Options());
        Assert.HasCount(1, _log.Where(m => m.Contains(Taken)));
        Assert.HasCount(1, _log.Where(m => m.Contains("Full training: the checkpoint was trained without labels.")));
        Assert.IsTrue(_log.Any(m => m.Contains("peak learning rate 1.9e-4, layer decay 1.00")), string.Join("\n", _log));
        Assert.AreEqual((192, 4, true), (model.Config.HiddenSize, model.Config.TubeletSize, model.Config.UseNormedMeanPooling));
        Assert.AreEqual(new UniformFrameSampler(16, isRegular: true), model.Sampler);
        Assert.AreEqual(ShippedWeights.For(null)!.ToString(), model.ModelCard!.Settings["PretrainedModel"]);
        Assert.Contains("(MIT)", model.ModelCard.ToString());
    }

    [TestMethod]
    public void Preset_TakesThemToo()
    {
        VideoMaeTrainer.Options options = Options();
        options.Config = VideoMaeConfig.CpuMotion;
        Fit(options).Dispose();
        Assert.IsTrue(_log.Any(m => m.Contains(Taken)));
    }

    [TestMethod]
    public void SmallerPreset_HasWeightsOfItsOwn()
    {
        VideoMaeTrainer.Options options = Options();
        options.Config = VideoMaeConfig.CpuMotionTiny;
        using VideoMaeClassificationTransformer model = Fit(options);
        Assert.IsTrue(_log.Any(m => m.Contains($"the model VideoMaeConfig.CpuMotionTiny {Taken}")), string.Join("\n", _log));
        Assert.AreEqual((128, 32, true), (model.Config.HiddenSize, model.Config.ImageSize.Width, model.Config.UseNormedMeanPooling));
        Assert.StartsWith("Microsoft.ML.VideoMae.Weights/cpu-motion-tiny (MIT)", model.ModelCard!.Settings["PretrainedModel"]);
    }

    [TestMethod]
    public void Name_TakesTheSameStartAsThePreset()
    {
        VideoMaeTrainer.Options byName = Options(), byPreset = Options();
        byName.PretrainedModel = "CPU-motion-tiny";
        byPreset.Config = VideoMaeConfig.CpuMotionTiny;
        (VideoMaeTrainerOptions named, VideoMaeTrainerOptions preset) = (Choose(byName).Options, Choose(byPreset).Options);
        Assert.AreEqual(preset.PretrainedModel, named.PretrainedModel);
        Assert.AreEqual(
            (preset.LearningRate, preset.LinearProbeFirst, preset.Sampler), (named.LearningRate, named.LinearProbeFirst, named.Sampler));
        Assert.IsTrue(_log.Any(m => m.Contains("The model VideoMaeConfig.CpuMotionTiny starts from")));
        byName.Config = VideoMaeConfig.CpuMotionTiny;
        Assert.Contains(
            "Config",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(byName)).Message);
    }

    [TestMethod]
    public void None_StartsFromNothing()
    {
        VideoMaeTrainer.Options options = Options();
        options.PretrainedModel = "none";
        using VideoMaeClassificationTransformer model = Fit(options);
        Assert.AreEqual(VideoMaeConfig.CpuTiny.HiddenSize, model.Config.HiddenSize);
        Assert.IsFalse(_log.Any(m => m.Contains(ShippedWeights.Package)), string.Join("\n", _log));
        Assert.IsTrue(_log.Any(m => m.Contains("is trained from scratch")));
    }

    [TestMethod]
    public void AnotherConfig_StartsFromNothing_AndSaysWhatToTry()
    {
        Fit(TestClips.Options(1)).Dispose();
        Assert.HasCount(
            1,
            _log.Where(m => m.Contains(
                "has weights for VideoMaeConfig.CpuMotion and VideoMaeConfig.CpuMotionTiny alone, and Config is another model")));
    }

    [TestMethod]
    public void Probe_NeedsWeights()
    {
        VideoMaeTrainer.Options options = Options();
        options.FineTuning = FineTuningMode.LinearProbe;
        Fit(options).Dispose();
        Assert.IsTrue(_log.Any(m => m.Contains("LinearProbe training: as the options say")));
        options.PretrainedModel = "none";
        Assert.Contains(
            "FineTuning",
            Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)).Message);
    }

    [TestMethod]
    public void RunOfAnEarlierVersion_GoesOnAsItWas()
    {
        string workspace = TestClips.NewFolder();
        VideoMaeTrainer.Options options = Options();
        options.WorkspacePath = workspace;
        ShippedStart fresh = Choose(options);
        Assert.IsTrue(_log.Any(m => m.Contains(Taken)));
        Assert.AreNotEqual("0123456789abcdef", fresh.RunName, "The name of a run from shipped weights holds their hash.");
        Assert.AreEqual(fresh.RunName, Choose(options).RunName);

        // Without the package, the run that PretrainedModel = null named started from nothing, and left its folder.
        Directory.CreateDirectory(Path.Combine(workspace, "0123456789abcdef"));
        ShippedStart former = Choose(options);
        Assert.AreEqual(("0123456789abcdef", null), (former.RunName, former.Options.Checkpoint));
        Assert.IsTrue(_log.Any(m => m.Contains("it goes on like that, without the weights")));
    }

    [TestMethod]
    public void WithoutThePackage_OneLineSaysWhatToAdd()
    {
        ShippedStart start = Choose(Options(), isThere: false);
        Assert.AreEqual(("0123456789abcdef", null), (start.RunName, start.Options.Checkpoint));
        Assert.IsNull(start.Asked.PretrainedModel, "A card says what the user gave.");
        Assert.HasCount(1, _log.Where(m => m.Contains("The package Microsoft.ML.VideoMae.Weights (licence MIT) would give a start")));
    }

    [TestMethod]
    [DataRow(12, 900)] // 12 clips make a step.
    [DataRow(337, 41)] // 22 steps an epoch
    [DataRow(30_000, 1)]
    public void WhatIsLeftOpen_SuitsTheWeights(int clips, int epochs)
    {
        VideoMaeTrainerOptions chosen = Choose(new VideoMaeTrainer.Options(), clips: clips).Options;
        Assert.AreEqual(epochs, chosen.NumberOfEpochs);
        Assert.AreEqual((1f, 1f, 0.1f, 0.3f), (chosen.MinCropArea, chosen.MaxCropRatio, chosen.MaxShift, chosen.BrightnessJitter));
        Assert.AreEqual(new UniformFrameSampler(16, isRegular: true), chosen.Sampler);
        Assert.IsTrue(chosen.LinearProbeFirst);
        Assert.AreEqual(2.5e-4 / 16 * Math.Min(16, clips), chosen.LearningRate!.Value, 1e-9);
    }

    [TestMethod]
    [DataRow(300, null, null, false)] // 60 clips are validated on.
    [DataRow(300, null, 5, true)]
    [DataRow(300, true, null, true)]
    [DataRow(600, null, null, true)]
    public void FewValidationClips_DoNotChooseTheEpoch(int clips, bool? given, int? patience, bool expected)
    {
        var options = new VideoMaeTrainer.Options { ValidationFraction = 0.2f, KeepBestWeights = given, EarlyStoppingPatience = patience };
        Assert.AreEqual(expected, Choose(options, clips: clips).Options.KeepBestWeights);
        Assert.AreEqual(!expected, _log.Any(m => m.Contains("About 60 clips are validated on, too few to tell which epoch is best")));
    }

    [TestMethod]
    public void WithoutTheWeights_TheDefaultsAreThoseOfTrainingFromScratch()
    {
        var options = new VideoMaeTrainer.Options { PretrainedModel = "none" };
        VideoMaeTrainerOptions chosen = Choose(options, isThere: false).Options;
        Assert.AreEqual((null, null, null, null), (chosen.NumberOfEpochs, chosen.MinCropArea, chosen.MaxShift, chosen.Sampler));
        var recipe = new FineTuningRecipe(chosen, isProbe: false, mirrors: false, 12, new RandomStreams(1));
        Assert.AreEqual((60, 60), (recipe.NumberOfEpochs, recipe.TotalSteps));
    }

    [TestMethod]
    public void OptionsThatAreGiven_StayAsTheyAre()
    {
        VideoMaeTrainer.Options options = Options();
        (options.LearningRate, options.LayerDecay) = (0.5f, 0.25f);
        (options.MinCropArea, options.MaxCropRatio, options.MaxShift, options.BrightnessJitter) = (0.5f, 2, 0, 0);
        options.Sampler = new DenseFrameSampler(16, 2);
        VideoMaeTrainerOptions chosen = Choose(options).Options;
        Assert.AreEqual((0.5f, 2f, 0f, 0f), (chosen.MinCropArea, chosen.MaxCropRatio, chosen.MaxShift, chosen.BrightnessJitter));
        Assert.AreEqual((1, options.Sampler), (chosen.NumberOfEpochs, chosen.Sampler));
        Assert.AreEqual((0.5f, 0.25f, ShippedWeights.For(null)!.Folder), (chosen.LearningRate, chosen.LayerDecay, chosen.PretrainedModel));
        Assert.IsNull(options.PretrainedModel, "The user's own options are not changed.");
    }

    private ShippedStart Choose(VideoMaeTrainer.Options options, bool isThere = true, int clips = 12)
    {
        using IChannel channel = ((IHostEnvironment)_ml).Register("test").Start("test");
        const string name = "0123456789abcdef";
        return isThere ? ShippedStart.Of(options, name, clips, validationClips: 0, channel)
            : ShippedStart.Choose(options, weights: null, isPackageThere: false, name, clips, validationClips: 0, channel);
    }

    private VideoMaeClassificationTransformer Fit(VideoMaeTrainer.Options options) =>
        _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));

    private static VideoMaeTrainer.Options Options() => new() { NumberOfEpochs = 1, Seed = 1 };
}
