// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.Tasks;

[TestClass]
public sealed class ClassificationTaskTests
{
    [TestMethod]
    [DataRow(0, "cross_entropy")]
    [DataRow(0.1, "label_smoothing_0.1")]
    public void Loss_EqualsTheReference(double smoothing, string key)
    {
        using JsonDocument golden = ReferenceFiles.Json("recipe/losses.json");
        using DisposeScope scope = NewDisposeScope();
        using var task = new ClassificationTask(5, smoothing, null, null, CPU);
        Tensor logits = Matrix(golden.RootElement.GetProperty("logits"));
        float[] labels = [.. golden.RootElement.GetProperty("targets").EnumerateArray().Select(v => v.GetSingle())];
        Tensor loss = task.Loss(logits, Targets(task, labels));
        Assert.AreEqual(golden.RootElement.GetProperty(key).GetDouble(), loss.item<float>(), 2e-6);
    }

    [TestMethod]
    public void SoftTargets_EqualTheReference()
    {
        using JsonDocument golden = ReferenceFiles.Json("recipe/losses.json");
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Matrix(golden.RootElement.GetProperty("logits")).requires_grad_();
        Tensor loss = SoftTargetCrossEntropy.Compute(logits, Matrix(golden.RootElement.GetProperty("soft_targets")));
        Assert.AreEqual(golden.RootElement.GetProperty("soft_target_cross_entropy").GetDouble(), loss.item<float>(), 2e-6);
        loss.backward();
        Modeling.ReferenceData.AssertClose(
            Matrix(golden.RootElement.GetProperty("soft_target_ce_gradient_wrt_logits")), logits.grad!, "gradient", 1e-6);
    }

    [TestMethod]
    public void ClassWeights_AreThoseOfTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] weights = ClassificationTask.InverseFrequencies([0, 0, 0, 2], 3);
        CollectionAssert.AreEqual(new[] { 4f / 2 / 3, 0, 2 }, weights);
        using var task = new ClassificationTask(3, 0, null, weights, CPU);
        Tensor logits = tensor(new float[] { 1, 2, 3, 0, 1, 0, 2, 2, 1, 5, 4, 3 }, [4, 3]);
        Tensor expected = nn.functional.cross_entropy(logits, tensor(new long[] { 0, 0, 0, 2 }), weight: tensor(weights));
        Assert.AreEqual(expected.item<float>(), task.Loss(logits, Targets(task, [0, 0, 0, 2])).item<float>(), 1e-6);
    }

    [TestMethod]
    public void Mixing_ChangesClipsAndTargets()
    {
        using var task = new ClassificationTask(2, 0, new MixupOptions { MixupAlpha = 1, CutmixAlpha = 0 }, null, CPU);
        float[] clips = [0, 0, 0, 0, 1, 1, 1, 1];
        (float[] targets, _) = task.Prepare(clips, null, [0, 1], (2, 2), new Random(1));
        Assert.AreEqual(clips[0], targets[1], 1e-6f); // the share of the white clip in the black one is its label's share
        Assert.IsTrue(clips[0] is > 0 and < 1);
        float[] features = [0, 1];
        task.Prepare(features, null, [0, 1], null, new Random(1));
        CollectionAssert.AreEqual(new float[] { 0, 1 }, features, "features are not mixed");
    }

    [TestMethod]
    public void Measure_CountsClipsAndClasses()
    {
        using var task = new ClassificationTask(3, 0.1, null, null, CPU);
        ValidationResult result = task.Measure([[2, 0, 0], [2, 0, 0], [2, 0, 0], [0, 1, 0]], [0, 0, 1, 1]);
        Assert.AreEqual(0.75, result.Accuracy);
        Assert.AreEqual((1 + 0.5) / 2, result.MacroAccuracy);
        double right = Math.Log(1 + 2 * Math.Exp(-2)), wrong = right + 2, other = Math.Log(1 + 2 * Math.Exp(-1));
        Assert.AreEqual((2 * right + wrong + other) / 4, result.Loss, 1e-6);
    }

    private static Tensor Targets(TrainingTask task, float[] labels)
    {
        (float[] values, int perClip) = task.Prepare(new float[labels.Length], null, labels, (1, 1), new Random(1));
        return tensor(values, [labels.Length, perClip]);
    }

    private static Tensor Matrix(JsonElement rows)
    {
        float[][] values = [.. rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetSingle()).ToArray())];
        return tensor(values.SelectMany(r => r).ToArray(), [values.Length, values[0].Length]);
    }
}
