// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>The tool as a user starts it: a process, its output and its exit code.</summary>
[TestClass]
public sealed class VideomaeTests
{
    private static readonly Lazy<string> s_pretrained = new(() =>
    {
        (int code, string output, string errors) = Tool.Run(
            "pretrain", "--dataset", TestClips.Animations, "--epochs", "1", "--output", Tool.Folder, "--seed", "1", "--verbosity", "q",
            "--activation-checkpointing");
        Assert.AreEqual(0, code, errors);
        Assert.DoesNotContain("Epoch", output, "quiet");
        return Path.Combine(Tool.Folder, "pretrained.zip");
    });

    private static string Clip => TestClips.Clip("blue", 1);

    [TestMethod]
    public void Train_WritesModelAndMetrics_ThatEvaluateGivesAgain()
    {
        using JsonDocument written = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Path.GetDirectoryName(Tool.Classifier)!, "metrics.json")));
        (int code, string output, string errors) = Tool.Run("evaluate", Tool.Classifier, "--dataset", TestClips.Folder, "--json");
        Assert.AreEqual(0, code, errors);
        using JsonDocument evaluated = JsonDocument.Parse(output);
        Assert.AreEqual(written.RootElement.GetProperty("accuracy").GetDouble(), evaluated.RootElement.GetProperty("accuracy").GetDouble());
        string[] predicted =
        [.. Tool.Run("predict", Tool.Classifier, Path.Combine(TestClips.Folder, "blue"), Path.Combine(TestClips.Folder, "red"))
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        double right = predicted.Skip(1).Count(line => line.Contains($"/{line.Split(',')[1]}/", StringComparison.Ordinal));
        Assert.AreEqual(
            right / (2 * TestClips.ClipsPerClass), evaluated.RootElement.GetProperty("accuracy").GetDouble(), 1e-9,
            "as counted from the predictions");
        Assert.AreEqual(
            2 * TestClips.ClipsPerClass,
            evaluated.RootElement.GetProperty("confusion").EnumerateArray().SelectMany(r => r.EnumerateArray()).Sum(c => c.GetDouble()));
    }

    [TestMethod]
    public void Predict_GivesEveryVideoALine_BrokenOnesToo()
    {
        string broken = Path.Combine(Tool.Folder, "broken, really.mp4");
        File.WriteAllText(broken, "no video");
        (int code, string output, string errors) = Tool.Run(
            "predict", Tool.Classifier, Path.Combine(TestClips.Folder, "blue", "*.mp4"), broken);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual(3, code);
        Assert.HasCount(2 + TestClips.ClipsPerClass, lines);
        Assert.AreEqual("path,class,probability", lines[0].Trim());
        Assert.AreEqual($"\"{broken}\",,", lines[^1].Trim());
        Assert.Contains("broken, really.mp4", errors);

        using JsonDocument json = JsonDocument.Parse(Tool.Run("predict", Tool.Classifier, Clip, "--json").Output);
        Assert.AreEqual(1, json.RootElement.GetProperty("scores").EnumerateObject().Sum(s => s.Value.GetDouble()), 1e-5);
    }

    [TestMethod]
    public void Pretrained_GivesFeaturesPicturesAndAStart()
    {
        string csv = Path.Combine(Tool.Folder, "features.csv"),
            png = Path.Combine(Tool.Folder, "made.png");
        Assert.AreEqual(
            0, Tool.Run("features", s_pretrained.Value, TestClips.Clip("blue", 1), TestClips.Clip("red", 1), "--output", csv).Code);
        string[] lines = File.ReadAllLines(csv);
        Assert.HasCount(3, lines);
        Assert.HasCount(1 + VideoMaeConfig.CpuTiny.HiddenSize, lines[1].Split(','));
        Assert.AreEqual(0, Tool.Run("reconstruct", s_pretrained.Value, Clip, "--output", png).Code);
        using SKBitmap picture = SKBitmap.Decode(png);
        Assert.AreEqual(3 * 66 - 2, picture.Height);
        (int code, _, string errors) = Tool.Run(
            "train", "--dataset", TestClips.Animations, "--pretrained-model", s_pretrained.Value, "--fine-tuning", "LinearProbe",
            "--epochs", "1", "--name", "probe", "--output", Path.Combine(Tool.Folder, "probe"));
        Assert.AreEqual(0, code, errors);
        JsonElement card = JsonDocument.Parse(Tool.Run("inspect", s_pretrained.Value, "--json").Output).RootElement.GetProperty("card");
        Assert.AreEqual("True", card.GetProperty("settings").GetProperty("ActivationCheckpointing").GetString());
    }

    [TestMethod]
    public void Convert_ThereAndBack_GivesTheSameScores()
    {
        string folder = Path.Combine(Tool.Folder, "huggingface"), zip = Path.Combine(Tool.Folder, "back.zip");
        Assert.AreEqual(0, Tool.Run("convert", Tool.Classifier, "--output", folder).Code);
        Assert.AreEqual(0, Tool.Run("convert", folder, "--output", zip).Code);
        Assert.AreEqual(Tool.Run("predict", Tool.Classifier, Clip).Output, Tool.Run("predict", zip, Clip).Output);
        Assert.Contains("2 labels: blue, red", Tool.Run("inspect", folder).Output);
        Assert.Contains("2 labels: blue, red", Tool.Run("inspect", zip).Output);
    }

    [TestMethod]
    public void Convert_ToTheOriginalsNames_AndBack_GivesTheSameScores()
    {
        // The head of the shipped weights takes the mean of normalised tokens, which the original does not know.
        string trained = Path.Combine(Tool.Folder, "for-original");
        (int code, _, string errors) = Tool.Run(
            "train", "--dataset", TestClips.Animations, "--pretrained-model", "none", "--epochs", "1", "--name", "colours",
            "--output", trained, "--seed", "1");
        Assert.AreEqual(0, code, errors);
        string classifier = Path.Combine(trained, "colours.zip"),
            pth = Path.Combine(Tool.Folder, "original", "colours.pth"),
            zip = Path.Combine(Tool.Folder, "from-original.zip"),
            folder = Path.GetDirectoryName(pth)!;
        Assert.AreEqual(0, Tool.Run("convert", classifier, "--output", pth).Code);
        CollectionAssert.AreEqual((string[])[pth], Directory.GetFiles(folder));
        Assert.AreEqual(0, Tool.Run("convert", classifier, "--output", folder).Code); // config.json and the processor, which a .pth does not hold
        Assert.AreEqual(0, Tool.Run("convert", pth, "--output", zip).Code);
        string clip = TestClips.Clip("red", 3);
        Assert.AreEqual(Tool.Run("predict", classifier, clip).Output, Tool.Run("predict", zip, clip).Output);
        string again = Path.Combine(Tool.Folder, "again.bin");
        Assert.AreEqual(0, Tool.Run("convert", pth, "--to", "original", "--output", again).Code);
        CollectionAssert.AreEqual(File.ReadAllBytes(pth), File.ReadAllBytes(again));
    }

    [TestMethod]
    public void Convert_ToOnnx_WritesWhatOnnxRuntimeReads()
    {
        string onnx = Path.Combine(Tool.Folder, "model.onnx");
        Assert.AreEqual(0, Tool.Run("convert", Tool.Classifier, "--to", "onnx", "--output", onnx).Code);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(onnx);
        CollectionAssert.AreEqual((string[])["logits", "probabilities"], session.OutputMetadata.Keys.ToArray());
        Assert.AreEqual("[\"blue\",\"red\"]", session.ModelMetadata.CustomMetadataMap["labels"]);
    }

    [TestMethod]
    public void Explain_DrawsAndValidateReports()
    {
        string png = Path.Combine(Tool.Folder, "looked.png");
        Assert.AreEqual(0, Tool.Run("explain", Tool.Classifier, Clip, "--output", png).Code);
        Assert.IsTrue(File.Exists(png));
        (int code, string output, _) = Tool.Run("validate", "--dataset", TestClips.Folder);
        Assert.AreEqual(0, code, output);
        Assert.Contains($"{2 * TestClips.ClipsPerClass} of {2 * TestClips.ClipsPerClass} videos can be read", output);
    }
}
