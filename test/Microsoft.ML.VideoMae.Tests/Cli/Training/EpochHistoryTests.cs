// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Training;

namespace Microsoft.ML.VideoMae.Tests.Cli.Training;

/// <summary>A run that goes on draws its whole curve; another run does not draw it.</summary>
[TestClass]
public sealed class EpochHistoryTests
{
    private const string Epochs =
        """[{ "number": 1, "loss": 0.5, "learningRate": 0.1, "clipsPerSecond": 3, "dataWaitShare": 0, "elapsedSeconds": 2 }]""";

    private readonly string _folder = TestClips.NewFolder();

    private string File => Path.Combine(_folder, "epochs.json");

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Curve_IsKeptForTheSameSettings()
    {
        var settings = new TrainSettings { Dataset = "d", Options = OptionValues.None.With("NumberOfEpochs", 7) };
        new EpochHistory(File, settings).Add(new VideoMaeMetrics
        {
            Epoch = 1,
            NumberOfEpochs = 7,
            Loss = 0.5,
            Accuracy = null,
            LearningRate = 0.1,
            ClipsPerSecond = 3,
            DataWaitFraction = 0,
            Elapsed = default
        });
        Assert.AreEqual(0.5, new EpochHistory(File, settings).Epochs.Single().Loss);
        Assert.IsEmpty(new EpochHistory(File, settings with { Options = OptionValues.None.With("NumberOfEpochs", 8) }).Epochs);
        Assert.IsEmpty(new EpochHistory(File, settings with { Dataset = "e" }).Epochs);
    }

    /// <summary>The first version wrote every option, beside the rest.</summary>
    [TestMethod]
    public void CurveOfBefore_IsKept()
    {
        System.IO.File.WriteAllText(File, $$"""
            { "settings": { "dataset": "d", "validationDataset": null, "list": {}, "name": "videomae", "pretrainedModel": null, "fineTuning": "Auto", "epochs": 7, "batchSize": null,
              "learningRate": null, "validationShare": 0.2, "groupColumn": null, "patience": null, "randAugment": null, "resizing": null, "precision": "Float32",
              "activationCheckpointing": false, "seed": 1, "device": "cpu" }, "epochs": {{Epochs}} }
            """);
        Assert.HasCount(
            1, new EpochHistory(File, new TrainSettings { Dataset = "d", Options = OptionValues.None.With("NumberOfEpochs", 7) }).Epochs);
    }

    [TestMethod]
    [DataRow("5")]
    [DataRow("null")]
    [DataRow("""{ "dataset": "d", "epochs": "many" }""")]
    public void OtherSettings_AreAnotherRun(string settings)
    {
        System.IO.File.WriteAllText(File, $$"""{ "settings": {{settings}}, "epochs": {{Epochs}} }""");
        Assert.IsEmpty(new EpochHistory(File, new TrainSettings { Dataset = "d" }).Epochs);
    }
}
