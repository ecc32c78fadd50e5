// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <content>Weights of a user's own, in a folder.</content>
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
        VideoMaeTrainerOptions like = Choose(shipped).Options;
        Assert.AreEqual((folder, folder), (start.Options.PretrainedModel, start.Asked.PretrainedModel));
        Assert.AreEqual(
            (like.LearningRate, like.LayerDecay, true, like.Sampler, like.MaxShift, like.MinCropArea),
            (start.Options.LearningRate, start.Options.LayerDecay, start.Options.LinearProbeFirst, start.Options.Sampler,
                start.Options.MaxShift, start.Options.MinCropArea));
        Assert.HasCount(1, _log.Where(m => m.Contains($"'{folder}' holds the model VideoMaeConfig.CpuMotionTiny, trained without labels")));
        Assert.HasCount(0, _log.Where(m => m.Contains(folder) && m.Contains("licence")), "Their licence is not known.");

        using VideoMaeClassificationTransformer model = Fit(own);
        Assert.AreEqual(folder, model.ModelCard!.Settings["PretrainedModel"]);
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
        Assert.IsNull(ShippedWeights.OwnIn(options.PretrainedModel), "What is wrong with it is told where it is loaded.");
        Assert.Contains(config, Assert.Throws<InvalidDataException>(() => Fit(options)).Message);
    }

    /// <summary>Labels were seen: such a model is a start of another kind.</summary>
    [TestMethod]
    public void OwnClassifier_GetsTheDefaults()
    {
        string folder = TestClips.NewFolder();
        using (var model = new VideoMaeForVideoClassification(VideoMaeConfig.CpuMotionTiny.WithLabels(["a", "b"])))
            model.SavePretrained(folder);
        Assert.IsNull(ShippedWeights.OwnIn(folder));
    }

    private static string OwnWeights(VideoMaeConfig config)
    {
        string folder = TestClips.NewFolder();
        using var model = new VideoMaeModel(config);
        model.SavePretrained(folder, ScalarType.Float16);
        return folder;
    }
}
