// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// Time and memory of scoring one clip as frames, resolution and model grow, with the share of what the machine's matrix product does.
/// </summary>
internal static class GrowthCost
{
    private const double WarmedUp = 300; // GFLOP

    /// <summary>One model alone, in a process that has held nothing else.</summary>
    public static void Run(string name, VideoMaeConfig config, int repeats)
    {
        PrintHead();
        Measure(name, name, config, repeats);
    }

    public static void Run(int repeats, string? svg)
    {
        PrintHead();
        VideoMaeConfig small = VideoMaeConfig.Small;
        var points = new List<(string Series, double GFlop, double Seconds)>();
        foreach (int frames in (int[])[8, 16, 32, 64])
            points.Add(Measure("Small", "frames 8 to 64", small with { NumFrames = frames }, repeats));
        foreach (int size in (int[])[112, 160, 224, 320, 448])
            points.Add(Measure("Small", "resolution 112 to 448", small with { ImageSize = size }, repeats));
        foreach ((string name, VideoMaeConfig config) in (ReadOnlySpan<(string, VideoMaeConfig)>)
                [("CpuTiny", VideoMaeConfig.CpuTiny), ("CpuSmall", VideoMaeConfig.CpuSmall), ("Small", small),
                    ("Base", VideoMaeConfig.Base), ("Large", VideoMaeConfig.Large)])
            points.Add(Measure(name, "model, CpuTiny to Large", config, repeats));
        if (svg is not null)
            File.WriteAllText(svg, GrowthPlot.Draw(points));
    }

    private static void PrintHead()
    {
        Console.WriteLine(Interleaved.Machine());
        Console.WriteLine("| model | frames | resolution | tokens | GFLOP | seconds | GFLOP/s | share of the matrix product | peak " +
            $"memory, MB | in units of {OnnxUnit.Name} |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    }

    private static (string, double, double) Measure(string name, string series, VideoMaeConfig config, int repeats)
    {
        using var model = new VideoMaeForVideoClassification(config with { NumLabels = 400 }, new Generator(1));
        model.eval();
        using IClipEncoder encoder = ClipEncoder.Create(model, CPU, ComputePrecision.Float32, _ => { });
        using IDisposable noGrad = no_grad();
        using Tensor clip = randn(
            [1, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width],
            generator: new Generator(2));
        Interleaved.ResetPeak();
        var seconds = new List<double>();
        double ceiling = 0;
        double flop = FineTuningPlan.ForwardFlops(config) / 1e9;
        // The first run warms up, which does not show where a run takes many seconds.
        for (int i = flop > WarmedUp ? 1 : 0; i <= repeats; i++)
        {
            ceiling = Math.Max(ceiling, Interleaved.GemmCeiling());
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            model.Classify(encoder.Tokens(clip));
            if (i > 0)
                seconds.Add(clock.Elapsed.TotalSeconds);
        }

        double best = seconds.Min(), peak = Interleaved.PeakMegabytes();
        using var unit = new OnnxUnit(model.Config); // Only now: its memory is not ours.
        double units = Interleaved.Median(seconds) / unit.Seconds(repeats);
        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {config.NumFrames} | {config.ImageSize.Width} | {config.NumPatches} | {flop:0.0} | {best:0.000} | {flop / best:0} | {flop / best / ceiling:0.00} | {peak:0} | {units:0.00} |"));
        return (series, flop, best);
    }
}
