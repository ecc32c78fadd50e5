// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Tests.Cli;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

/// <summary>Our models in other languages: the samples give the scores that ours give, where what runs them is at hand.</summary>
[TestClass]
public sealed class OnnxElsewhereTests
{
    [TestMethod]
    public void JavaScript_GivesTheScores()
    {
        NeedsProgram("node");
        NeedsProgram("npm");
        // A copy of its own: packages do not belong among the sources.
        string sample = Copy("OnnxJavaScript"), folder = Path.Combine(Tool.Folder, "for-javascript");
        (int code, _, string errors) = Start(sample, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund");
        if (code != 0)
            Assert.Inconclusive($"This test needs the package onnxruntime-node, which npm could not install: {errors}");
        Assert.AreEqual(0, Tool.Run("convert", Tool.Classifier, "--to", "huggingface", "--output", folder).Code);
        Assert.AreEqual(
            0, Tool.Run("convert", Tool.Classifier, "--output", $"{folder}/onnx/model.onnx", "--onnx-input", "Frames").Code);
        AssertScores(clips => Start(sample, "node", ["predict.mjs", folder, .. clips]));
        (code, _, errors) = Start(sample, "node", "predict.mjs");
        Assert.AreEqual(2, code);
        Assert.Contains("Usage:", errors);
        Directory.Delete(Path.Combine(sample, "node_modules"), recursive: true); // Hundreds of megabytes.
    }

    [TestMethod]
    public void Python_GivesTheScores()
    {
        NeedsProgram("python3");
        string sample = Copy("OnnxPython"), model = Path.Combine(Tool.Folder, "for-python.onnx");
        (int code, _, string errors) = Start(sample, "python3", "-m", "py_compile", "predict.py");
        Assert.AreEqual(0, code, errors);
        if (Start(sample, "python3", "-c", "import numpy, onnxruntime").Code != 0)
            return; // It was checked to be Python. What it needs is not everywhere.
        Assert.AreEqual(0, Tool.Run("convert", Tool.Classifier, "--output", model, "--onnx-input", "Frames").Code);
        AssertScores(clips => Start(sample, "python3", ["predict.py", model, .. clips]));
    }

    private static void AssertScores(Func<string[], (int Code, string Output, string Errors)> run)
    {
        string[] clips = [TestClips.Clip("red", 1), TestClips.Clip("blue", 2)];
        using var model = ((IEnumerable<ITransformer>)new MLContext().Model.Load(Tool.Classifier, out _))
            .OfType<VideoMaeClassificationTransformer>().Single();
        (int code, string output, string errors) = run(clips);
        Assert.AreEqual(0, code, errors);
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries);
        foreach (string clip in clips)
        {
            IReadOnlyList<KeyValuePair<string, float>> expected = model.Predict(MLVideo.CreateFromFile(clip));
            int at = Array.IndexOf(lines, $"{clip}: {expected[0].Key}");
            Assert.IsGreaterThanOrEqualTo(0, at, output);
            for (int i = 0; i < expected.Count; i++)
            {
                string[] parts = lines[at + 1 + i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Assert.AreEqual(expected[i].Key, parts[0]);
                Assert.AreEqual(expected[i].Value, float.Parse(parts[1], CultureInfo.InvariantCulture), 0.01f, clip);
            }
        }
    }

    private static string Copy(string sample)
    {
        string target = Directory.CreateDirectory(Path.Combine(TestClips.NewFolder(), sample)).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(Tool.Root, "samples", sample)))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }

    private static void NeedsProgram(string program)
    {
        try
        {
            if (Start(Path.GetTempPath(), program, "--version").Code == 0)
                return;
        }
        catch (Win32Exception)
        {
            // There is none.
        }

        Assert.Inconclusive($"This test needs '{program}' on the PATH.");
    }

    private static (int Code, string Output, string Errors) Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
