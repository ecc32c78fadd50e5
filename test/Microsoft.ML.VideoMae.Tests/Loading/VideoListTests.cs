// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading;

/// <summary>Data sets that say themselves what is for training, and lists of videos.</summary>
[TestClass]
public sealed class VideoListTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _log = [];
    private readonly string _folder = TestClips.NewFolder();

    public VideoListTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Folders_TrainValTest_GiveParts()
    {
        foreach (string file in (string[])["Train/run/1.mp4", "Train/walk/1.mp4", "Train/walk/2.mp4", "val/run/3.mp4", "test/walk/4.mp4"])
            Write(file);
        IDataView data = _ml.Data.LoadVideosFromDirectory(_folder);
        CollectionAssert.AreEquivalent(new[] { "run", "walk" }, data.GetColumn<string>("Label").Distinct().ToArray());
        VideoSplits splits = _ml.Data.TakeVideoSplits(data);
        Assert.HasCount(3, splits.TrainSet.GetColumn<string>("VideoPath").ToArray());
        StringAssert.EndsWith(splits.ValidationSet!.GetColumn<string>("VideoPath").Single(), "3.mp4");
        StringAssert.EndsWith(splits.TestSet!.GetColumn<string>("VideoPath").Single(), "4.mp4");
        Assert.IsTrue(_log.Any(m => m.Contains("3 train")));
    }

    [TestMethod]
    public void Folders_OfClassesThatAreCalledTrain_AreClasses()
    {
        foreach (string file in (string[])["train/1.mp4", "plane/2.mp4"])
            Write(file);
        IDataView data = _ml.Data.LoadVideosFromDirectory(_folder);
        CollectionAssert.AreEqual(new[] { "plane", "train" }, data.GetColumn<string>("Label").ToArray());
        Assert.IsNull(data.Schema.GetColumnOrNull("Split"));
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TakeVideoSplits(data)).Message;
        StringAssert.Contains(message, "split column 'Split'");
        string other = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.TakeVideoSplits(data, "Label")).Message;
        StringAssert.Contains(other, "expected train");
    }

    [TestMethod]
    public void Csv_GivesPathsLabelsAndOtherColumns()
    {
        Write("clips/a, b.mp4");
        string list = WriteList("Path,Label,split,group", "\"clips/a, b.mp4\",wave,train,p1", "clips/2.mp4,run,test,p2");
        IDataView data = _ml.Data.LoadVideosFromCsv(list);
        CollectionAssert.AreEqual(new[] { "VideoPath", "Label", "split", "group" }, data.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(
            new[] { Path.Combine(_folder, "clips", "a, b.mp4"), Path.Combine(_folder, "clips", "2.mp4") },
            data.GetColumn<string>("VideoPath").ToArray());
        CollectionAssert.AreEqual(new[] { "wave", "run" }, data.GetColumn<string>("Label").ToArray());
        Assert.IsTrue(_log.Any(m => m.Contains("1 of the 2 videos listed") && m.Contains("2.mp4")));
        Assert.ContainsSingle(_ml.Data.TakeVideoSplits(data, "split").TestSet!.GetColumn<string>("group"));
    }

    [TestMethod]
    public void Csv_WithoutLabelsAndWithSemicolons()
    {
        string list = WriteList("file;note", "x.mp4;\"a \"\"quoted\"\" note\"");
        IDataView data = _ml.Data.LoadVideosFromCsv(list, "file", labelColumnName: null, separator: ';');
        Assert.AreEqual("a \"quoted\" note", data.GetColumn<string>("note").Single());
    }

    [TestMethod]
    [DataRow("video,label\nx.mp4,a", "has no column 'path' for paths; its header has video, label")]
    [DataRow("path,class\nx.mp4,a", "has no column 'label' for labels")]
    [DataRow("path,label\nx.mp4,a\ny.mp4", "Line 3")]
    [DataRow("path,label\n,a", "Line 2")]
    [DataRow("path,label\n\"x.mp4,a", "Line 2")]
    [DataRow("path,label", "no lines after it")]
    [DataRow("", "is empty")]
    public void Csv_ThatIsBroken_IsNamedWithItsLine(string text, string expected)
    {
        string list = Path.Combine(_folder, "list.csv");
        File.WriteAllText(list, text);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.LoadVideosFromCsv(list)).Message;
        StringAssert.Contains(message, expected);
        StringAssert.Contains(message, list);
    }

    [TestMethod]
    public void Csv_ThatIsMissing_IsNamed() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Data.LoadVideosFromCsv("no/list.csv")).Message, "no/list.csv");

    [TestMethod]
    public void Validate_ListsUnreadableVideosAndLeaks()
    {
        File.Copy(TestClips.Clip("red", 1), Path.Combine(_folder, "1.mp4"));
        File.Copy(TestClips.Clip("red", 1), Path.Combine(_folder, "again.mp4"));
        File.Copy(TestClips.Clip("blue", 1), Path.Combine(_folder, "2.mp4"));
        File.WriteAllText(Path.Combine(_folder, "broken.mp4"), "this is no video at all, but long enough to be looked at");
        string list = WriteList(
            "path,label,split", "1.mp4,red,train", "again.mp4,blue,test", "2.mp4,blue,train", "broken.mp4,blue,train",
            "missing.mp4,red,test");
        VideoValidationReport report = _ml.Data.ValidateVideos(
            _ml.Data.LoadVideosFromCsv(list), labelColumnName: "Label", splitColumnName: "split");
        Assert.AreEqual(5, report.Count);
        Assert.IsFalse(report.IsClean);
        CollectionAssert.AreEqual(new long[] { 3, 4 }, report.Problems.Select(p => p.Row).ToArray());
        Assert.AreEqual(VideoReadError.MissingFile, report.Problems[1].Error);
        VideoDuplicate duplicate = report.Duplicates.Single();
        Assert.IsTrue(duplicate.IsLeak && duplicate.HasSeveralLabels);
        CollectionAssert.AreEqual(new[] { "train", "test" }, duplicate.Splits.ToArray());
        StringAssert.Contains(report.ToString(), "3 of 5 videos can be read");
        StringAssert.Contains(report.ToString(), "broken.mp4");
    }

    [TestMethod]
    public void Validate_ACleanSet()
    {
        IDataView videos = Trainers.VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml));
        VideoValidationReport report = _ml.Data.ValidateVideos(videos, "Video", "Label");
        Assert.IsTrue(report.IsClean, report.ToString());
        Assert.AreEqual(2 * TestClips.ClipsPerClass, report.Count);
    }

    private void Write(string file)
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "x");
    }

    private string WriteList(params string[] lines)
    {
        string path = Path.Combine(_folder, "list.csv");
        File.WriteAllLines(path, lines);
        return path;
    }
}
