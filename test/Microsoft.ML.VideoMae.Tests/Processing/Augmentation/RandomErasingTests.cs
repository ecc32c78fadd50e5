// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class RandomErasingTests
{
    private const int Frames = 4;
    private const int Edge = 40;
    private const float Untouched = 77;

    [TestMethod]
    public void Draw_AreaAndAspect_FollowTheRanges()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            CropWindow box = RandomErasing.Draw(200, 300, 1, random)!.Value;
            Assert.AreEqual(box, box.Inside(200, 300));
            double area = box.Height * box.Width / (200.0 * 300);
            Assert.IsInRange(0.02 - 0.003, 1.0 / 3 + 0.01, area);
            Assert.IsInRange(0.3 - 0.03, 1 / 0.3 + 0.15, (double)box.Height / box.Width);
        }
    }

    [TestMethod]
    [DataRow(nameof(ErasingMode.Constant))]
    [DataRow(nameof(ErasingMode.Color))]
    [DataRow(nameof(ErasingMode.Pixel))]
    public void Apply_ErasesOneCubeAndNothingElse(string name)
    {
        ErasingMode mode = Enum.Parse<ErasingMode>(name);
        float[] values = Erase(1, mode, 1, seed: 3);
        bool[] erased = [.. values.Select(v => v != Untouched)];
        int plane = Edge * Edge;
        for (int p = 1; p < Frames * 3; p++)
            CollectionAssert.AreEqual(erased[..plane], erased[(p * plane)..((p + 1) * plane)]);

        int[] hit = [.. Enumerable.Range(0, plane).Where(i => erased[i])];
        int height = hit.Max(i => i / Edge) - hit.Min(i => i / Edge) + 1;
        int width = hit.Max(i => i % Edge) - hit.Min(i => i % Edge) + 1;
        Assert.AreEqual(height * width, hit.Length);

        float[][] filled = [.. Enumerable.Range(0, Frames * 3).Select(p => hit.Select(i => values[p * plane + i]).ToArray())];
        int distinct = filled.SelectMany(f => f).Distinct().Count();
        Assert.AreEqual(
            mode switch
            {
                ErasingMode.Constant => 1,
                ErasingMode.Color => Frames * 3,
                _ => hit.Length * Frames * 3,
            },
            distinct, mode == ErasingMode.Pixel ? 5 : 0);
        if (mode == ErasingMode.Pixel)
        {
            float[] noise = [.. filled.SelectMany(f => f)];
            Assert.AreEqual(0, noise.Average(), 0.1);
            Assert.AreEqual(1, noise.Average(x => x * x), 0.15);
        }
    }

    [TestMethod]
    public void Apply_Probability()
    {
        Assert.IsTrue(Erase(0, ErasingMode.Constant, 1, 1).All(v => v == Untouched));
        int erased = Enumerable.Range(0, 2000).Count(seed => Erase(0.25, ErasingMode.Constant, 1, seed).Any(v => v != Untouched));
        Assert.AreEqual(0.25, erased / 2000.0, 0.03);
    }

    [TestMethod]
    public void Apply_SeveralBlocks_SpareTheFirstFrames()
    {
        float[] values = Erase(1, ErasingMode.Constant, 2, seed: 5);
        int half = values.Length / 2;
        Assert.IsTrue(values[..half].All(v => v == Untouched));
        Assert.IsTrue(values[half..].Any(v => v != Untouched));
    }

    private static float[] Erase(double probability, ErasingMode mode, int count, int seed)
    {
        var values = new float[Frames * 3 * Edge * Edge];
        Array.Fill(values, Untouched);
        new RandomErasing(probability, mode, count).Apply(values, Frames, Edge, Edge, new Random(seed));
        return values;
    }
}
