// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading.Folders;

/// <summary>What the folders of a data set are taken for.</summary>
[TestClass]
public sealed class DataSetLayoutTests
{
    private static readonly string[] s_parts = ["train/red/1.mp4", "train/blue/2.mp4", "val/red/3.mp4", "val/blue/4.mp4"];

    [TestMethod]
    [DataRow("__MACOSX/train/red/._1.mp4", "other folders: 1 ('__MACOSX' with 1 files)")]
    [DataRow("annotations/list.txt", "other folders: 1 ('annotations' with 1 files)")]
    [DataRow("extra/9.mp4", "other folders: 1 ('extra' with 1 files)")]
    [DataRow("README.md", "other files: 1 (1 .md), such as 'README.md'")]
    [DataRow("9.mp4", "videos in no class folder: 1 ('9.mp4')")]
    [DataRow("val/9.mp4", "videos in no class folder: 1 ('val/9.mp4')")]
    [DataRow("val/green/notes.xyz", "folders without videos: 1 ('val/green')")]
    public void Parts_WithSomethingBesideThem_ArePartsAndItIsNamed(string other, string named)
    {
        using DataSetFolder folder = new DataSetFolder().With([.. s_parts, other]);
        IDataView data = folder.ML.Data.LoadVideosFromDirectory(folder.Path);
        CollectionAssert.AreEquivalent(new[] { "red", "blue", "red", "blue" }, data.GetColumn<string>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { "train", "train", "validation", "validation" }, data.GetColumn<string>("Split").ToArray());
        Assert.StartsWith($"Left out of '{folder.Path}': ", folder.Warning);
        Assert.Contains(named, folder.Warning);
    }

    [TestMethod]
    public void TestVideosWithoutClasses_AreLeftOut_AndTheWarningSaysWhatPredictsThem()
    {
        using DataSetFolder folder = new DataSetFolder().With([.. s_parts, "test/a.mp4", "test/b.mp4"]);
        IDataView data = folder.ML.Data.LoadVideosFromDirectory(folder.Path);
        CollectionAssert.AreEquivalent(new[] { "red", "blue" }, data.GetColumn<string>("Label").Distinct().ToArray());
        Assert.IsNull(folder.ML.Data.TakeVideoSplits(data).TestSet);
        Assert.Contains("test videos without a class: 2 ('test/a.mp4', 'test/b.mp4')", folder.Warning);
        Assert.Contains($"videomae predict MODEL.zip '{folder["test"]}'", folder.Warning);
    }

    [TestMethod]
    public void ClassesCalledAsPartsAre_StayClasses()
    {
        using DataSetFolder folder = new DataSetFolder().With("train/1.mp4", "car/1.mp4", "bus/1.mp4", "test/1.mp4");
        CollectionAssert.AreEqual(new[] { "bus: bus/1.mp4", "car: car/1.mp4", "test: test/1.mp4", "train: train/1.mp4" }, folder.Load());
        Assert.IsEmpty(folder.Warnings);
    }

    [TestMethod]
    public void ClassesOfFramesCalledAsPartsAre_StayClasses()
    {
        using DataSetFolder folder = new DataSetFolder().With("train/1/0.png", "car/1/0.png", "bus/1/0.png");
        CollectionAssert.AreEqual(new[] { "bus: bus/1", "car: car/1", "train: train/1" }, folder.Load());
    }

    [TestMethod]
    public void OnePartBesideVideos_IsRefused_WithAdvice()
    {
        using DataSetFolder folder = new DataSetFolder().With("train/red/1.mp4", "train/blue/1.mp4", "eval/red/1.mp4");
        string message = folder.Fail();
        Assert.Contains("'train' has class folders ('blue', ...), and beside it are videos in 'eval'", message);
        Assert.Contains("call them train, val (validation, dev) or test", message);
    }

    [TestMethod]
    public void PartsWithoutClassFolders_AreRefused()
    {
        using DataSetFolder folder = new DataSetFolder().With("train/1.mp4", "train/2.mp4", "val/3.mp4");
        Assert.Contains("has 3 videos in 'train', 'val' that are in no class folder", folder.Fail());
    }

    [TestMethod]
    public void HiddenThings_AreNotedWithoutAWarning()
    {
        using DataSetFolder folder = new DataSetFolder().With([.. s_parts, ".cache/1.mp4", "train/red/._1.mp4", "train/red/.DS_Store"]);
        Assert.HasCount(4, folder.Load());
        Assert.IsEmpty(folder.Warnings);
        Assert.IsTrue(folder.Notes.Any(n => n.Contains("hidden files and folders: 2 ('.cache', 'train/red/._1.mp4')")),
            string.Join("\n", folder.Notes));
    }
}
