// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

/// <summary>The golden data in the test output folder, and comparisons with it.</summary>
internal static class ReferenceData
{
    internal const double LossTolerance = 2e-6;

    internal static string PathOf(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Reference", .. parts]);

    internal static IReadOnlyDictionary<string, Tensor> Load(params string[] parts) => SafetensorsReader.Load(PathOf(parts)).Tensors;

    internal static T LoadModel<T>(Func<VideoMaeConfig, T> create, params string[] folder)
        where T : VideoMaePreTrainedModel
    {
        T model = create(VideoMaeConfig.Load(PathOf([.. folder, "config.json"])));
        ModelWeightsAreComplete(ModelWeights.LoadInto(model, Load([.. folder, "model.safetensors"])));
        model.eval();
        return model;
    }

    private static void ModelWeightsAreComplete(KeyReport report) => Assert.IsTrue(report.IsComplete, report.ToString());

    /// <summary>Values: 2e-5, or 1e-5 of the largest one.</summary>
    internal static void AssertValues(Tensor expected, Tensor actual, string name) =>
        AssertClose(expected, actual, name, _ => Math.Max(2e-5, 1e-5 * expected.abs().max().to(ScalarType.Float32).item<float>()), 0);

    /// <summary>Gradients: 1e-5 + 1e-4 relative.</summary>
    internal static void AssertGradient(Tensor expected, Tensor? actual, string name)
    {
        Assert.IsNotNull(actual, $"{name} has no gradient.");
        AssertClose(expected, actual, name, _ => 1e-5, 1e-4);
    }

    internal static void AssertClose(Tensor expected, Tensor actual, string name, double absolute) =>
        AssertClose(expected, actual, name, _ => absolute, 0);

    internal static void AssertLoss(double expected, Tensor? actual, string name, double tolerance = LossTolerance)
    {
        Assert.IsNotNull(actual, name);
        Assert.AreEqual(expected, actual.to(ScalarType.Float64).item<double>(), tolerance, name);
    }

    private static void AssertClose(Tensor expected, Tensor actual, string name, Func<Tensor, double> absolute, double relative)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        CollectionAssert.AreEqual(expected.shape, actual.shape, $"{name}: expected [{string.Join(", ", expected.shape)}], got " +
            $"[{string.Join(", ", actual.shape)}].");
        Tensor reference = expected.to(ScalarType.Float64), difference = (actual.to(ScalarType.Float64) - reference).abs();
        Tensor excess = (difference - (reference.abs() * relative) - absolute(reference)).max();
        Assert.IsTrue(
            excess.item<double>() <= 0,
            $"{name}: largest difference {difference.max().item<double>():g4}, beyond the tolerance by {excess.item<double>():g4}.");
    }

    internal static IEnumerable<string> Numbered(IReadOnlyDictionary<string, Tensor> tensors, string prefix) =>
        Enumerable.Range(0, 100).Select(i => $"{prefix}{i}").TakeWhile(tensors.ContainsKey);
}
