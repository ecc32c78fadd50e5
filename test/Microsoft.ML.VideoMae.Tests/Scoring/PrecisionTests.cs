// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Tests.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

[TestClass]
public sealed class PrecisionTests
{
    private readonly RunHelper _run = new();

    [TestMethod]
    public void BFloat16_ChangesScoresLittle_AndIsTakenBack()
    {
        using VideoMaeClassificationTransformer model = _run.Fit(TestClips.Options(4));
        MLVideo clip = MLVideo.CreateFromFile(TestClips.Animation("red", 1));
        float exact = model.Predict(clip)[0].Value;
        Assert.AreEqual(ComputePrecision.Float32, model.Precision);
        model.Precision = ComputePrecision.BFloat16;
        float brief = model.Predict(clip)[0].Value;
        Assert.AreNotEqual(exact, brief);
        Assert.AreEqual(exact, brief, 2e-2f);
        model.Precision = ComputePrecision.Float32;
        Assert.AreEqual(exact, model.Predict(clip)[0].Value);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Precision = (ComputePrecision)7);
    }

    [TestMethod]
    public void Auto_IsBFloat16WhereTheProcessorHasIt()
    {
        using VideoMaeClassificationTransformer model = _run.Fit(TestClips.Options(2));
        MLVideo clip = MLVideo.CreateFromFile(TestClips.Animation("red", 1));
        float exact = model.Predict(clip)[0].Value;
        model.Precision = ComputePrecision.Auto;
        Assert.AreEqual(BFloat16Support.IsFast, exact != model.Predict(clip)[0].Value);
        model.Precision = ComputePrecision.BFloat16;
        Assert.AreEqual(!BFloat16Support.IsFast, _run.Log.Any(line => line.Contains("it takes several times as long")), "slowness is said");
    }

    [TestMethod]
    public void EpochsInBFloat16_LearnAsThoseInFloat32()
    {
        double[] exact = Losses(ComputePrecision.Float32, false), brief = Losses(ComputePrecision.BFloat16, true);
        Console.WriteLine($"Float32:  {string.Join(" ", exact.Select(loss => $"{loss:0.0000}"))}\nBFloat16: " +
            $"{string.Join(" ", brief.Select(loss => $"{loss:0.0000}"))}");
        CollectionAssert.AreNotEqual(exact, brief);
        Assert.IsLessThan(0.1, exact[^1]);
        for (int epoch = 0; epoch < exact.Length; epoch++)
            Assert.AreEqual(exact[epoch], brief[epoch], 0.05, $"epoch {epoch + 1}");
    }

    private double[] Losses(ComputePrecision precision, bool checkpointing)
    {
        VideoMaeTrainer.Options options = TestClips.Options(15);
        options.Precision = precision;
        options.ActivationCheckpointing = checkpointing;
        var losses = new System.Collections.Generic.List<double>();
        options.MetricsCallback = metrics => losses.Add(metrics.Loss);
        using VideoMaeClassificationTransformer model = _run.Fit(options);
        Assert.AreEqual(ComputePrecision.Float32, model.Precision, "scoring has a setting of its own");
        return [.. losses];
    }
}
