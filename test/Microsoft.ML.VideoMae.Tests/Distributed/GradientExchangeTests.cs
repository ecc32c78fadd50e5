// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Distributed;

/// <summary>Gradients that travel while others are computed are those that travel afterwards, to the last bit.</summary>
[TestClass]
public sealed class GradientExchangeTests
{
    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [TestCategory("Distributed")]
    public void ExchangeOnTheWayBack_ChangesNoBit()
    {
        Line[][] ranks = Exchange(2);
        foreach ((Line[] early, Line[] late) in Pairs(ranks))
        {
            Assert.HasCount(1, early.Concat(late).Select(l => l.Weights).Distinct().ToArray(), $"{early[0].Name}: weights differ");
            Assert.IsGreaterThan(1, early[0].All, "There have to be several buckets.");
            Assert.IsGreaterThan(0, early[0].Early, $"{early[0].Name}: no bucket was started on the way back.");
            Assert.AreEqual(0, late[0].Early);
            Assert.IsTrue(early.Concat(late).All(l => l.Left == 0), $"{early[0].Name}: steps leave tensors behind.");
        }

        string[] empty = [.. ranks[1].Where(l => l.Name == "a process without a clip" && l.Way == "early").Select(l => $"{l.Early}")];
        CollectionAssert.AreEqual(new[] { "0" }, empty, "A process without a clip has no way back.");
        double exact = Loss(ranks, "fine-tuning"), rounded = Loss(ranks, "rounded");
        Assert.AreNotEqual(exact, rounded);
        Assert.AreEqual(exact, rounded, 0.02 * exact);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void ExchangeOnTheWayBack_OfThree_ChangesNoBit()
    {
        foreach ((Line[] early, Line[] late) in Pairs(Exchange(3)))
            Assert.HasCount(1, early.Concat(late).Select(l => l.Weights).Distinct().ToArray(), $"{early[0].Name}: weights differ");
    }

    /// <summary>Sums of what was rounded, added up as 32-bit floats and rounded once: at most 2^-8 of each number and of the sum.</summary>
    [TestMethod]
    [TestCategory("Distributed")]
    [DataRow(MpiRun.OpenMpi, 2)]
    [DataRow(MpiRun.Mpich, 3)]
    public void RoundedSum_IsThatOfRoundedNumbers(string implementation, int processes)
    {
        int[] lengths = [10_007, 1, 2, 40_000];
        (int code, _, string errors) = MpiRun.Run(
            implementation, processes, MpiRun.TrainingProgram, ["add", _folder, .. lengths.Select(l => $"{l}")]);
        Assert.AreEqual(0, code, errors);
        float[][][] sums = Read("sums"), numbers = Read("numbers");
        for (int e = 0; e < lengths.Length; e++)
        {
            for (int i = 0; i < lengths[e]; i++)
            {
                foreach (float[][] ofRank in sums)
                    Assert.AreEqual(BitConverter.SingleToUInt32Bits(sums[0][e][i]), BitConverter.SingleToUInt32Bits(ofRank[e][i]));
                double exact = numbers.Sum(n => (double)n[e][i]), size = numbers.Sum(n => Math.Abs((double)n[e][i]));
                if (double.IsFinite(exact))
                    Assert.AreEqual(exact, sums[0][e][i], size / 256 + size / 255);
                Assert.AreEqual(Rounded(numbers.Select(n => Rounded(n[e][i])).Aggregate((a, b) => a + b)), sums[0][e][i]);
            }
        }

        float[][][] Read(string name) =>
        [
            .. Enumerable.Range(0, processes).Select(rank => File.ReadAllLines(Path.Combine(_folder, $"{name}.{rank}.txt"))
                .Select(line => line.Split(' ').Select(Number).ToArray()).ToArray()),
        ];
    }

    private static float Number(string bits) => BitConverter.UInt32BitsToSingle(uint.Parse(bits, CultureInfo.InvariantCulture));

    private static float Rounded(float value)
    {
        var bits = new ushort[1];
        BFloat16Numbers.Round([value], bits);
        return BitConverter.UInt32BitsToSingle((uint)bits[0] << 16);
    }

    [TestMethod]
    [DataRow(1f, 0x3F80)]
    [DataRow(1.00390625f, 0x3F80)] // The middle of two: to the even one.
    [DataRow(1.01171875f, 0x3F82)]
    [DataRow(1.004f, 0x3F81)]
    [DataRow(-3.4e38f, 0xFF80)]
    [DataRow(float.NegativeInfinity, 0xFF80)]
    [DataRow(1e-40f, 0x0001)]
    public void Round_IsToTheNearest(float value, int bits)
    {
        // In the vectors and behind them.
        float[] values = [.. Enumerable.Repeat(value, 67)];
        var rounded = new ushort[values.Length];
        BFloat16Numbers.Round(values, rounded);
        CollectionAssert.AreEqual(Enumerable.Repeat((ushort)bits, values.Length).ToArray(), rounded);
        BFloat16Numbers.Widen(rounded, values);
        Assert.IsTrue(values.All(v => v == BitConverter.UInt32BitsToSingle((uint)bits << 16)));
    }

    [TestMethod]
    public void Round_NoNumber_StaysNone()
    {
        float[] values = [.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(0x7F80_0001), 67)];
        var rounded = new ushort[values.Length];
        BFloat16Numbers.Round(values, rounded);
        BFloat16Numbers.Widen(rounded, values);
        Assert.IsTrue(values.All(float.IsNaN));
    }

    private static double Loss(Line[][] ranks, string name) => ranks[0].First(l => l.Name == name).Loss;

    private static IEnumerable<(Line[] Early, Line[] Late)> Pairs(Line[][] ranks) => ranks[0].Select(l => l.Name).Distinct()
        .Select(name => (Of(ranks, name, "early"), Of(ranks, name, "late")));

    private static Line[] Of(Line[][] ranks, string name, string way) =>
        [.. ranks.SelectMany(lines => lines.Where(l => l.Name == name && l.Way == way))];

    private Line[][] Exchange(int processes)
    {
        (int code, _, string errors) = MpiRun.Run(MpiRun.OpenMpi, processes, MpiRun.TrainingProgram, "exchange", _folder);
        Assert.AreEqual(0, code, errors);
        return
        [
            .. Enumerable.Range(0, processes).Select(rank => File.ReadAllLines(Path.Combine(_folder, $"exchange.{rank}.txt"))
                .Select(Line.Of).ToArray()),
        ];
    }

    /// <summary>What a process says of a case.</summary>
    private sealed record Line(string Name, string Way, string Weights, int Early, int All, int Left, double Loss)
    {
        public static Line Of(string text)
        {
            string[] parts = text.Split('|');
            return new Line(parts[0], parts[1], parts[2], int.Parse(parts[3], CultureInfo.InvariantCulture),
                int.Parse(parts[4], CultureInfo.InvariantCulture), int.Parse(parts[5], CultureInfo.InvariantCulture),
                double.Parse(parts[6], CultureInfo.InvariantCulture));
        }
    }
}
