// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>The results of a pre-training proof as Markdown, with a paired bootstrap.</summary>
internal static class ProofTables
{
    private const int Resamples = 10_000;
    private const double Tail = 0.025;

    private static readonly string[] s_ways = [ProofPhase.FineTuning, ProofPhase.Probe, ProofPhase.Scratch];

    public static void Print(string folder, int[] seeds)
    {
        Console.WriteLine();
        Console.WriteLine("| | seed | epochs | accuracy | balanced accuracy | processor time |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (string way in (string[])[ProofPhase.Pretraining, .. s_ways])
        {
            (int Seed, ProofResult Result)[] results = Results(folder, way, seeds);
            foreach ((int seed, ProofResult r) in results)
                Console.WriteLine(
                    FormattableString.Invariant(
                        $"| {way} | {seed} | {r.Epochs} | {Share(r.Accuracy)} | {Share(r.BalancedAccuracy)} | {r.ProcessorSeconds:0} s |"));
            if (results.Length > 1 && way != ProofPhase.Pretraining)
            {
                Console.WriteLine(
                    FormattableString.Invariant(
                        $"| {way} | mean ± deviation | | {MeanAndDeviation(results.Select(r => r.Result.Accuracy))} | "
                    ) + FormattableString.Invariant($"{MeanAndDeviation(results.Select(r => r.Result.BalancedAccuracy))} | |"));
            }
        }

        Compare(Results(folder, ProofPhase.FineTuning, seeds), Results(folder, ProofPhase.Scratch, seeds));
    }

    /// <summary>
    /// Draws whole groups of test clips with replacement, the same for both ways and all seeds, and looks at the difference of the mean
    /// balanced accuracies.
    /// </summary>
    private static void Compare((int Seed, ProofResult Result)[] first, (int Seed, ProofResult Result)[] second)
    {
        int[] seeds = [.. first.Select(r => r.Seed).Intersect(second.Select(r => r.Seed))];
        if (seeds.Length == 0)
            return;
        ILookup<string, ProofPrediction>[] a = ByGroup(first, seeds), b = ByGroup(second, seeds);
        string[] groups = [.. a[0].Select(g => g.Key)];
        var random = new Random(1);
        double[] differences = [.. Enumerable.Range(0, Resamples).Select(_ =>
        {
            string[] drawn = [.. groups.Select(_ => groups[random.Next(groups.Length)])];
            return a.Zip(b, (x, y) => BalancedOf(x, drawn) - BalancedOf(y, drawn)).Average();
        }).Order()];
        double difference = a.Zip(b, (x, y) => BalancedOf(x, groups) - BalancedOf(y, groups)).Average();
        Console.WriteLine(
            FormattableString.Invariant(
                $"\nFine-tuning minus scratch, balanced accuracy, mean of {seeds.Length} seed(s): {difference:+0.000;-0.000}; 95 % of {Resamples} resamplings of {groups.Length} groups lie between "
            )
                + FormattableString.Invariant(
                    $"{differences[(int)(Resamples * Tail)]:+0.000;-0.000} and {differences[(int)(Resamples * (1 - Tail)) - 1]:+0.000;-0.000}; {differences.Count(d => d > 0) / (double)Resamples:0.0%} are above 0."
                ));
    }

    private static (int Seed, ProofResult Result)[] Results(string folder, string way, int[] seeds) =>
        [.. seeds.Where(seed => ProofResult.Exists(folder, way, seed)).Select(seed => (seed, ProofResult.Read(folder, way, seed)))];

    private static ILookup<string, ProofPrediction>[] ByGroup((int Seed, ProofResult Result)[] results, int[] seeds) =>
        [.. results.Where(r => seeds.Contains(r.Seed)).Select(r => r.Result.Predictions.ToLookup(p => p.Group))];

    private static double BalancedOf(ILookup<string, ProofPrediction> predictions, IEnumerable<string> groups) =>
        ProofResult.Balanced([.. groups.SelectMany(g => predictions[g])]);

    /// <summary>Pre-training predicts no class.</summary>
    private static string Share(double value) => double.IsNaN(value) ? "" : value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string MeanAndDeviation(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average();
        return FormattableString.Invariant($"{mean:0.000} ± {Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1)):0.000}");
    }
}
