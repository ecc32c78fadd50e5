// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.PerformanceTests.Peers;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>
/// Measures what several processes of one thread gain: <c>scale run [--rounds 3] [--base-rounds 2] [--mpi openmpi] [--json FILE]</c>, draws
/// what was measured: <c>scale plot --json FILE --svg FILE</c>, and trains to the end in one process and in two:
/// <c>scale agree [--steps 240] [--seeds 2] [--mpi openmpi]</c>.
/// </summary>
/// <remarks>
/// A round starts one process, two that share the same batches, and two that each do half of them without any exchange: what these lose
/// against one process, the machine loses. Rounds alternate, and medians of all are told. The two that share take turns with their steps:
/// gradients travel while others are computed, or afterwards. What of the waiting is gone in the first kind was hidden.
/// </remarks>
internal static class ScaleCommand
{
    /// <summary>A step of Base is one of pre-training, of which a processor does several a minute.</summary>
    private static readonly ScaleCase[] s_cases =
    [
        new("pre-training", "CpuSmall", Clips: 32, Accumulation: 1, Steps: 5),
        new("fine-tuning", "CpuSmall", Clips: 16, Accumulation: 1, Steps: 5),
        new("pre-training", "Base", Clips: 2, Accumulation: 2, Steps: 2),
    ];

    public static void Run(string[] args)
    {
        if (args is ["child", string what, string preset, string clips, string accumulation, string steps, string isShared, .. var more])
        {
            var step = new ScaleCase(what, preset, int.Parse(clips), int.Parse(accumulation), int.Parse(steps));
            var transport = Enum.Parse<VideoMaeGradientTransport>(more is [string name] ? name : "Float32");
            ScaleStep.Run(step, Preset(preset), bool.Parse(isShared), transport);
            return;
        }

        if (args is ["agree-child", .. string[] rest])
        {
            ScaleAgreement.Train(rest);
            return;
        }

        Dictionary<string, string> options = args.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        string mpi = options.GetValueOrDefault("--mpi", "openmpi");
        if (args is ["plot", ..])
            ScalePlot.Write(JsonSerializer.Deserialize<ScaleResult[]>(File.ReadAllText(options["--json"]))!, options["--svg"]);
        else if (args is ["agree", ..])
            ScaleAgreement.Run(Number("--steps", 240), Number("--seeds", 2), mpi);
        else if (args is ["run", ..])
            Measure(Number("--rounds", 3), Number("--base-rounds", 2), mpi, options.GetValueOrDefault("--json"));
        else
            throw new ArgumentException($"'scale {string.Join(' ', args)}' is nothing to do: give run, plot or agree.");

        int Number(string name, int value) =>
            options.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : value;
    }

    private static void Measure(int rounds, int ofBase, string mpi, string? file)
    {
        Console.WriteLine(Interleaved.Machine());
        ScaleResult[] results = [.. s_cases.Select(c => Measure(c, c.Preset == "Base" ? ofBase : rounds, mpi)).OfType<ScaleResult>()];
        if (file is not null)
            File.WriteAllText(file, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true }));
    }

    private static ScaleResult? Measure(ScaleCase c, int rounds, string mpi)
    {
        if (rounds == 0)
            return null;
        List<double[]> one = [], two = [], apart = [];
        for (int round = 0; round < rounds; round++)
        {
            one.Add(Start(1, isShared: true));
            two.Add(Start(2, isShared: true));
            apart.Add(Start(2, isShared: false));
        }

        double OfTwo(int column) => ScaleStep.Median(two.Select(row => row[column]));
        var result = new ScaleResult(c, ScaleStep.Median(one.Select(row => row[0])), OfTwo(0), ScaleStep.Median(apart.Select(row => row[0])),
            OfTwo(4), (long)two[0][5], rounds)
        {
            Afterwards = OfTwo(1),
            Waited = OfTwo(2),
            WaitedAfterwards = OfTwo(3),
        };
        Console.WriteLine(FormattableString.Invariant(
            $"{c.What} of {c.Preset}, {c.Clips} clips x {c.Accumulation}: one process {result.One:0} ms, two {result.Two:0} ms, ") +
            FormattableString.Invariant($"efficiency {result.Efficiency:0.000}; exchange afterwards {result.Afterwards:0} ms; ") +
            FormattableString.Invariant($"without exchange {result.EfficiencyApart:0.000}; ") +
            FormattableString.Invariant($"exchange of {result.Bytes / 1e6:0.0} MB {result.Exchange:0.0} ms, ") +
            FormattableString.Invariant($"{result.ExchangeShare:P1} of a step; ") +
            FormattableString.Invariant($"waited {result.Waited:0.0} ms, afterwards {result.WaitedAfterwards:0.0} ms: ") +
            FormattableString.Invariant($"{result.Hidden:P0} hidden"));
        return result;

        double[] Start(int processes, bool isShared) => ScaleProcess.Start(mpi, processes, "scale ",
            ["child", c.What, c.Preset, $"{c.Clips}", $"{c.Accumulation}", $"{c.Steps}", $"{isShared}"]);
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
    /// <summary>A step of two whose gradients travel after they are computed.</summary>
    public double Afterwards { get; init; }

    /// <summary>What the slower of the two waits for in a step.</summary>
    public double Waited { get; init; }

    /// <summary>The same where gradients travel after they are computed.</summary>
    public double WaitedAfterwards { get; init; }

    /// <summary>1 where two processes take half the time.</summary>
    public double Efficiency => One / (2 * Two);

    public double EfficiencyAfterwards => One / (2 * Afterwards);

    public double EfficiencyApart => One / (2 * Apart);

    public double ExchangeShare => Exchange / Two;

    /// <summary>The share of the waiting that is gone where gradients travel while others are computed.</summary>
    public double Hidden => Math.Max(0, 1 - Waited / WaitedAfterwards);
}
