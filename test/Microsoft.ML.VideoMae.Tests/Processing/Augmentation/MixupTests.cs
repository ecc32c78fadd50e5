// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class MixupTests
{
    private static readonly JsonNode s_golden = JsonNode.Parse(File.ReadAllText(GoldenTensors.Path("recipe", "mixup.json")))!;
    private static readonly Dictionary<string, GoldenTensors.Golden> s_tensors = GoldenTensors.Read("recipe", "mixup_tensors.safetensors");

    [TestMethod]
    public void Targets_EqualReference()
    {
        foreach (JsonNode? golden in s_golden["soft_targets"]!.AsArray())
        {
            int[] labels = [.. golden!["targets"]!.AsArray().Select(t => (int)t!)];
            MixupDraw[] draws = Same(labels.Length, new MixupDraw((double)golden["lam"]!, null));
            float[] expected = [.. golden["soft_targets"]!.AsArray().SelectMany(row => row!.AsArray()).Select(v => (float)v!)];
            AssertNear(expected, Mixup.Targets(labels, (int)golden["num_classes"]!, draws, (double)golden["smoothing"]!));
        }
    }

    [TestMethod]
    public void CutmixBox_EqualsReference()
    {
        JsonArray goldens = s_golden["cutmix_boxes"]!.AsArray();
        Assert.IsNotEmpty(goldens);
        foreach (JsonNode? golden in goldens)
        {
            (int height, int width) = ((int)golden!["height"]!, (int)golden["width"]!);
            CropWindow box = CutmixBox.At(height, width, (double)golden["lam"]!, (int)golden["center_y"]!, (int)golden["center_x"]!);
            int[] expected = [.. golden["box_y0_y1_x0_x1"]!.AsArray().Select(v => (int)v!)];
            CollectionAssert.AreEqual(expected, new[] { box.Top, box.Top + box.Height, box.Left, box.Left + box.Width });
            Assert.AreEqual((double)golden["corrected_lam"]!, CutmixBox.Lambda(box, height, width), 1e-12);
        }
    }

    [TestMethod]
    public void Mix_Mixup_EqualsReference()
    {
        float[] values = s_tensors["input"].Floats();
        Mixup.Mix(values, 4, 6, Same(4, new MixupDraw(0.7, null)));
        AssertNear(s_tensors["mixup_lam0.7"].Floats(), values);
    }

    [TestMethod]
    public void Mix_Cutmix_EqualsReference()
    {
        JsonNode golden = s_golden["cutmix_tensor_case"]!;
        int[] box = [.. golden["box"]!.AsArray().Select(v => (int)v!)];
        var window = new CropWindow(box[0], box[2], box[1] - box[0], box[3] - box[2]);
        var draw = new MixupDraw(CutmixBox.Lambda(window, 4, 6), window);
        Assert.AreEqual((double)golden["corrected_lam"]!, draw.Lambda, 1e-12);
        float[] values = s_tensors["input"].Floats();
        Mixup.Mix(values, 4, 6, Same(4, draw));
        CollectionAssert.AreEqual(s_tensors["cutmix"].Floats(), values);
    }

    [TestMethod]
    [DataRow(MixupMode.Batch)]
    [DataRow(MixupMode.Pair)]
    [DataRow(MixupMode.Element)]
    public void Apply_SharesOfPixels_AreTheSharesOfLabels(MixupMode mode)
    {
        // Clip i is the number i all over, so that its mean after mixing tells whose pixels it holds.
        const int Count = 6;
        const int Edge = 20;
        var mixup = new Mixup(new MixupOptions { Mode = mode });
        for (int seed = 0; seed < 50; seed++)
        {
            var values = new float[Count * 2 * Edge * Edge];
            for (int i = 0; i < values.Length; i++)
                values[i] = i / (2 * Edge * Edge);
            float[] targets = mixup.Apply(values, Count, Edge, Edge, [0, 1, 2, 3, 4, 5], Count, 0, new Random(seed));
            for (int i = 0; i < Count; i++)
            {
                double mean = values.Skip(i * 2 * Edge * Edge).Take(2 * Edge * Edge).Average();
                Assert.AreEqual(Enumerable.Range(0, Count).Sum(c => c * targets[i * Count + c]), mean, 1e-4);
                Assert.AreEqual(1, targets.Skip(i * Count).Take(Count).Sum(), 1e-5);
            }
        }
    }

    [TestMethod]
    public void Draw_Modes_ShareWhatTheySay()
    {
        int Distinct(MixupMode mode) =>
            new Mixup(new MixupOptions { Mode = mode, CutmixAlpha = 0 }).Draw(8, 9, 9, new Random(1)).Distinct().Count();
        Assert.AreEqual(1, Distinct(MixupMode.Batch));
        Assert.AreEqual(4, Distinct(MixupMode.Pair));
        Assert.AreEqual(8, Distinct(MixupMode.Element));
    }

    [TestMethod]
    public void Draw_Probabilities()
    {
        MixupDraw[] draws = Many(new MixupOptions { Probability = 0.6, SwitchProbability = 0.3, Mode = MixupMode.Element });
        Assert.AreEqual(0.4, Share(draws, d => d == MixupDraw.None), 0.02);
        Assert.AreEqual(0.6 * 0.3, Share(draws, d => d.Box is not null), 0.02);
        Assert.IsTrue(Many(new MixupOptions { MixupAlpha = 0, Mode = MixupMode.Element }).All(d => d.Box is not null));
        Assert.IsTrue(Many(new MixupOptions { CutmixAlpha = 0, Mode = MixupMode.Element }).All(d => d.Box is null));
        Assert.IsTrue(Many(new MixupOptions { CutmixAlpha = 0, MixupAlpha = 0 }).All(d => d == MixupDraw.None));
    }

    [TestMethod]
    public void Draw_MinMax_SidesFollowTheRange()
    {
        var options = new MixupOptions { CutmixMinMax = (0.2, 0.8), MixupAlpha = 0, Mode = MixupMode.Element };
        foreach (MixupDraw draw in Many(options))
        {
            CropWindow box = draw.Box!.Value;
            Assert.AreEqual(box, box.Inside(30, 50));
            Assert.IsInRange(6, 23, box.Height);
            Assert.IsInRange(10, 39, box.Width);
            Assert.AreEqual(1 - box.Height * box.Width / 1500.0, draw.Lambda, 1e-12);
        }
    }

    [TestMethod]
    public void Mix_OddBatch_LeavesTheMiddleAlone()
    {
        float[] values = [1, 2, 3];
        Mixup.Mix(values, 1, 1, Same(3, new MixupDraw(0.75, null)));
        AssertNear([1.5f, 2, 2.5f], values);
    }

    [TestMethod]
    public void Apply_BadInput_Throws()
    {
        var mixup = new Mixup();
        Assert.Contains("every clip needs a label", Assert.ThrowsExactly<ArgumentException>(
            () => mixup.Apply(new float[8], 2, 2, 2, [0], 2, 0, new Random(1))).Message);
        Assert.Contains("Label 1 is 5; labels must be from 0 to 1", Assert.ThrowsExactly<ArgumentException>(
            () => mixup.Apply(new float[8], 2, 2, 2, [0, 5], 2, 0, new Random(1))).Message);
    }

    [TestMethod]
    public void Options_AllProblemsAreListed()
    {
        var options = new MixupOptions
        {
            MixupAlpha = -1,
            CutmixMinMax = (0.5, 0.4),
            Probability = 2,
            SwitchProbability = -1,
            Mode = (MixupMode)5,
        };
        string message = Assert.ThrowsExactly<ArgumentException>(() => new Mixup(options)).Message;
        foreach (string part in new[]
            {
                "MixupAlpha is -1", "CutmixMinMax is 0.5 to 0.4", "Probability is 2", "SwitchProbability is -1", "Mode is 5",
            })
            Assert.Contains(part, message);
    }

    private static MixupDraw[] Many(MixupOptions options) => new Mixup(options).Draw(10_000, 30, 50, new Random(1));

    private static double Share(MixupDraw[] draws, Func<MixupDraw, bool> condition) => (double)draws.Count(condition) / draws.Length;

    private static MixupDraw[] Same(int count, MixupDraw draw) => [.. Enumerable.Repeat(draw, count)];

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6f, $"value {i}");
    }
}
