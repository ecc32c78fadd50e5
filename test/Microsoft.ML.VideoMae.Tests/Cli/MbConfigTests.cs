// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli;
using VideoMaeCli.Generated;
using VideoMaeCli.Training;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>A .mbconfig moves with the data set that lies beside it.</summary>
[TestClass]
public sealed class MbConfigTests
{
    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void PathsAtOrBelowTheFile_MoveWithIt()
    {
        string project = Path.Combine(_folder, "proj"), moved = Path.Combine(_folder, "moved");
        Directory.CreateDirectory(Path.Combine(project, "data", "train"));
        File.WriteAllText(Path.Combine(project, "weights.zip"), "");
        File.WriteAllText(Path.Combine(project, "..data.csv"), "");
        Write(project, new TrainSettings
        {
            Dataset = Path.Combine(project, "data", "train"),
            ValidationDataset = Path.Combine(project, "..data.csv"),
            Options = Given(("PretrainedModel", Path.Combine(project, "weights.zip"))),
            List = new ListSettings { Separator = "tab", PathColumn = "2" },
        });
        Directory.Move(project, moved);
        TrainSettings read = MbConfig.Read(Path.Combine(moved, "m.mbconfig"));
        Assert.AreEqual(Path.Combine(moved, "data", "train"), read.Dataset);
        Assert.AreEqual(Path.Combine(moved, "..data.csv"), read.ValidationDataset);
        Assert.AreEqual(Path.Combine(moved, "weights.zip"), read.Options["PretrainedModel"]);
        Assert.AreEqual(new ListSettings { Separator = "tab", PathColumn = "2" }, read.List);
    }

    [TestMethod]
    public void DataSetThatIsTheFolder_MovesWithIt()
    {
        string project = Directory.CreateDirectory(Path.Combine(_folder, "proj")).FullName, moved = Path.Combine(_folder, "moved");
        Write(project, new TrainSettings { Dataset = project });
        Directory.Move(project, moved);
        Assert.AreEqual(moved, Path.TrimEndingDirectorySeparator(MbConfig.Read(Path.Combine(moved, "m.mbconfig")).Dataset));
    }

    [TestMethod]
    public void OtherPathsAndIdsOfTheHub_StayAsTheyAre()
    {
        string project = Directory.CreateDirectory(Path.Combine(_folder, "proj")).FullName,
            data = Directory.CreateDirectory(Path.Combine(_folder, "project-data")).FullName;
        Write(project, new TrainSettings { Dataset = data, Options = Given(("PretrainedModel", "MCG-NJU/videomae-base")) });
        TrainSettings read = MbConfig.Read(Path.Combine(project, "m.mbconfig"));
        Assert.AreEqual(data, read.Dataset);
        Assert.AreEqual("MCG-NJU/videomae-base", read.Options["PretrainedModel"]);
    }

    /// <summary>Files of before hold absolute paths, and say nothing of lists.</summary>
    [TestMethod]
    public void AbsolutePath_IsRead()
    {
        string config = Path.Combine(_folder, "old.mbconfig"),
            data = Path.Combine(_folder, "data");
        File.WriteAllText(
            config, $$$"""
            { "Type": "TrainingConfig", "Version": 1, "Scenario": "VideoClassification", "DataSource": { "Type": "Folder", "Path": {{{JsonSerializer.Serialize(
                data
            )}}} },
              "TrainingOption": { "FineTuning": "Auto", "ValidationShare": 0.2, "Precision": "Float32", "ActivationCheckpointing": false, "Seed": 1 } }
            """);
        TrainSettings read = MbConfig.Read(config);
        Assert.AreEqual(data, read.Dataset);
        Assert.IsTrue(read.List.IsEmpty);
    }

    /// <summary>What the first version wrote, with a value for everything.</summary>
    [TestMethod]
    public void FileOfBefore_GivesTheSameOptions()
    {
        string config = Path.Combine(_folder, "old.mbconfig");
        File.WriteAllText(config, """
            { "Type": "TrainingConfig", "Version": 1, "Scenario": "VideoClassification", "DataSource": { "Type": "Folder", "Path": "./data" }, "ValidationSource": null,
              "Environment": { "Type": "LocalCPU", "Device": "cpu" },
              "TrainingOption": { "PretrainedModel": null, "FineTuning": "LastBlocks", "Epochs": 7, "BatchSize": null, "LearningRate": 0.002, "ValidationShare": 0.3, "GroupColumn": "who",
                "Patience": 4, "RandAugment": "rand-m7-n2", "Resizing": "Fill", "Precision": "BFloat16", "ActivationCheckpointing": true, "Seed": 5 } }
            """);
        TrainSettings read = MbConfig.Read(config);
        VideoMaeTrainer.Options options = (VideoMaeTrainer.Options)read.ToOptions();
        Assert.AreEqual((0.3f, "who", 5), (read.ValidationShare, read.GroupColumn, read.Seed));
        Assert.AreEqual((FineTuningMode.LastBlocks, 7, 16, 0.002f, 4),
            (options.FineTuning, options.NumberOfEpochs, options.BatchSize, options.LearningRate, options.EarlyStoppingPatience));
        Assert.AreEqual(("rand-m7-n2", FrameResizing.Fill, ComputePrecision.BFloat16, true, 5),
            (options.RandAugment, options.Resizing, options.Precision, options.ActivationCheckpointing, options.Seed));
        Assert.AreEqual(read, TrainSettings.FromJson(read.ToJson()), "a curve of before belongs to the same settings");
        Write(_folder, read);
        Assert.AreEqual(read with { Name = "m" }, MbConfig.Read(Path.Combine(_folder, "m.mbconfig")));
    }

    [TestMethod]
    [DataRow("5")]
    [DataRow("""{ "Epochs": "many", "ValidationShare": 0.2, "Seed": 1 }""")]
    [DataRow("""{ "FineTuning": "Half", "ValidationShare": 0.2, "Seed": 1 }""")]
    public void WrongOption_IsRefused(string option)
    {
        string config = Path.Combine(_folder, "wrong.mbconfig");
        File.WriteAllText(config, $$"""
            { "Type": "TrainingConfig", "Version": 1, "Scenario": "VideoClassification", "DataSource": { "Type": "Folder", "Path": "./data" }, "TrainingOption": {{option}} }
            """);
        Assert.Contains(config, Assert.ThrowsExactly<InvalidDataException>(() => MbConfig.Read(config)).Message);
    }

    private static OptionValues Given(params (string Name, object? Value)[] values) => new(values.ToDictionary(v => v.Name, v => v.Value));

    private static void Write(string folder, TrainSettings settings) =>
        File.WriteAllText(Path.Combine(folder, "m.mbconfig"), MbConfig.Write(settings, folder));
}
