// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.PerformanceTests.Peers;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>
/// Measures what several processes of one thread gain: <c>scale run [--rounds 5] [--base-rounds 3] [--mpi openmpi] [--json FILE]</c>, and
/// draws what was measured: <c>scale plot --json FILE --svg FILE</c>.
/// </summary>
/// <remarks>
/// A round starts one process, two that share the same batches, and two that each do half of them without any exchange: what these lose
/// against one process, the machine loses. Rounds alternate, and medians of all are told.
/// </remarks>
internal static class ScaleCommand
{
    private static readonly ScaleCase[] s_cases =
    [
        new("pre-training", "CpuSmall", Clips: 32, Accumulation: 1, Steps: 7),
        new("fine-tuning", "CpuSmall", Clips: 16, Accumulation: 1, Steps: 7),
        new("fine-tuning", "Base", Clips: 2, Accumulation: 4, Steps: 2),
    ];

    public static void Run(string[] args)
    {
        if (args is ["child", string what, string preset, string clips, string accumulation, string steps, string isShared])
        {
            ScaleStep.Run(what, Preset(preset), int.Parse(clips), int.Parse(accumulation), int.Parse(steps), bool.Parse(isShared));
            return;
        }

        Dictionary<string, string> options = args.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        if (args is ["plot", ..])
        {
            ScalePlot.Write(JsonSerializer.Deserialize<ScaleResult[]>(File.ReadAllText(options["--json"]))!, options["--svg"]);
            return;
        }

        Console.WriteLine(Interleaved.Machine());
        int rounds = int.Parse(options.GetValueOrDefault("--rounds", "5")), ofBase = int.Parse(options.GetValueOrDefault("--base-rounds", "3"));
        string mpi = options.GetValueOrDefault("--mpi", "openmpi");
        ScaleResult[] results = [.. s_cases.Select(c => Measure(c, c.Preset == "Base" ? ofBase : rounds, mpi)).OfType<ScaleResult>()];
        if (options.TryGetValue("--json", out string? file))
            File.WriteAllText(file, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true }));
    }

    private static ScaleResult? Measure(ScaleCase c, int rounds, string mpi)
    {
        if (rounds == 0)
            return null;
        List<double> one = [], two = [], apart = [], exchange = [];
        long bytes = 0;
        for (int round = 0; round < rounds; round++)
        {
            one.Add(Start(c, mpi, 1, isShared: true).Step);
            (double step, double exchanged, bytes) = Start(c, mpi, 2, isShared: true);
            two.Add(step);
            exchange.Add(exchanged);
            apart.Add(Start(c, mpi, 2, isShared: false).Step);
        }

        var result = new ScaleResult(
            c, ScaleStep.Median(one), ScaleStep.Median(two), ScaleStep.Median(apart), ScaleStep.Median(exchange), bytes, rounds);
        Console.WriteLine(FormattableString.Invariant(
            $"{c.What} of {c.Preset}, {c.Clips} clips x {c.Accumulation}: one process {result.One:0} ms, two {result.Two:0} ms, ") +
            FormattableString.Invariant($"efficiency {result.Efficiency:0.000}; without exchange {result.EfficiencyApart:0.000}; ") +
            FormattableString.Invariant($"exchange of {bytes / 1e6:0.0} MB {result.Exchange:0.0} ms, {result.ExchangeShare:P1} of a step"));
        return result;
    }

    private static (double Step, double Exchange, long Bytes) Start(ScaleCase c, string mpi, int processes, bool isShared)
    {
        var start = new ProcessStartInfo($"mpirun.{mpi}") { RedirectStandardOutput = true, RedirectStandardInput = true };
        string[] binding = mpi == "openmpi" ? ["--allow-run-as-root", "--bind-to", "core"] : ["-bind-to", "core"];
        string[] arguments =
        [
            .. binding, "-n", $"{processes}", "dotnet", Assembly.GetExecutingAssembly().Location, "scale", "child",
            c.What, c.Preset, $"{c.Clips}", $"{c.Accumulation}", $"{c.Steps}", $"{isShared}",
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string line = output.Split('\n').FirstOrDefault(l => l.Contains("scale ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"A measurement ended with code {process.ExitCode}: {output}");
        string[] numbers = line[line.IndexOf("scale ", StringComparison.Ordinal)..].Split(' ');
        return (double.Parse(numbers[1], CultureInfo.InvariantCulture), double.Parse(numbers[2], CultureInfo.InvariantCulture),
            long.Parse(numbers[3].Trim(), CultureInfo.InvariantCulture));
    }

    private static VideoMaeConfig Preset(string name) =>
        (VideoMaeConfig)typeof(VideoMaeConfig).GetProperty(name, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
}

/// <summary>What is measured.</summary>
internal sealed record ScaleCase(string What, string Preset, int Clips, int Accumulation, int Steps);

/// <summary>Medians, in milliseconds.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="One">A step of one process.</param>
/// <param name="Two">The same step of two that share it.</param>
/// <param name="Apart">Half of it by each of two that exchange nothing.</param>
/// <param name="Exchange">The exchange of the gradients alone.</param>
/// <param name="Bytes">The gradients.</param>
/// <param name="Rounds">How often.</param>
internal sealed record ScaleResult(ScaleCase Case, double One, double Two, double Apart, double Exchange, long Bytes, int Rounds)
{
    /// <summary>1 where two processes take half the time.</summary>
    public double Efficiency => One / (2 * Two);

    public double EfficiencyApart => One / (2 * Apart);

    public double ExchangeShare => Exchange / Two;
}
