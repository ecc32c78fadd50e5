// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>
/// The numbers are the reference's on lesser processors too. The ordinary run has the highest set of this one in this process, and the
/// lowest in another.
/// </summary>
[TestClass]
public sealed partial class InstructionSetTests
{
    /// <summary>A filter that finds nothing would pass as well.</summary>
    private const int FewestTests = 200;

    private static IEnumerable<object[]> Between => InstructionSets.Lower.Skip(1).Select(set => new object[] { set.Name });

    [TestMethod]
    public void LowestSet_GivesTheReferencesNumbers()
    {
        if (!X86Base.IsSupported)
            Assert.Inconclusive("The sets are those of x86.");
        InstructionSet lowest = InstructionSets.All[0];
        Run(lowest);
        InstructionSets.Say($"Instruction sets covered: {InstructionSets.Current} (this process), {lowest}. " +
            $"With --all as well: {Names(InstructionSets.Lower.Skip(1))}. Not on this machine: " +
            $"{Names(InstructionSets.All.Where(s => !s.IsPresent))}.");
    }

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Between))]
    public void EverySet_GivesTheReferencesNumbers(string name)
    {
        Run(InstructionSets.All.Single(s => s.Name == name));
        InstructionSets.Say($"Instruction set covered: {name}.");
    }

    /// <summary>The environment does what it is meant to.</summary>
    [TestMethod]
    [TestCategory(InstructionSets.Parity)]
    public void Process_HasTheSetItWasGiven()
    {
        InstructionSet current = InstructionSets.Current;
        Assert.AreEqual(
            current.Name.StartsWith("AVX-512", StringComparison.Ordinal) || current.Name == "AMX", Avx512F.IsSupported, current.Name);
        if (current.Name == "SSE4.1")
            Assert.IsFalse(Avx.IsSupported);
    }

    private static void Run(InstructionSet set)
    {
        (int exitCode, string output) = InstructionSets.RunParity(set);
        Assert.AreEqual(0, exitCode, $"{set}:{Environment.NewLine}{output}");
        int tests = int.Parse(Total().Match(output).Groups[1].Value);
        Assert.IsGreaterThan(FewestTests, tests, output);
    }

    private static string Names(IEnumerable<InstructionSet> sets) => string.Join(", ", sets.Select(s => s.Name).DefaultIfEmpty("none"));

    [GeneratedRegex(@"total: (\d+)")]
    private static partial Regex Total();
}
