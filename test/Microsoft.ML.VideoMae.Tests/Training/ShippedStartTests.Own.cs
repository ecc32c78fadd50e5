// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <content>Weights of a user's own.</content>
public sealed partial class ShippedStartTests
{
    /// <summary>As build/pretrain-weights.sh makes them: an encoder of 16 bits in a folder.</summary>
    [TestMethod]
    public void OwnWeightsOfAPreset_GetWhatSuitsThem()
    {
        string folder = OwnWeights(VideoMaeConfig.CpuMotionTiny with { InitializerRange = 0.1 });
        VideoMaeTrainer.Options own = Options(), shipped = Options();
        own.PretrainedModel = folder;
        shipped.PretrainedModel = "cpu-motion-tiny";
        ShippedStart start = Choose(own);
        Assert.AreEqual((folder, folder), (start.Options.PretrainedModel, start.Asked.PretrainedModel));
        AssertSameSettings(Choose(shipped).Options, start.Options);
        Assert.HasCount(1, _log.Where(m => m.Contains($"'{folder}' holds the model VideoMaeConfig.CpuMotionTiny, trained without labels")));
        Assert.HasCount(0, _log.Where(m => m.Contains(folder) && m.Contains("licence")), "Their licence is not known.");

        using VideoMaeClassificationTransformer model = Fit(own);
        Assert.AreEqual(folder, model.ModelCard!.Settings["PretrainedModel"]);
    }

    /// <summary>What pre-training makes has a decoder, and a head for displacements where it learned these.</summary>
    [TestMethod]
    [DataRow(VideoMaePretrainingTarget.Motion)]
    [DataRow(VideoMaePretrainingTarget.Pixels)]
    public void OwnPretraining_GetsWhatSuitsThem_FromMemoryAZipAndAFolder(VideoMaePretrainingTarget target)
    {
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
        {
            Config = VideoMaeConfig.CpuMotionTiny,
            Target = target,
            NumberOfEpochs = 1,
            Seed = 1,
        }).Fit(_ml.Data.GenerateVideos(count: 4, seed: 1, frameSize: 32));
        string folder = TestClips.NewFolder(), zip = Path.Combine(folder, "model.zip");
        model.SavePretrained(folder);
        _ml.Model.Save(model, null, zip);
        VideoMaeTrainer.Options shipped = Options(), inMemory = Options(), inZip = Options(), inFolder = Options();
        shipped.PretrainedModel = "cpu-motion-tiny";
        (inMemory.PretrainedTransformer, inZip.PretrainedModel, inFolder.PretrainedModel) = (model, zip, folder);
        VideoMaeTrainerOptions like = Choose(shipped).Options;
        foreach (VideoMaeTrainer.Options options in (VideoMaeTrainer.Options[])[inMemory, inZip, inFolder])
            AssertSameSettings(like, Choose(options).Options);
        Assert.HasCount(1, _log.Where(m => m.Contains("PretrainedTransformer holds the model VideoMaeConfig.CpuMotionTiny, trained")));
        Assert.HasCount(1, _log.Where(m => m.Contains($"'{zip}' holds the model VideoMaeConfig.CpuMotionTiny, trained without labels")));

        using VideoMaeClassificationTransformer trained = Fit(inMemory);
        Assert.AreEqual((true, false), (trained.Config.UseNormedMeanPooling, trained.Config.UseMeanPooling));
    }

    /// <summary>Shipped weights that went on with videos of one's own are such weights too.</summary>
    [TestMethod]
    public void ShippedWeightsThatWentOn_GetWhatSuitsThem()
    {
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
        {
            PretrainedModel = "cpu-motion",
            Target = VideoMaePretrainingTarget.Motion,
            NumberOfEpochs = 1,
            Seed = 1,
        }).Fit(_ml.Data.GenerateVideos(count: 4, seed: 1, frameSize: 64));
        VideoMaeTrainer.Options options = Options();
        options.PretrainedTransformer = model;
        AssertSameSettings(Choose(Options()).Options, Choose(options).Options);
    }

    [TestMethod]
    public void OwnWeightsOfAnEarlierRun_GoOnAsTheyWere()
    {
        VideoMaeTrainer.Options options = Options();
        (options.PretrainedModel, options.WorkspacePath) = (OwnWeights(VideoMaeConfig.CpuMotionTiny), TestClips.NewFolder());
        Assert.AreNotEqual("0123456789abcdef", Choose(options).RunName);
        Directory.CreateDirectory(Path.Combine(options.WorkspacePath, "0123456789abcdef"));
        ShippedStart former = Choose(options);
        Assert.AreEqual(("0123456789abcdef", null), (former.RunName, former.Options.LinearProbeFirst));
    }

    [TestMethod]
    public void OwnWeightsOfAnotherModel_GetTheDefaults()
    {
        VideoMaeTrainer.Options options = Options();
        options.PretrainedModel = OwnWeights(VideoMaeConfig.CpuMotionTiny with { NumHiddenLayers = 2 });
        ShippedStart start = Choose(options);
        Assert.AreEqual(("0123456789abcdef", null), (start.RunName, start.Options.LinearProbeFirst));
        string config = Path.Combine(options.PretrainedModel, "config.json");
        File.WriteAllText(config, "{");
        Assert.Contains(config, Assert.Throws<InvalidDataException>(() => Fit(options)).Message);
    }

    /// <summary>Labels were seen: such a model is a start of another kind.</summary>
    [TestMethod]
    public void OwnClassifier_GetsTheDefaults()
    {
        VideoMaeTrainer.Options options = Options();
        options.PretrainedModel = TestClips.NewFolder();
        using (var model = new VideoMaeForVideoClassification(VideoMaeConfig.CpuMotionTiny.WithLabels(["a", "b"])))
            model.SavePretrained(options.PretrainedModel);
        Assert.IsNull(Choose(options).Options.LinearProbeFirst);
    }

    private static void AssertSameSettings(VideoMaeTrainerOptions expected, VideoMaeTrainerOptions actual)
    {
        Assert.IsTrue(actual.LinearProbeFirst);
        Assert.AreEqual(
            (expected.LearningRate, expected.LayerDecay, expected.Sampler, expected.MaxShift, expected.MinCropArea),
            (actual.LearningRate, actual.LayerDecay, actual.Sampler, actual.MaxShift, actual.MinCropArea));
    }

    private static string OwnWeights(VideoMaeConfig config)
    {
        string folder = TestClips.NewFolder();
        using var model = new VideoMaeModel(config);
        model.SavePretrained(folder, ScalarType.Float16);
        return folder;
    }
}
