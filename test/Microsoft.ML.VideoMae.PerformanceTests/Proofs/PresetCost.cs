// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>Measures what the presets for CPUs cost: parameters, and milliseconds a clip in batches of 16.</summary>
internal static class PresetCost
{
    private const int Batch = 16;
    private const int Repeats = 15;

    public static void Run()
    {
        Console.WriteLine($"{get_num_threads()} threads, batches of {Batch}, medians of {Repeats}");
        Console.WriteLine("| preset | tokens | parameters, 10 classes | scoring, ms a clip | training (forward and backward), ms a clip |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach ((string name, VideoMaeConfig preset) in (ReadOnlySpan<(string, VideoMaeConfig)>)
            [("CpuTiny", VideoMaeConfig.CpuTiny), ("CpuSmall", VideoMaeConfig.CpuSmall)])
        {
            Measure(name, preset with { NumLabels = 10 });
        }
    }

    private static void Measure(string name, VideoMaeConfig config)
    {
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        using Tensor pixels = rand([Batch, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width]);
        using Tensor labels = zeros([Batch], int64);
        model.eval();
        double scoring = Median(() =>
        {
            using IDisposable noGrad = no_grad();
            model.forward(pixels);
        });
        model.train();
        double training = Median(() => model.forward(pixels, labels).Loss!.backward());
        Console.WriteLine(
            FormattableString.Invariant($"| {name} | {config.NumPatches} | {model.ParameterCount:#,0} | {scoring:0.0} | {training:0.0} |"));
    }

    private static double Median(Action action)
    {
        var times = new double[Repeats + 2];
        for (int i = 0; i < times.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            action();
            times[i] = clock.Elapsed.TotalMilliseconds / Batch;
        }

        return times.Skip(2).Order().ElementAt(Repeats / 2);
    }
}
