// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>What the verbs do beside their first purpose.</summary>
[TestClass]
public sealed class VerbTests
{
    private static string Checkpoint => Path.Combine(AppContext.BaseDirectory, "Reference/tiny/classification");

    [TestMethod]
    public void Predict_TakesAListOnItsInput_AndWritesAFile()
    {
        string[] clips = [TestClips.Clip("red", 2), TestClips.Clip("blue", 3)];
        string output = Path.Combine(Tool.Folder, "predictions.jsonl");
        (int code, string printed, string errors) = Tool.RunWith(
            string.Join('\n', clips), null, "predict", Tool.Classifier, "-", "--json", "--output", output);
        Assert.AreEqual(0, code, errors);
        Assert.AreEqual("", printed);
        CollectionAssert.AreEqual(
            clips,
            File.ReadAllLines(output).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("path").GetString()).ToArray());
    }

    [TestMethod]
    public void Predict_WatchesAFolder()
    {
        NeedInterrupts();
        string folder = Directory.CreateDirectory(Path.Combine(Tool.Folder, "incoming")).FullName, model = Tool.Classifier;
        File.Copy(TestClips.Clip("red", 1), Path.Combine(folder, "there-before.mp4"));
        using Process process = Tool.Start(null, "predict", model, "--watch", folder);
        Assert.AreEqual("path,class,probability", process.StandardOutput.ReadLine());
        while (process.StandardError.ReadLine() is string line && !line.StartsWith("Watching", StringComparison.Ordinal))
        {
        }

        Thread.Sleep(500); // It lists what is there before it waits.
        File.Copy(TestClips.Clip("blue", 1), Path.Combine(folder, "new.mp4"));
        Assert.StartsWith(Path.Combine(folder, "new.mp4"), process.StandardOutput.ReadLine());
        Interrupt(process);
        Assert.IsTrue(process.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(0, process.ExitCode);
        Assert.AreEqual("", process.StandardOutput.ReadToEnd(), "nothing that was there before");
    }

    [TestMethod]
    public async Task Features_AreTheSameInEveryFormat()
    {
        string csv = Path.Combine(Tool.Folder, "f.csv"),
            numpy = Path.Combine(Tool.Folder, "f.npy"),
            parquet = Path.Combine(Tool.Folder, "f.parquet");
        foreach (string output in (string[])[csv, numpy, parquet])
            Assert.AreEqual(
                0, Tool.Run("features", Tool.Classifier, TestClips.Clip("blue", 1), TestClips.Clip("red", 1), "--output", output).Code);
        float[][] expected =
        [.. File.ReadAllLines(csv)
                .Skip(1)
                .Select(l => l.Split(',')[1..].Select(f => float.Parse(f, System.Globalization.CultureInfo.InvariantCulture)).ToArray())];

        // NumPy: a magic string, the length of a header, the header, the numbers.
        byte[] bytes = File.ReadAllBytes(numpy);
        int header = 10 + BitConverter.ToUInt16(bytes, 8);
        Assert.AreEqual(0, header % 64);
        Assert.Contains(
            $"'descr': '<f4', 'fortran_order': False, 'shape': (2, {expected[0].Length})",
            System.Text.Encoding.ASCII.GetString(bytes, 10, header - 10));
        CollectionAssert.AreEqual(expected.SelectMany(r => r).ToArray(),
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan(header)).ToArray());
        CollectionAssert.AreEqual(
            new[] { TestClips.Clip("blue", 1), TestClips.Clip("red", 1) }, File.ReadAllLines(Path.ChangeExtension(numpy, ".paths.txt")));

        await using ParquetReader reader = await ParquetReader.CreateAsync(parquet);
        DataField[] fields = reader.Schema.GetDataFields();
        CollectionAssert.AreEqual(File.ReadLines(csv).First().Split(','), fields.Select(f => f.Name).ToArray());
        Assert.AreEqual(1, reader.RowGroupCount);
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        Assert.AreEqual(expected.Length, group.RowCount);
        var paths = new string[expected.Length];
        await group.ReadAsync(fields[0], paths);
        CollectionAssert.AreEqual(File.ReadLines(csv).Skip(1).Select(l => l.Split(',')[0]).ToArray(), paths);
        for (int i = 1; i < fields.Length; i++)
        {
            var column = new float[expected.Length];
            await group.ReadAsync<float>(fields[i], column);
            CollectionAssert.AreEqual(expected.Select(row => row[i - 1]).ToArray(), column, fields[i].Name);
        }
    }

    [TestMethod]
    public void Verify_ReplaysReferenceTensors()
    {
        string expected = Path.Combine(AppContext.BaseDirectory, "Reference/tiny/expected"),
            inputs = Path.Combine(expected, "inputs.safetensors");
        string[] arguments =
        ["verify", Checkpoint, "--reference", inputs, "--expected", Path.Combine(expected, "classification.safetensors")];
        (int code, string output, string errors) = Tool.Run(arguments);
        Assert.AreEqual(0, code, output + errors);
        (code, output, _) = Tool.Run([.. arguments, "--tolerance", "0", "--json"]);
        Assert.AreEqual(3, code, "float arithmetic in another order is not exact");
        Assert.IsFalse(JsonDocument.Parse(output).RootElement.GetProperty("passed").GetBoolean());
    }

    [TestMethod]
    public void Convert_StoresInHalfTheSize_AnyKindOfCheckpoint()
    {
        string half = Path.Combine(Tool.Folder, "half"), pretraining = Path.Combine(Tool.Folder, "pretraining");
        Assert.AreEqual(0, Tool.Run("convert", Tool.Classifier, "--output", half, "--precision", "Float16").Code);
        Assert.AreEqual("float16", VideoMaeConfig.Load(Path.Combine(half, "config.json")).DType);
        Assert.AreEqual(
            0, Tool.Run(
                "convert", Path.Combine(AppContext.BaseDirectory, "Reference/tiny/pretraining"), "--output", pretraining, "--precision",
                "BFloat16").Code);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(pretraining);
        Assert.IsInstanceOfType<VideoMaeForPreTraining>(model);
        Assert.IsTrue(model.LoadReport!.IsComplete);
        string zip = Path.Combine(Tool.Folder, "half.zip");
        Assert.AreEqual(0, Tool.Run("convert", half, "--output", zip, "--precision", "Float16").Code);
        Assert.IsLessThan(0.6, (double)new FileInfo(zip).Length / new FileInfo(Tool.Classifier).Length);
    }

    [TestMethod]
    public void Inspect_GivesJsonOfAnyKind()
    {
        JsonElement zip = JsonDocument.Parse(Tool.Run("inspect", Tool.Classifier, "--json").Output).RootElement;
        Assert.AreEqual("VideoMaeClassificationTransformer", zip.GetProperty("kind").GetString());
        Assert.AreEqual("VideoMaeTrainer", zip.GetProperty("card").GetProperty("trainer").GetString());
        Assert.IsTrue(zip.GetProperty("processor").TryGetProperty("image_mean", out _));
        JsonElement checkpoint = JsonDocument
            .Parse(Tool.Run("inspect", Path.Combine(AppContext.BaseDirectory, "Reference/tiny/pretraining"), "--json").Output)
            .RootElement;
        Assert.AreEqual("VideoMaeForPreTraining", checkpoint.GetProperty("kind").GetString());
        Assert.AreEqual(0, checkpoint.GetProperty("keys").GetProperty("missing").GetArrayLength());
    }

    [TestMethod]
    public void Benchmark_SuggestsTheFastestBatch()
    {
        (int code, string output, string errors) = Tool.Run("benchmark", "--batch-size", "2", "4", "--dataset", TestClips.Folder, "--json");
        Assert.AreEqual(0, code, errors);
        JsonElement root = JsonDocument.Parse(output).RootElement;
        JsonElement best = root.GetProperty("batches").EnumerateArray().MaxBy(b => b.GetProperty("trainingClipsPerSecond").GetDouble());
        Assert.AreEqual(best.GetProperty("batchSize").GetInt32(), root.GetProperty("suggestedBatchSize").GetInt32());
        Assert.IsGreaterThan(0, best.GetProperty("scoringClipsPerSecond").GetDouble());
        Assert.IsGreaterThan(0, root.GetProperty("decoding").GetProperty("videosPerSecond").GetDouble());
    }

    [TestMethod]
    public void Completion_CompletesVerbsAndOptions()
    {
        Assert.Contains("complete", Tool.Run("completion", "bash").Output);
        Assert.Contains("train", Tool.Run("[suggest:11]", "videomae tr").Output.Split('\n', StringSplitOptions.TrimEntries));
        Assert.Contains("--dataset", Tool.Run("[suggest:20]", "videomae train --dat").Output.Split('\n', StringSplitOptions.TrimEntries));
    }

    [TestMethod]
    public void EveryVerb_HelpsWithAnExample()
    {
        foreach (string verb in (string[])
                [
                    "train", "pretrain", "evaluate", "predict", "features", "reconstruct", "explain", "inspect", "convert", "verify",
                    "validate", "benchmark", "completion"])
            Assert.Contains($"videomae {verb}", Tool.Run(verb, "--help").Output.Split("Example")[^1]);
    }

    [TestMethod]
    public void CtrlC_KeepsTheBestSoFar()
    {
        NeedInterrupts();
        string folder = Path.Combine(Tool.Folder, "stopped");
        using Process process = StartTraining(folder);
        Interrupt(process);
        string rest = process.StandardOutput.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.AreEqual(0, process.ExitCode, process.StandardError.ReadToEnd());
        Assert.Contains("Saved", rest);
        Assert.IsTrue(File.Exists(Path.Combine(folder, "videomae.zip")));
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "metrics.json")));
        Assert.IsTrue(metrics.RootElement.GetProperty("wasStopped").GetBoolean());
    }

    /// <summary>The first lets the run end in order, and measure and write its report; the second does not wait for that.</summary>
    [TestMethod]
    public void SecondCtrlC_StopsAtOnce()
    {
        NeedInterrupts();
        string folder = Path.Combine(Tool.Folder, "stopped-at-once");
        using Process process = StartTraining(folder);
        Interrupt(process);
        while (process.StandardError.ReadLine() is string line && !line.Contains("Press Ctrl+C again", StringComparison.Ordinal))
        {
        }

        Interrupt(process);
        Assert.IsTrue(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.AreEqual(130, process.ExitCode, "as a shell says that a program ended by SIGINT");
        Assert.DoesNotContain("Saved", process.StandardOutput.ReadToEnd());
        Assert.IsFalse(File.Exists(Path.Combine(folder, "report.html")));
    }

    /// <summary>A run in its third epoch of many.</summary>
    private static Process StartTraining(string folder)
    {
        Process process = Tool.Start(null, "train", "--dataset", TestClips.Folder, "--epochs", "5000", "--output", folder);
        while (process.StandardOutput.ReadLine() is string line && !line.StartsWith("Epoch 2/", StringComparison.Ordinal))
        {
        }

        return process;
    }

    private static void NeedInterrupts()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Ctrl+C is sent with kill.");
        // A shell starts what runs in the background with SIGINT ignored, which the tool would inherit: the test would wait for ever.
        const int Interrupt = 1 << 1;
        if (OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").SingleOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
                is string ignored
            && (Convert.ToUInt64(ignored[7..].Trim(), 16) & Interrupt) != 0)
            Assert.Inconclusive("SIGINT is ignored by whoever started the tests: start them in the foreground.");
    }

    private static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", process.Id.ToString()]);
        kill.WaitForExit();
    }

    [TestMethod]
    public void Terminal_GetsBars_AndAPipeDoesNot()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/script"))
            Assert.Inconclusive("This test needs util-linux's script, which makes a terminal.");
        AssertBars("train", "Decoding the training videos", "Epoch 2: loss", "Validation", "Scoring validation videos", "clips/s", "100%");
        AssertBars("pretrain", "Decoding the training videos", "Epoch 2: loss", "in epoch 1 of 2", "clips/s", "100%");
        Assert.DoesNotContain(
            "━",
            Tool.Run("train", "--dataset", TestClips.Animations, "--epochs", "1", "--output", Path.Combine(Tool.Folder, "bars")).Output);
    }

    private static void AssertBars(string verb, params string[] texts)
    {
        string command = $"stty cols 120; dotnet {Tool.Program} {verb} --dataset {TestClips.Animations} --epochs 2 --output " +
            $"{Path.Combine(Tool.Folder, "bars")}";
        string output = Packaging.DotNet.Start(Tool.Folder, "/usr/bin/script", succeeds: true, "-qec", command, "/dev/null");
        foreach (string text in texts)
            Assert.Contains(text, output, verb);
    }
}
