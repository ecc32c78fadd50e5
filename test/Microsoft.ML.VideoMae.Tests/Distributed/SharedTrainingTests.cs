// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Distributed;

/// <summary>Several processes train as one does. The model has dropout everywhere, so that a draw that depends on the process is seen.</summary>
[TestClass]
public sealed class SharedTrainingTests
{
    private const double Tolerance = 1e-5;

    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [TestCategory("Distributed")]
    [DataRow(MpiRun.OpenMpi, "train")]
    [DataRow(MpiRun.Mpich, "pretrain")]
    [DataRow(MpiRun.OpenMpi, "train", "products=oneDNN")]
    public void TwoProcesses_TrainAsOne(string implementation, string what, params string[] more)
    {
        if (more.Length > 0 && !OneDnn.IsAvailable)
            Assert.Inconclusive($"oneDNN's operator is not available on this processor, {ProcessorInfo.Description}.");
        string[] options = ["NumberOfEpochs=4", "ValidationFraction=0.2", "BatchSize=5", "Seed=1", .. more];
        Curve one = Train(implementation, 1, what, TestClips.Animations, options);
        Curve two = Train(implementation, 2, what, TestClips.Animations, options);
        AssertAlike(one, two);
        Assert.Contains("2 processes share this run", two.Log);
        Assert.AreEqual(more.Length > 0, two.Log.Contains("blocks are trained with oneDNN's products", StringComparison.Ordinal));
    }

    /// <summary>What is hard to share: mixed pairs, copies, uneven batches, class weights, clips that cannot be read, and averages.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void SeveralProcesses_TrainAsOne(int processes)
    {
        string clips = WithBadClips();
        foreach ((string what, string folder, string[] options) in ((string, string, string[])[])
        [
            ("train", TestClips.Animations, ["NumberOfEpochs=17", "ValidationFraction=0.2", "Seed=1"]),
            ("train", clips, ["NumberOfEpochs=9", "ValidationFraction=0.2", "Seed=1", "BatchSize=4", "Mixup=0.8", "Cutmix=1",
                "RepeatedAugmentation=2", "GradientAccumulation=2", "ClassBalancing=Weights", "EmaDecay=0.9", "MaxSkippedFraction=0.5"]),
            ("pretrain", clips, ["NumberOfEpochs=17", "Seed=1", "ValidationFraction=0.2", "ProbeLabelColumnName=Label",
                "ProbeInterval=5", "MaxSkippedFraction=0.5", "DecoderMaskRatio=0.5"]),
            ("pretrain", clips, ["NumberOfEpochs=5", "Seed=1", "Target=Both", "MasksMotion=true", "MaxSkippedFraction=0.5"]),
        ])
        {
            AssertAlike(
                Train(MpiRun.OpenMpi, 1, what, folder, options), Train(MpiRun.OpenMpi, processes, what, folder, options));
        }
    }

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("FineTuning=LinearProbe")]
    [DataRow("LinearProbeFirst=true")]
    public void ProbeOnFeatures_IsShared(string probe)
    {
        string start = Path.Combine(_folder, "start");
        string[] first = ["NumberOfEpochs=2", "Seed=1"];
        Assert.AreEqual(
            0, MpiRun.Run(MpiRun.Mpich, 1, MpiRun.TrainingProgram, ["curve-train", TestClips.Animations, start, .. first]).Code);
        string[] options =
        [
            $"PretrainedModel={Path.Combine(start, "rank0")}", probe, "FeatureViews=2", "NumberOfEpochs=5", "Seed=1",
            "ValidationFraction=0.2",
        ];
        AssertAlike(
            Train(MpiRun.Mpich, 1, "train", TestClips.Animations, options), Train(MpiRun.Mpich, 3, "train", TestClips.Animations, options));
    }

    /// <summary>What a process warns of reaches the log of the first one, once.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    public void ClipsThatCannotBeRead_AreNamedOnce()
    {
        Curve two = Train(MpiRun.OpenMpi, 2, "train", WithBadClips(), ["NumberOfEpochs=2", "Seed=1", "MaxSkippedFraction=0.5"]);
        Assert.AreEqual(1, two.Log.Split("videos of the training set cannot be read").Length - 1, two.Log);
        Assert.Contains("2 of the 12 videos", two.Log);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void OtherSettings_AreRefused()
    {
        (int code, _, string errors) = MpiRun.Run(
            MpiRun.OpenMpi, 3, MpiRun.TrainingProgram, "curve-train", TestClips.Animations, Path.Combine(_folder, "x"), "BatchSize=2");
        Assert.AreNotEqual(0, code);
        Assert.Contains("BatchSize is 2, and 3 processes share a batch", errors);
    }

    private static void AssertAlike(Curve one, Curve several)
    {
        Assert.HasCount(one.Steps.Count, several.Steps);
        foreach ((double[] a, double[] b) in one.Steps.Zip(several.Steps))
            AssertNear(a, b);
        Assert.HasCount(one.Epochs.Count, several.Epochs);
        foreach ((double[] a, double[] b) in one.Epochs.Zip(several.Epochs))
            AssertNear(a, b);
        Assert.HasCount(1, several.Weights.Distinct().ToArray(), "All processes have to end with the same weights.");
    }

    private static void AssertNear(double[] one, double[] several)
    {
        Assert.HasCount(one.Length, several);
        for (int i = 0; i < one.Length; i++)
            Assert.AreEqual(one[i], several[i], Tolerance, $"{string.Join(" ", one)} against {string.Join(" ", several)}");
    }

    private Curve Train(string implementation, int processes, string what, string clips, string[] options)
    {
        string output = Path.Combine(_folder, $"{processes} {Guid.NewGuid():N}");
        (int code, _, string errors) = MpiRun.Run(
            implementation, processes, MpiRun.TrainingProgram, [$"curve-{what}", clips, output, .. options]);
        Assert.AreEqual(0, code, errors);
        return new Curve(output);
    }

    private string WithBadClips()
    {
        string folder = Path.Combine(_folder, $"clips {Guid.NewGuid():N}");
        foreach (string file in Directory.EnumerateFiles(TestClips.Animations, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(TestClips.Animations, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            byte[] bytes = File.ReadAllBytes(file);
            bool isBad = Path.GetRelativePath(TestClips.Animations, file) is "red/3.webp" or "blue/5.webp";
            File.WriteAllBytes(copy, isBad ? bytes[..100] : bytes);
        }

        return folder;
    }

    /// <summary>What a run wrote.</summary>
    private sealed class Curve(string folder)
    {
        public IReadOnlyList<double[]> Steps { get; } = Numbers(Path.Combine(folder, "steps.0.txt"));

        public IReadOnlyList<double[]> Epochs { get; } = Numbers(Path.Combine(folder, "epochs.0.txt"));

        public string Log { get; } = File.ReadAllText(Path.Combine(folder, "log.0.txt"));

        public IReadOnlyList<string> Weights { get; } =
        [
            .. Directory.EnumerateFiles(folder, "model.safetensors", SearchOption.AllDirectories)
                .Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))),
        ];

        private static double[][] Numbers(string path) =>
        [
            .. File.ReadAllLines(path).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray()),
        ];
    }
}
