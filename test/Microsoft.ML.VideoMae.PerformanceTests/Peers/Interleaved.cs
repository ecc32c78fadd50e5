// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>One of several things that are compared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Run">Does the work once.</param>
internal sealed record Contestant(string Name, Action Run);

/// <summary>
/// Measures contestants in turn, round by round, so that whatever else the machine does meets all of them: medians, and the medians of the
/// ratios within a round, which hold where single times do not.
/// </summary>
internal static class Interleaved
{
    /// <summary>The seconds of every contestant in every round, after one round that is not counted.</summary>
    /// <param name="contestants">Who takes turns.</param>
    /// <param name="rounds">The rounds that count.</param>
    /// <param name="settles">
    /// Whether each works twice in a row, of which the second time counts. A step of training needs so much memory that much of it goes
    /// back to the system when another contestant frees its own. Within a run of training it does not.
    /// </param>
    public static Dictionary<string, double[]> Measure(IReadOnlyList<Contestant> contestants, int rounds, bool settles = false)
    {
        var seconds = contestants.ToDictionary(c => c.Name, _ => new double[rounds]);
        for (int round = -1; round < rounds; round++)
        {
            foreach (Contestant contestant in contestants)
            {
                if (settles)
                    Run(contestant);
                double time = Run(contestant);
                if (round >= 0)
                    seconds[contestant.Name][round] = time;
            }
        }

        return seconds;
    }

    private static double Run(Contestant contestant)
    {
        using DisposeScope scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        contestant.Run();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>
    /// Prints a row for every contestant: its median, its share of the time of others in the same round, and the time that a clip took it in
    /// units of <see cref="OnnxUnit"/>, by which numbers of other machines can be compared.
    /// </summary>
    /// <param name="seconds">The times, with those of the unit.</param>
    /// <param name="clips">The clips that a contestant has; the unit has one.</param>
    /// <param name="references">The others.</param>
    public static void Print(Dictionary<string, double[]> seconds, int clips, params string[] references)
    {
        string[] present = [.. references.Where(seconds.ContainsKey)];
        Console.WriteLine(
            $"| | seconds, median (best) |{string.Concat(present.Select(r => $" against {r} |"))} a clip, in units of {OnnxUnit.Name} |");
        Console.WriteLine($"| --- | --- |{string.Concat(present.Select(_ => " --- |"))} --- |");
        foreach ((string name, double[] times) in seconds)
        {
            string ratios = string.Concat(
                present.Select(r => FormattableString.Invariant($" {Median(times.Zip(seconds[r], (mine, other) => mine / other)):0.00} |"))
            );
            double units = Median(times.Zip(seconds[OnnxUnit.Name], (mine, unit) => mine / (name == OnnxUnit.Name ? 1 : clips) / unit));
            Console.WriteLine(
                FormattableString.Invariant($"| {name} | {Median(times):0.000} ({times.Min():0.000}) |{ratios} {units:0.00} |"));
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] ordered = [.. values.Order()];
        return ordered.Length % 2 == 1 ? ordered[ordered.Length / 2] : (ordered[ordered.Length / 2 - 1] + ordered[ordered.Length / 2]) / 2;
    }

    /// <summary>What the machine's matrix product does at the moment, in GFLOP/s: the best of a few of a transformer's size.</summary>
    public static double GemmCeiling()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor x = rand(1568, 768), weight = rand(3072, 768);
        double best = double.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            var clock = Stopwatch.StartNew();
            using Tensor product = nn.functional.linear(x, weight);
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return 2.0 * 1568 * 768 * 3072 / best / 1e9;
    }

    /// <summary>The process's largest memory since <see cref="ResetPeak"/>, in MB; 0 where the system does not tell.</summary>
    public static double PeakMegabytes() =>
        !OperatingSystem.IsLinux()
            ? 0
            : double.Parse(File.ReadLines("/proc/self/status")
                    .Single(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
                    .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]
            ) / 1024;

    /// <summary>The process's memory now, in MB.</summary>
    public static double Megabytes()
    {
        GC.Collect();
        return Environment.WorkingSet / 1048576.0;
    }

    /// <summary>Gives freed memory back to the system and forgets the peak.</summary>
    public static void ResetPeak()
    {
        GC.Collect();
        if (!OperatingSystem.IsLinux())
            return;
        Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int Trim(nint keep);

    /// <summary>The machine in a line.</summary>
    public static string Machine()
    {
        // Two kinds of EPYC have the same name: their family tells them apart.
        string model = $"{Processor("model name")} (family {Processor("cpu family")})";
        string instructions =
            System.Runtime.Intrinsics.X86.Avx512F.IsSupported ? "AVX-512"
            : System.Runtime.Intrinsics.X86.Avx2.IsSupported ? "AVX2"
            : "no AVX2";
        return FormattableString.Invariant(
            $"{Environment.ProcessorCount} cores of {model}, {instructions}, {(Modeling.Fast.BFloat16Support.IsFast ? "with" : "without")} instructions for BFloat16; {get_num_threads()} threads; matrix product {GemmCeiling():0} GFLOP/s"
        );
    }

    private static string Processor(string field) => !File.Exists("/proc/cpuinfo") ? "unknown"
        : File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?.Split(':')[1].Trim()
            ?? "unknown";
}
