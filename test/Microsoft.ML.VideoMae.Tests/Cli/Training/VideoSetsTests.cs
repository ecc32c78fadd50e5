// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Loading;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Training;

namespace Microsoft.ML.VideoMae.Tests.Cli.Training;

/// <summary>What a run trains on and is measured on.</summary>
[TestClass]
public sealed class VideoSetsTests
{
    private readonly DataSetFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void ClassThatOnlyTestHas_IsNotedAndNotMeasured()
    {
        VideoSets sets = Load(
            _folder.With(
                "train/red/1.mp4", "train/blue/1.mp4", "val/red/2.mp4", "val/grey/2.mp4", "test/red/3.mp4", "test/green/3.mp4",
                "test/green/4.mp4"));
        CollectionAssert.AreEqual(new[] { "red" }, sets.Test!.GetColumn<string>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { "red" }, sets.Validation!.GetColumn<string>("Label").ToArray());
        Assert.HasCount(2, sets.Notes);
        Assert.StartsWith(
            "1 of 2 validation videos are of classes that no training video has, and are not measured: 'grey' (1).", sets.Notes[0]);
        Assert.StartsWith(
            "2 of 3 test videos are of classes that no training video has, and are not measured: 'green' (2).", sets.Notes[1]);
    }

    [TestMethod]
    public void TestWithoutAnyKnownClass_LeavesTheValidationVideosToMeasure()
    {
        VideoSets sets = Load(_folder.With("train/red/1.mp4", "train/blue/1.mp4", "val/red/2.mp4", "test/green/3.mp4"));
        Assert.IsNull(sets.Test);
        Assert.AreEqual("validation", sets.Measured.Name);
    }

    [TestMethod]
    public void OneVideoAClass_IsRefusedAtOnce_WithWhatIsMissing()
    {
        _folder.With("red/1.mp4", "blue/1.mp4");
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => Load(_folder)).Message;
        Assert.Contains(
            "--validation-share is 0.2, but: No video can be kept apart: every class ('blue', 'red') has only one video", message);
        Assert.Contains("--validation-share 0", message);
        Assert.IsNull(Load(_folder, s => s with { ValidationShare = 0 }).Measured.Data);
    }

    [TestMethod]
    public void OneGroupAClass_IsRefusedAtOnce()
    {
        File.WriteAllLines(
            _folder["list.csv"],
            ["path,label,person", .. Enumerable.Range(1, 3).SelectMany(i => (string[])[$"r{i}.mp4,red,anna", $"b{i}.mp4,blue,bert"])]);
        string message = Assert
            .ThrowsExactly<InvalidOperationException>(() =>
                Load(_folder, s => s with { Dataset = _folder["list.csv"], GroupColumn = "person" }))
            .Message;
        Assert.Contains("has only one group in column 'person'", message);
    }

    [TestMethod]
    public void OneVideoAClass_WithTestVideos_TrainsWithoutValidation_AndNotesIt()
    {
        VideoSets sets = Load(_folder.With("train/red/1.mp4", "train/blue/1.mp4", "test/red/2.mp4"));
        Assert.IsNull(sets.Validation);
        Assert.AreEqual("test", sets.Measured.Name);
        Assert.Contains("No videos are kept for validation", sets.Notes.Single());
        Assert.Contains(
            "--patience", Assert
                .ThrowsExactly<ArgumentException>(() =>
                    Load(_folder, s => s with { Options = OptionValues.None.With("EarlyStoppingPatience", 3) }))
                .Message);
    }

    [TestMethod]
    public void ClassOfOneVideo_BesideOthers_IsWarnedOf()
    {
        Load(_folder.With("red/1.mp4", "red/2.mp4", "blue/1.mp4"));
        Assert.Contains(
            "1 of 2 classes have only one video, so none of their videos is kept apart and nothing measures them: 'blue'", _folder.Warning);
    }

    /// <summary>
    /// The whole run, as a process: what is wrong with the test videos is said first, and model and report are there in the end.
    /// </summary>
    [TestMethod]
    public void Train_WithAClassThatOnlyTestHas_WritesModelAndReport()
    {
        foreach (string label in (string[])["red", "blue"])
            _folder
                .WithClip($"train/{label}/1.mp4", label)
                .WithClip($"train/{label}/2.mp4", label, 2)
                .WithClip($"test/{label}/3.mp4", label, 3);
        _folder.WithClip("test/green/1.mp4");
        string output = _folder["out"];
        (int code, _, string errors) = Tool.Run("train", "--dataset", _folder.Path, "--epochs", "1", "--output", output, "--name", "late");
        Assert.AreEqual(0, code, errors);
        string first = errors.Split('\n')[0];
        Assert.StartsWith("Warning: 1 of 3 test videos are of classes that no training video has", first);
        Assert.IsTrue(File.Exists(Path.Combine(output, "late.zip")));
        Assert.Contains("1 of 3 test videos are of classes", File.ReadAllText(Path.Combine(output, "report.html")));
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "metrics.json")));
        Assert.AreEqual(2, metrics.RootElement.GetProperty("videos").GetInt32());
        Assert.AreEqual(1, metrics.RootElement.GetProperty("notes").GetArrayLength());
        (code, string evaluated, errors) = Tool.Run("evaluate", Path.Combine(output, "late.zip"), "--dataset", _folder.Path, "--json");
        Assert.AreEqual(3, code, errors);
        Assert.AreEqual(1, JsonDocument.Parse(evaluated).RootElement.GetProperty("unknownLabels")[0].GetProperty("count").GetInt32());
        Assert.Contains("'green' (1). Its classes are:", errors);
    }

    [TestMethod]
    public void Train_WhoseTestVideosCannotBeRead_WritesModelAndReport_AndSaysSo()
    {
        foreach (string label in (string[])["red", "blue"])
            _folder.WithClip($"train/{label}/1.mp4", label).WithClip($"train/{label}/2.mp4", label, 2).With($"test/{label}/3.mp4");
        string output = _folder["out"];
        (int code, string printed, string errors) = Tool.Run(
            "train", "--dataset", _folder.Path, "--epochs", "1", "--output", output, "--name", "late");
        Assert.AreEqual(3, code, errors);
        Assert.Contains("The test videos could not be measured. None of the 2 videos can be read.", errors);
        Assert.Contains("The model is not measured.", printed);
        Assert.Contains("The test videos could not be measured", File.ReadAllText(Path.Combine(output, "report.html")));
        Assert.IsTrue(File.Exists(Path.Combine(output, "late.mbconfig")));
    }

    private static VideoSets Load(DataSetFolder folder, Func<TrainSettings, TrainSettings>? change = null)
    {
        var settings = new TrainSettings { Dataset = folder.Path };
        return VideoSets.Load(folder.ML, change?.Invoke(settings) ?? settings);
    }
}
