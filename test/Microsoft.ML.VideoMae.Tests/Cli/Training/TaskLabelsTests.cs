// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli;
using VideoMaeCli.Training;

namespace Microsoft.ML.VideoMae.Tests.Cli.Training;

/// <summary>What tasks take for labels.</summary>
[TestClass]
public sealed class TaskLabelsTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";

        public string Person { get; set; } = "anna";
    }

    private sealed class YesOrNo
    {
        public bool Label { get; set; }
    }

    private sealed class Numbered
    {
        public float Label { get; set; }
    }

    [TestMethod]
    public void YesOrNo_HasManyWords_AndOneForm()
    {
        string[] words = ["true", "False", "YES", "no", "1", "0", "y", "N", "t", "f"];
        IDataView data = Checked(VideoTask.BinaryClassification, words, []);
        CollectionAssert.AreEqual(
            words.Select((_, i) => i % 2 == 0 ? "True" : "False").ToArray(), data.GetColumn<string>("Label").ToArray());
        Assert.IsTrue(data.GetColumn<string>("Person").All(p => p == "anna"), "other columns stay");

        // Generated code gives a list to ML.NET as it is: it has to read the same.
        IDataView read = TaskLabels.Convert(s_ml, VideoTask.BinaryClassification).Fit(Rows(words)).Transform(Rows(words));
        CollectionAssert.AreEqual(words.Select((_, i) => i % 2 == 0).ToArray(),
            s_ml.Data.CreateEnumerable<YesOrNo>(read, false).Select(r => r.Label).ToArray());
    }

    [TestMethod]
    public void Numbers_AreRead_AndRowsWithoutOneAreLeftOut()
    {
        var notes = new List<string>();
        IDataView data = Checked(VideoTask.Regression, ["1.50", "", "-2e1", "+3"], notes);
        CollectionAssert.AreEqual((string[])["1.5", "-20", "3"], data.GetColumn<string>("Label").ToArray());
        CollectionAssert.AreEqual((string[])["1 of 4 videos in 'list.csv' have no label, and are left out."], notes);
        IDataView read = TaskLabels.Convert(s_ml, VideoTask.Regression).Fit(data).Transform(data);
        CollectionAssert.AreEqual(
            (float[])[1.5f, -20, 3], s_ml.Data.CreateEnumerable<Numbered>(read, false).Select(r => r.Label).ToArray());
    }

    [TestMethod]
    [DataRow(VideoTasksRegression, "fast", "takes numbers, such as 2.5 or -1e3")]
    [DataRow(VideoTasksRegression, "1,5", "takes numbers")]
    [DataRow(VideoTasksRegression, "NaN", "takes numbers")]
    [DataRow(VideoTasksBinary, "maybe", "takes true or false, yes or no, or 1 or 0")]
    [DataRow(VideoTasksBinary, "2", "takes true or false")]
    [DataRow(VideoTasksBinary, "", "takes true or false")]
    public void OtherLabel_IsNamed_WithItsVideo(string task, string label, string allowed)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => Checked(VideoTasks.Parse(task), ["1", label, "0", label], [])).Message;
        Assert.StartsWith($"The label of '1.mp4' in 'list.csv' is '{label}', and --task {task} {allowed}", message);
        Assert.Contains("1 more of 4 labels", message);
        Assert.Contains("--label-column", message);
    }

    [TestMethod]
    public void Hint_IsForNumbersThatAreNoClasses()
    {
        string[] hundred = [.. Enumerable.Range(0, 100).Select(i => $"{i}")];
        Assert.Contains("--task regression predicts numbers", TaskLabels.HintOf(hundred) ?? "");
        Assert.Contains("--task regression", TaskLabels.HintOf(["0.5", "1", "2", "0.5", "1", "2"]) ?? "");
        Assert.IsNull(TaskLabels.HintOf([.. hundred.SelectMany(n => Enumerable.Repeat(n, 20))]), "numbers of classes");
        Assert.IsNull(TaskLabels.HintOf(["0", "1", "0", "1"]));
        Assert.IsNull(TaskLabels.HintOf([.. hundred, "other"]));
        Assert.IsNull(TaskLabels.HintOf([]));
    }

    [TestMethod]
    public void UnknownTask_IsRefused() => Assert.Contains(
        "it has to be one of classification, binary-classification, regression",
        Assert.ThrowsExactly<System.ArgumentException>(() => VideoTasks.Parse("Regression")).Message);

    private const string VideoTasksRegression = "regression";
    private const string VideoTasksBinary = "binary-classification";

    private static IDataView Checked(VideoTask task, string[] labels, List<string> notes) =>
        TaskLabels.Check(s_ml, Rows(labels), task, "list.csv", notes.Add);

    private static IDataView Rows(string[] labels) =>
        s_ml.Data.LoadFromEnumerable(labels.Select((label, i) => new Row { VideoPath = $"{i}.mp4", Label = label }).ToArray());
}
