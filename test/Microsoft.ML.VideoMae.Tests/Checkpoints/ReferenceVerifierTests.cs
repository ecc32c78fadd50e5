// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class ReferenceVerifierTests
{
    private static readonly string s_inputs = PathOf("tiny", "expected", "inputs.safetensors");

    [TestMethod]
    [DataRow("classification", "classification", 15)]
    [DataRow("classification", "classification_grads", 51)]
    [DataRow("regression", "regression", 2)]
    [DataRow("pretraining", "pretraining", 23)]
    [DataRow("pretraining", "pretraining_grads", 83)]
    [DataRow("pretraining_layernorm", "pretraining_layernorm", 23)]
    [DataRow("pretraining_layernorm", "pretraining_layernorm_grads", 85)]
    public void Tiny_Passes_WithEveryTensorCompared(string model, string expected, int count)
    {
        ReferenceVerification result = ReferenceVerifier.Verify(
            PathOf("tiny", model), s_inputs, PathOf("tiny", "expected", $"{expected}.safetensors"));
        Assert.IsTrue(result.Passed, string.Join(Environment.NewLine, result.Comparisons.Where(comparison => !comparison.Passed)));
        Assert.HasCount(count, result.Comparisons);
        Assert.IsEmpty(result.Skipped);
    }

    [TestMethod]
    [DataRow("cls_rect_16x24")]
    [DataRow("cls_relu")]
    [DataRow("pre_4channels")]
    public void Variant_InOneFile_Passes(string variant)
    {
        ReferenceVerification result = ReferenceVerifier.Verify(
            PathOf("variants", variant), PathOf("variants", variant, "expected.safetensors"));
        Assert.IsTrue(result.Passed, string.Join(Environment.NewLine, result.Comparisons));
        Assert.IsEmpty(result.Skipped);
    }

    [TestMethod]
    [DataRow("finetune.pth", "finetune_hf", "finetune_expected", "original.")]
    [DataRow("pretrain.pth", "pretrain_hf", "pretrain_expected", "original.")]
    [DataRow("finetune_hf", null, "finetune_expected", "hf_converted.")]
    [DataRow("pretrain_hf", null, "pretrain_expected", "hf_converted.")]
    public void Original_ComparesWithItsOwnNumbers(string model, string? config, string expected, string prefix)
    {
        PretrainedOptions? options = config is null ? null : new() { Config = VideoMaeConfig.Load(PathOf("mcg", config, "config.json")) };
        ReferenceVerification result = ReferenceVerifier.Verify(
            PathOf("mcg", model), PathOf("mcg", $"{expected}.safetensors"), options: options);
        Assert.IsTrue(result.Passed, string.Join(Environment.NewLine, result.Comparisons));
        Assert.IsNotEmpty(result.Comparisons);
        Assert.IsTrue(result.Comparisons.All(comparison => comparison.Name.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("videomae.encoder.layer.2.attention.attention.key.weight")]
    [DataRow("videomae.embeddings.patch_embeddings.projection.weight")]
    [DataRow("classifier.bias")]
    public void OnePerturbedWeight_Fails(string name)
    {
        using TemporaryFolder folder = new();
        Perturb(folder, name);
        ReferenceVerification result = ReferenceVerifier.Verify(
            folder.Path, s_inputs, PathOf("tiny", "expected", "classification.safetensors"));
        Assert.IsFalse(result.Passed);
        Assert.IsFalse(result.Comparisons.Single(comparison => comparison.Name == "logits").Passed);
    }

    [TestMethod]
    public void Tolerance_ZeroFails_AndALooseOnePasses()
    {
        string expected = PathOf("tiny", "expected", "classification.safetensors");
        Assert.IsFalse(ReferenceVerifier.Verify(PathOf("tiny", "classification"), s_inputs, expected, tolerance: 0).Passed);
        Assert.IsTrue(ReferenceVerifier.Verify(PathOf("tiny", "classification"), s_inputs, expected, tolerance: 1e-3).Passed);
    }

    [TestMethod]
    public void NothingToCompare_IsAClearError()
    {
        Assert.Contains("nothing this model produces", Assert.ThrowsExactly<InvalidDataException>(() =>
            ReferenceVerifier.Verify(PathOf("tiny", "classification"), s_inputs)).Message);
        Assert.Contains("no pixel_values", Assert.ThrowsExactly<InvalidDataException>(() =>
            ReferenceVerifier.Verify(PathOf("tiny", "classification"), PathOf("tiny", "expected", "classification.safetensors"))).Message);
    }

    [TestMethod]
    public void Program_SaysWhatItFound_InItsExitCode()
    {
        string expected = PathOf("tiny", "expected", "classification.safetensors");
        (int code, string output, _) = Run("--model", PathOf("tiny", "classification"), "--reference", s_inputs, "--expected", expected);
        Assert.AreEqual(0, code, output);
        Assert.Contains("15 of 15 within tolerance.", output);
        Assert.Contains("hidden_states.3", output);

        using TemporaryFolder folder = new();
        Perturb(folder, "videomae.encoder.layer.0.output.dense.bias");
        (code, output, _) = Run("--model", folder.Path, "--reference", s_inputs, "--expected", expected);
        Assert.AreEqual(1, code, output);
        Assert.Contains("FAIL", output);

        (code, _, string errors) = Run("--model", "nowhere", "--reference", s_inputs);
        Assert.AreEqual(2, code);
        Assert.Contains("'nowhere' does not exist", errors);
        Assert.AreEqual(2, Run("--modle", "x").Code);
    }

    private static void Perturb(TemporaryFolder folder, string name)
    {
        File.Copy(PathOf("tiny", "classification", "config.json"), folder.File("config.json"));
        using SafetensorsContent content = SafetensorsReader.Load(PathOf("tiny", "classification", "model.safetensors"));
        using (NewDisposeScope())
            content.Tensors[name].view(-1).narrow(0, 0, 1).add_(0.05);
        SafetensorsWriter.Write(folder.File("model.safetensors"), content.Tensors.Select(pair => (pair.Key, pair.Value)));
    }

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
#if DEBUG
        const string Configuration = "Debug";
#else
        const string Configuration = "Release";
#endif
        string program = Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, $"../../../../../samples/Verify/bin/{Configuration}/net10.0/Verify.dll"));
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)[program, .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
