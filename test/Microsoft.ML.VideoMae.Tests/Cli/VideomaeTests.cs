// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>The tool as a user starts it: a process, its output and its exit code.</summary>
[TestClass]
public sealed class VideomaeTests
{
    private static readonly string s_folder = TestClips.NewFolder();

    private static readonly Lazy<string> s_classifier = new(() =>
    {
        (int code, string output, string errors) = Run("train", "--dataset", TestClips.Folder, "--validation-dataset", TestClips.Folder, "--epochs", "2", "--name", "colours", "--output", s_folder, "--seed", "1");
        Assert.AreEqual(0, code, errors);
        Assert.Contains("Epoch 2/2", output);
        return Path.Combine(s_folder, "colours.zip");
    });

    private static readonly Lazy<string> s_pretrained = new(() =>
    {
        (int code, string output, string errors) = Run("pretrain", "--dataset", TestClips.Folder, "--epochs", "1", "--output", s_folder, "--seed", "1", "--verbosity", "q");
        Assert.AreEqual(0, code, errors);
        Assert.DoesNotContain("Epoch", output, "quiet");
        return Path.Combine(s_folder, "pretrained.zip");
    });

    private static string Clip => TestClips.Clip("blue", 1);

    [TestMethod]
    public void Train_WritesModelAndMetrics_ThatEvaluateGivesAgain()
    {
        using JsonDocument written = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(s_classifier.Value, ".metrics.json")));
        (int code, string output, string errors) = Run("evaluate", s_classifier.Value, "--dataset", TestClips.Folder, "--json");
        Assert.AreEqual(0, code, errors);
        using JsonDocument evaluated = JsonDocument.Parse(output);
        Assert.AreEqual(written.RootElement.GetProperty("accuracy").GetDouble(), evaluated.RootElement.GetProperty("accuracy").GetDouble());
        Assert.AreEqual(2 * TestClips.ClipsPerClass, evaluated.RootElement.GetProperty("confusion").EnumerateArray().SelectMany(r => r.EnumerateArray()).Sum(c => c.GetDouble()));
    }

    [TestMethod]
    public void Predict_GivesEveryVideoALine_BrokenOnesToo()
    {
        string broken = Path.Combine(s_folder, "broken, really.mp4");
        File.WriteAllText(broken, "no video");
        (int code, string output, string errors) = Run("predict", s_classifier.Value, Path.Combine(TestClips.Folder, "blue", "*.mp4"), broken);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.AreEqual(3, code);
        Assert.HasCount(2 + TestClips.ClipsPerClass, lines);
        Assert.AreEqual("path,class,probability", lines[0].Trim());
        Assert.AreEqual($"\"{broken}\",,", lines[^1].Trim());
        Assert.Contains("broken, really.mp4", errors);

        using JsonDocument json = JsonDocument.Parse(Run("predict", s_classifier.Value, Clip, "--json").Output);
        Assert.AreEqual(1, json.RootElement.GetProperty("scores").EnumerateObject().Sum(s => s.Value.GetDouble()), 1e-5);
    }

    [TestMethod]
    public void Pretrained_GivesFeaturesPicturesAndAStart()
    {
        string csv = Path.Combine(s_folder, "features.csv"), png = Path.Combine(s_folder, "made.png");
        Assert.AreEqual(0, Run("features", s_pretrained.Value, TestClips.Clip("blue", 1), TestClips.Clip("red", 1), "--output", csv).Code);
        string[] lines = File.ReadAllLines(csv);
        Assert.HasCount(3, lines);
        Assert.HasCount(1 + VideoMaeTrainer.Defaults.Config.HiddenSize, lines[1].Split(','));
        Assert.AreEqual(0, Run("reconstruct", s_pretrained.Value, Clip, "--output", png).Code);
        using SKBitmap picture = SKBitmap.Decode(png);
        Assert.AreEqual(3 * 66 - 2, picture.Height);
        (int code, _, string errors) = Run("train", "--dataset", TestClips.Folder, "--pretrained-model", s_pretrained.Value, "--fine-tuning", "LinearProbe", "--epochs", "1", "--name", "probe", "--output", s_folder);
        Assert.AreEqual(0, code, errors);
    }

    [TestMethod]
    public void Convert_ThereAndBack_GivesTheSameScores()
    {
        string folder = Path.Combine(s_folder, "huggingface"), zip = Path.Combine(s_folder, "back.zip");
        Assert.AreEqual(0, Run("convert", s_classifier.Value, "--output", folder).Code);
        Assert.AreEqual(0, Run("convert", folder, "--output", zip).Code);
        Assert.AreEqual(Run("predict", s_classifier.Value, Clip).Output, Run("predict", zip, Clip).Output);
        Assert.Contains("2 labels: blue, red", Run("inspect", folder).Output);
        Assert.Contains("2 labels: blue, red", Run("inspect", zip).Output);
    }

    [TestMethod]
    public void Convert_ToOnnx_WritesWhatOnnxRuntimeReads()
    {
        string onnx = Path.Combine(s_folder, "model.onnx");
        Assert.AreEqual(0, Run("convert", s_classifier.Value, "--to", "onnx", "--output", onnx).Code);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(onnx);
        CollectionAssert.AreEqual((string[])["logits", "probabilities"], session.OutputMetadata.Keys.ToArray());
        Assert.AreEqual("[\"blue\",\"red\"]", session.ModelMetadata.CustomMetadataMap["labels"]);
    }

    [TestMethod]
    public void Explain_DrawsAndValidateReports()
    {
        string png = Path.Combine(s_folder, "looked.png");
        Assert.AreEqual(0, Run("explain", s_classifier.Value, Clip, "--output", png).Code);
        Assert.IsTrue(File.Exists(png));
        (int code, string output, _) = Run("validate", "--dataset", TestClips.Folder);
        Assert.AreEqual(0, code, output);
        Assert.Contains($"{2 * TestClips.ClipsPerClass} of {2 * TestClips.ClipsPerClass} videos can be read", output);
    }

    [TestMethod]
    [DataRow("There is no data set", "train", "--dataset", "nowhere")]
    [DataRow("There is no model", "predict", "nowhere.zip", ".")]
    [DataRow("does not exist", "inspect", "nowhere")]
    [DataRow("There is no folder", "pretrain", "--dataset", "nowhere")]
    [DataRow("--device is 'gpu'", "train", "--dataset", ".", "--device", "gpu")]
    public void BadInput_IsOneLineAndAnExitCode(string message, params string[] arguments)
    {
        (int code, _, string errors) = Run(arguments);
        Assert.AreEqual(1, code);
        Assert.Contains(message, errors);
        Assert.DoesNotContain("   at ", errors, "no stack trace");
    }

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
#if DEBUG
        const string Configuration = "Debug";
#else
        const string Configuration = "Release";
#endif
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, $"../../../../../src/Microsoft.ML.VideoMae.Cli/bin/{Configuration}/net10.0/videomae.dll"));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = s_folder };
        foreach (string argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
