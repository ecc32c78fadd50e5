// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Shipped;

/// <summary>The weights of the package, which the tool brings beside these tests.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class ShippedWeightsTests
{
    /// <summary>Of values up to 4: here they are computed in 32 bits, and there in 64.</summary>
    private const double Tolerance = 5e-4;

    private static ShippedWeights Weights =>
        ShippedWeights.For(null) ?? throw new InvalidOperationException("The weights are not beside the tests.");

    /// <summary>Reference/weights/forward.py computed them with numpy.</summary>
    [TestMethod]
    public void Tokens_AreThoseOfAnotherProgram()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        var recorded = Load("weights", "cpu-motion.safetensors");
        VideoMaeImageProcessorOptions pixels = VideoMaeImageProcessor.FromPretrained(Weights.Folder).Options;
        Tensor frames = (recorded["frames"].to(ScalarType.Float32) / 255 - pixels.ImageMean[0]) / pixels.ImageStd[0]; // [2, 16, 3, 64, 64]
        using var model = VideoMaeModel.FromPretrained(Weights.Folder);
        model.eval();
        Tensor every16th = arange(0, 256, 16, dtype: ScalarType.Int64);
        AssertClose(recorded["tokens"], model.forward(frames).LastHiddenState.index_select(1, every16th), "tokens", Tolerance);
        using var fast = new FastEncoder(model, ScalarType.Float32, oneDnn: null);
        AssertClose(recorded["tokens"], fast.Tokens(frames).index_select(1, every16th), "tokens of the fast encoder", Tolerance);
    }

    [TestMethod]
    [DataRow("cpu-motion", nameof(VideoMaeConfig.CpuMotion))]
    [DataRow("cpu-motion-tiny", nameof(VideoMaeConfig.CpuMotionTiny))]
    public void Folder_HoldsThePreset_WithTheNormOfAnEncoder(string name, string presetName)
    {
        ShippedWeights found = ShippedWeights.Named(name)!;
        Assert.AreEqual($"VideoMaeConfig.{presetName}", found.Preset.NameInCode);
        VideoMaeConfig read = VideoMaeConfig.Load(Path.Combine(found.Folder, "config.json"));
        Assert.AreEqual((found.Preset.Config with { DType = "float16" }).ToJson(), read.ToJson());
        using var model = VideoMaeModel.FromPretrained(found.Folder);
        Assert.IsEmpty(model.LoadReport!.Unexpected, "The file has nothing that the model does not take.");
        Assert.IsTrue(model.LoadReport.IsComplete);
    }

    [TestMethod]
    public void Processor_StretchesTheWholeFrame()
    {
        VideoMaeImageProcessorOptions read = VideoMaeImageProcessor.FromPretrained(Weights.Folder).Options;
        Assert.IsFalse(read.DoCenterCrop);
        Assert.AreEqual(FrameSize.Exact(64, 64), read.Size);
        CollectionAssert.AreEqual(new[] { 0.45, 0.45, 0.45 }, read.ImageMean.ToArray());
        CollectionAssert.AreEqual(new[] { 0.225, 0.225, 0.225 }, read.ImageStd.ToArray());
    }

    [TestMethod]
    public void For_FindsThemForTheirPresetAlone()
    {
        Assert.AreEqual("VideoMaeConfig.CpuMotion", Weights.Preset.NameInCode);
        Assert.IsNotNull(ShippedWeights.For(VideoMaeConfig.CpuMotion.WithLabels(["a", "b", "c"])), "Labels are no part of the shape.");
        Assert.IsNull(ShippedWeights.For(VideoMaeConfig.CpuTiny));
        Assert.IsNull(ShippedWeights.For(VideoMaeConfig.CpuMotion with { NumHiddenLayers = 5 }));
        Assert.AreEqual("VideoMaeConfig.CpuMotionTiny", ShippedWeights.For(VideoMaeConfig.CpuMotionTiny)!.Preset.NameInCode);
        Assert.IsNull(ShippedWeights.Named("./cpu-motion"));
    }

    [TestMethod]
    public void Name_IsTakenWhereACheckpointIs()
    {
        using StartingWeights found = StartingWeights.Find("cpu-motion-tiny");
        Assert.IsTrue(found.IsPreTraining);
        Assert.AreEqual(new UniformFrameSampler(16), found.SamplerForScoring(16).Sampler);
        using VideoMaeForVideoClassification model = found.LoadClassifier();
        Assert.AreEqual(VideoMaeConfig.CpuMotionTiny.HiddenSize, model.Config.HiddenSize);
    }

    [TestMethod]
    public void For_FindsNothingInAFolderWithoutThem()
    {
        string folder = TestClips.NewFolder();
        Assert.IsNull(ShippedWeights.For(null, folder));
        Directory.CreateDirectory(Path.Combine(folder, "cpu-motion"));
        Assert.IsNull(ShippedWeights.For(null, folder), "A folder without weights is none.");
    }

    [TestMethod]
    public void Hash_IsThatOfTheContent()
    {
        string folder = Directory.CreateDirectory(Path.Combine(TestClips.NewFolder(), "cpu-motion")).FullName;
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "abc");
        ShippedWeights found = ShippedWeights.For(null, Path.GetDirectoryName(folder)!)!;
        Assert.AreEqual("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", found.Hash());
        Assert.AreEqual("Microsoft.ML.VideoMae.Weights/cpu-motion (MIT), sha256 ba7816bf8f01cfea", found.ToString());
    }
}
