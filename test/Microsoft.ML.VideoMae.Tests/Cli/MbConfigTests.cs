// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Text.Json;
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
            PretrainedModel = Path.Combine(project, "weights.zip"),
            List = new ListSettings { Separator = "tab", PathColumn = "2" },
        });
        Directory.Move(project, moved);
        TrainSettings read = MbConfig.Read(Path.Combine(moved, "m.mbconfig"));
        Assert.AreEqual(Path.Combine(moved, "data", "train"), read.Dataset);
        Assert.AreEqual(Path.Combine(moved, "..data.csv"), read.ValidationDataset);
        Assert.AreEqual(Path.Combine(moved, "weights.zip"), read.PretrainedModel);
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
        string project = Directory.CreateDirectory(Path.Combine(_folder, "proj")).FullName, data = Directory.CreateDirectory(Path.Combine(_folder, "project-data")).FullName;
        Write(project, new TrainSettings { Dataset = data, PretrainedModel = "MCG-NJU/videomae-base" });
        TrainSettings read = MbConfig.Read(Path.Combine(project, "m.mbconfig"));
        Assert.AreEqual(data, read.Dataset);
        Assert.AreEqual("MCG-NJU/videomae-base", read.PretrainedModel);
    }

    /// <summary>Files of before hold absolute paths, and say nothing of lists.</summary>
    [TestMethod]
    public void AbsolutePath_IsRead()
    {
        string config = Path.Combine(_folder, "old.mbconfig"), data = Path.Combine(_folder, "data");
        File.WriteAllText(config, $$$"""
            { "Type": "TrainingConfig", "Version": 1, "Scenario": "VideoClassification", "DataSource": { "Type": "Folder", "Path": {{{JsonSerializer.Serialize(data)}}} },
              "TrainingOption": { "FineTuning": "Auto", "ValidationShare": 0.2, "Precision": "Float32", "ActivationCheckpointing": false, "Seed": 1 } }
            """);
        TrainSettings read = MbConfig.Read(config);
        Assert.AreEqual(data, read.Dataset);
        Assert.IsTrue(read.List.IsEmpty);
    }

    private static void Write(string folder, TrainSettings settings) => File.WriteAllText(Path.Combine(folder, "m.mbconfig"), MbConfig.Write(settings, folder));
}
