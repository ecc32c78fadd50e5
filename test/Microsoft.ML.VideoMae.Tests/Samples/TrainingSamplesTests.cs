// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

/// <summary>
/// The samples that train: briefly in the ordinary suite, to see that they work; as a user starts them among the slow tests, to see that
/// they learn.
/// </summary>
[TestClass]
public sealed class TrainingSamplesTests
{
    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void FeaturesLightGbm_TellsColoursWithARandomEncoder()
    {
        string output = SampleProgram.Run("FeaturesLightGbm", ReferenceFiles.Path("tiny/classification"), TestClips.Folder);
        Assert.AreEqual(1, Number(output, "micro-accuracy"), output);
    }

    [TestMethod]
    public void MotionSpeed_SavesAModelThatMlNetLoads()
    {
        string output = SampleProgram.Run("MotionSpeed", "--clips", "20", "--epochs", "1", "--output", _folder);
        Assert.IsFalse(double.IsNaN(Number(output, "R squared")));
        var ml = new MLContext();
        ITransformer model = ml.Model.Load(Path.Combine(_folder, "speed.zip"), out DataViewSchema schema);
        using var engine = ml.Model.CreatePredictionEngine<SpeedRow, Speed>(model, schema);
        Assert.IsTrue(float.IsFinite(engine.Predict(new SpeedRow { VideoPath = Path.Combine(_folder, "1.mp4") }).Score));
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void MotionSpeed_Learns()
    {
        string output = SampleProgram.Run("MotionSpeed", "--output", _folder);
        Assert.IsGreaterThan(0.6, Number(output, "R squared"), output);
    }

    [TestMethod]
    public void UnusualVideos_PrintsAnArea()
    {
        string output = SampleProgram.Run("UnusualVideos", "--clips", "5", "--epochs", "1", "--output", _folder);
        Assert.IsInRange(0, 1, Number(output, "ROC curve"));
        Assert.Contains("zoom", output);
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "unusual.zip")));
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void UnusualVideos_FindsOtherActionsOfPeople()
    {
        string output = SampleProgram.Run(
            "UnusualVideos", "--dataset", ReferenceFiles.Video("weizmann4/clips"), "--usual", "bend", "--epochs", "60", "--output",
            _folder);
        Assert.IsGreaterThan(0.6, Number(output, "ROC curve"), output);
    }

    [TestMethod]
    public void PretrainThenFineTune_RunsBothWays()
    {
        string output = SampleProgram.Run("PretrainThenFineTune", "--clips", "12", "--labelled", "2", "--epochs", "1", "--output", _folder);
        Assert.IsInRange(0, 1, Number(output, "accuracy"));
        Assert.Contains("from scratch", output);
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "pretrained.zip")));
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void PretrainThenFineTune_IsBetterThanChance()
    {
        string output = SampleProgram.Run("PretrainThenFineTune", "--output", _folder);
        Assert.IsGreaterThan(2 / 6.0, Number(output, "accuracy"), output);
    }

    [TestMethod]
    public void ActionsDemo_MakesClipsTrainsDrawsAndSaves()
    {
        string output = SampleProgram.Run("ActionsDemo", "--clips", "2", "--test-clips", "2", "--epochs", "1", "--output", _folder);
        Assert.IsInRange(0, 1, Number(output, "training: accuracy"));
        Assert.IsInRange(0, 1, Number(output, "nothing moves: accuracy"));
        string svg = File.ReadAllText(Path.Combine(_folder, "predictions.svg"));
        Assert.AreEqual("svg", System.Xml.Linq.XDocument.Parse(svg).Root!.Name.LocalName);
        SampleProgram.Run("PredictVideo", Path.Combine(_folder, "actions.zip"), Path.Combine(_folder, "test", "left", "left1.mp4"));
    }

    [TestMethod]
    public void HuggingFaceModel_GivesTheLibrarysScores_AndSavesForAnotherProgram()
    {
        string model = ReferenceFiles.Path("tiny/classification"), clip = TestClips.Clip("red", 1), zip = Path.Combine(_folder, "tiny.zip");
        string output = SampleProgram.Run("HuggingFaceModel", model, clip, zip);
        using VideoMaeClassificationTransformer loaded = new MLContext().Model.LoadVideoMae(model);
        string[] lines =
        [
            .. loaded
                .Predict(MLVideo.CreateFromFile(clip), 5)
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key, -30} {p.Value:0.000000}"))];
        foreach (string line in lines)
            Assert.Contains(line, output);
        string second = SampleProgram.Run("PredictVideo", zip, clip);
        Assert.Contains($"1.mp4: {lines[0].Split(' ')[0]}", second);
    }

    /// <summary>The first number behind some words.</summary>
    private static double Number(string output, string words)
    {
        Match match = Regex.Match(output, Regex.Escape(words) + @"\D*?(-?\d+(\.\d+)?|NaN|-?∞)");
        Assert.IsTrue(match.Success, $"no number behind '{words}' in: {output}");
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private sealed class SpeedRow
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "0";
    }

    private sealed class Speed
    {
        public float Score { get; set; }
    }
}
