// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.State;

/// <summary>
/// Runs that were stopped under an earlier version are found by the same name, go on, and end with the weights that it would have reached.
/// </summary>
[TestClass]
public sealed class TodayStatesTests
{
    private const double Tolerance = 1e-4;

    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void FineTuning_GoesOnFromAStoredState()
    {
        string workspace = TodayRuns.CopyOf("fine-tuning");
        VideoMaeTrainer.Options options = TodayRuns.FineTuning(workspace);
        var steps = new List<int>();
        var losses = new List<double>();
        options.StepCallback = m => steps.Add(m.Step);
        options.MetricsCallback = m => losses.AddRange([m.Loss, m.ValidationLoss!.Value]);
        using VideoMaeClassificationTransformer model = _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(TodayRuns.Rows(_ml));
        Check("fine-tuning", workspace, steps, losses, model);
    }

    [TestMethod]
    public void Pretraining_GoesOnFromAStoredState()
    {
        string workspace = TodayRuns.CopyOf("pretraining");
        VideoMaePretrainingEstimator.Options options = TodayRuns.Pretraining(workspace);
        var steps = new List<int>();
        var losses = new List<double>();
        options.StepCallback = m => steps.Add(m.Step);
        options.MetricsCallback = m => losses.AddRange([m.Loss, m.ValidationLoss!.Value]);
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(options).Fit(TodayRuns.Rows(_ml));
        Check("pretraining", workspace, steps, losses, model);
    }

    private static void Check(string name, string workspace, List<int> steps, List<double> losses, VideoMaeScoringTransformer model)
    {
        Assert.AreEqual(Directory.GetDirectories(ReferenceFiles.Path($"today/{name}")).Select(Path.GetFileName).Single(),
            Directory.GetDirectories(workspace).Select(Path.GetFileName).Single(), "the run has the name that it had");
        Assert.AreEqual(TodayRuns.LastStep + 1, steps[0], "the run goes on and does not start again");
        double[] expected =
        [.. ReferenceFiles.Json("today/expected.json").RootElement.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
        Assert.HasCount(expected.Length, losses);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], losses[i], Tolerance, $"loss {i}");
        string folder = Path.Combine(workspace, "saved");
        model.SavePretrained(folder);
        using SafetensorsContent stored = SafetensorsReader.Load(ReferenceFiles.Path($"today/{name}.safetensors"));
        using (SafetensorsContent reached = SafetensorsReader.Load(Path.Combine(folder, "model.safetensors")))
        {
            CollectionAssert.AreEquivalent(stored.Tensors.Keys.ToArray(), reached.Tensors.Keys.ToArray());
            foreach ((string key, Tensor tensor) in stored.Tensors)
            {
                using Tensor difference = (tensor.to(float32) - reached.Tensors[key].to(float32)).abs().max();
                Assert.IsLessThan(Tolerance, difference.item<float>(), key);
            }
        }

        Directory.Delete(workspace, recursive: true);
    }
}
