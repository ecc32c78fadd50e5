// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

/// <summary>Every option that changes the recipe reaches it.</summary>
[TestClass]
public sealed class RecipeWiringTests
{
    private readonly RunHelper _run = new();

    [TestMethod]
    [DataRow("Mixup")]
    [DataRow("Cutmix")]
    [DataRow("MixupProbability")]
    [DataRow("MixupSwitchProbability")]
    [DataRow("MixupMode")]
    [DataRow("RepeatedAugmentation")]
    [DataRow("GradientAccumulation")]
    [DataRow("FinalWeightDecay")]
    [DataRow("HorizontalFlip")]
    [DataRow("RandomErasing")]
    [DataRow("RandAugment")]
    [DataRow("MinCropArea")]
    [DataRow("MaxShift")]
    [DataRow("BrightnessJitter")]
    [DataRow("DropPathRate")]
    [DataRow("HeadDropout")]
    [DataRow("LabelSmoothing")]
    [DataRow("GradientClipNorm")]
    [DataRow("WarmupRatio")]
    [DataRow("FinalLearningRateRatio")]
    [DataRow("LayerDecay")]
    [DataRow("ClassBalancing")]
    public void Option_ChangesTheWeights(string option)
    {
        VideoMaeTrainer.Options options = TestClips.Options(2);
        if (option.StartsWith("Mixup", StringComparison.Ordinal) && option != "Mixup")
            (options.Mixup, options.Cutmix) = (0.8f, 1);
        byte[] before = _run.Weights(options);
        Change(options, option);
        CollectionAssert.AreNotEqual(before, _run.Weights(options));
    }

    private static void Change(VideoMaeTrainer.Options options, string option)
    {
        switch (option)
        {
            case "Mixup":
                options.Mixup = 0.8f;
                break;
            case "Cutmix":
                options.Cutmix = 1;
                break;
            case "MixupProbability":
                options.MixupProbability = 0.2f;
                break;
            case "MixupSwitchProbability":
                options.MixupSwitchProbability = 0;
                break;
            case "MixupMode":
                options.MixupMode = MixupMode.Element;
                break;
            case "RepeatedAugmentation":
                options.RepeatedAugmentation = 2;
                break;
            case "GradientAccumulation":
                options.GradientAccumulation = 2;
                break;
            case "FinalWeightDecay":
                options.FinalWeightDecay = 1;
                break;
            case "HorizontalFlip":
                options.HorizontalFlip = false;
                break;
            case "RandomErasing":
                options.RandomErasing = 0.9f;
                break;
            case "RandAugment":
                options.RandAugment = "rand-m7-n4-mstd0.5-inc1";
                break;
            case "MinCropArea":
                options.MinCropArea = 0.2f;
                break;
            case "MaxShift":
                options.MaxShift = 0.25f;
                break;
            case "BrightnessJitter":
                options.BrightnessJitter = 0.3f;
                break;
            case "DropPathRate":
                options.DropPathRate = 0.5f;
                break;
            case "HeadDropout":
                options.HeadDropout = 0.5f;
                break;
            case "LabelSmoothing":
                options.LabelSmoothing = 0.2f;
                break;
            case "GradientClipNorm":
                options.GradientClipNorm = 0.01f;
                break;
            case "WarmupRatio":
                options.WarmupRatio = 0.5f;
                break;
            case "FinalLearningRateRatio":
                options.FinalLearningRateRatio = 1;
                break;
            case "LayerDecay":
                options.LayerDecay = 0.5f;
                break;
            case "ClassBalancing":
                options.ClassBalancing = ClassBalancing.Sampling;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(option), option, "No change is known for this option.");
        }
    }

    [TestMethod]
    public void Accumulation_EqualsALargerBatch()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.DropPathRate = 0;
        var norms = new List<double>();
        options.StepCallback = m => norms.Add(m.GradientNorm);
        _run.Fit(options).Dispose();
        (options.BatchSize, options.GradientAccumulation) = (2, 2);
        _run.Fit(options).Dispose();
        Assert.HasCount(6, norms);
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(norms[i], norms[i + 3], 1e-4 * norms[i]);
    }

    [TestMethod]
    [DataRow("left", false)]
    [DataRow("Rotate-Clockwise", false)]
    [DataRow("wave", true)]
    public void Mirroring_IsOffWhereNamesHaveASide(string name, bool expected)
    {
        var log = new List<string>();
        var ml = new MLContext(1);
        ml.Log += (_, e) => log.Add(e.Message);
        using IChannel channel = ((IChannelProvider)ml).Start("test");
        Assert.AreEqual(expected, Mirroring.Choose(null, ["up", name], channel));
        Assert.ContainsSingle(log.Where(m => m.Contains("HorizontalFlip")));
        Assert.IsTrue(Mirroring.Choose(true, [name], channel));
        Assert.HasCount(expected ? 1 : 2, log.Where(m => m.Contains("HorizontalFlip")));
    }

    [TestMethod]
    public void BalancedSampling_DrawsClassesAlike()
    {
        ClipExample[] rows = [.. Enumerable.Range(0, 1000).Select(i => new ClipExample(MLVideo.CreateFromFile("x"), i < 900 ? 0 : 1))];
        var options = new VideoMaeTrainer.Options { ClassBalancing = ClassBalancing.Sampling };
        FineTuningRecipe recipe = new(options, false, false, rows.Length, new RandomStreams(1));
        int[] order = EpochOrder.Create(rows, [.. Enumerable.Range(0, rows.Length)], recipe, 1);
        Assert.HasCount(1000, order);
        Assert.AreEqual(0.5, order.Count(i => rows[i].ClassIndex == 1) / 1000.0, 0.08); // five deviations
    }

    [TestMethod]
    public void RepeatedAugmentation_PutsCopiesSideBySide()
    {
        ClipExample[] rows = [.. Enumerable.Range(0, 10).Select(i => new ClipExample(MLVideo.CreateFromFile("x"), 0))];
        FineTuningRecipe recipe = new(new VideoMaeTrainer.Options { RepeatedAugmentation = 3 }, false, false, 10, new RandomStreams(1));
        int[] order = EpochOrder.Create(rows, [.. Enumerable.Range(0, 10)], recipe, 1);
        Assert.HasCount(30, order);
        Assert.IsTrue(order.Chunk(3).All(c => c.Distinct().Count() == 1));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 10).ToArray(), order.Distinct().ToArray());
    }

    [TestMethod]
    public void TensorBoard_GetsStepsAndEpochs()
    {
        string folder = TestClips.NewFolder();
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.TensorBoardFolder = folder;
        _run.Fit(options).Dispose();
        string events = string.Concat(
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))));
        Directory.Delete(folder, recursive: true);
        StringAssert.Contains(events, "step/loss");
        StringAssert.Contains(events, "epoch/accuracy");
    }
}
