// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Measures what a step of pre-training costs by the share of patches that are hidden, and by the share that the decoder leaves out.
/// </summary>
internal static class MaskingCost
{
    private const int Batch = 16;
    private const int Repeats = 5;

    public static void Run()
    {
        VideoMaeConfig config = VideoMaeConfig.CpuSmall;
        Console.WriteLine($"CpuSmall, {config.NumPatches} tokens, {get_num_threads()} threads, batches of {Batch}, medians of {Repeats} " +
            "rounds");
        Console.WriteLine("| hidden | left out by the decoder | tokens in the encoder | tokens in the decoder | forward and backward, ms " +
            "of processor time a clip |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        (double Hidden, double LeftOut)[] ways = [(0.25, 0), (0.5, 0), (0.75, 0), (0.9, 0), (0.95, 0), (0.9, 0.5), (0.9, 0.75)];
        using var model = new VideoMaeForPreTraining(config, new Generator(1));
        model.train();
        using Tensor pixels = rand([Batch, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width]);
        // In turn, so that what else the machine does meets all alike.
        double[][] times =
        [
            .. Enumerable
                .Range(0, Repeats + 1)
                .Select(_ => ways.Select(way => Milliseconds(model, pixels, way.Hidden, way.LeftOut)).ToArray())];
        for (int i = 0; i < ways.Length; i++)
        {
            (double hidden, double leftOut) = ways[i];
            using DisposeScope scope = NewDisposeScope();
            (Tensor mask, Tensor? decoded) = Masks(config, hidden, leftOut);
            long encoder = config.NumPatches - mask[0].sum().item<long>(), decoder = encoder + (decoded ?? mask)[0].sum().item<long>();
            double median = times.Skip(1).Select(round => round[i]).Order().ElementAt(Repeats / 2);
            Console.WriteLine(FormattableString.Invariant($"| {hidden} | {leftOut} | {encoder} | {decoder} | {median:0.0} |"));
        }
    }

    private static (Tensor Hidden, Tensor? Decoded) Masks(VideoMaeConfig config, double hidden, double leftOut) =>
        (new TubeMaskGenerator(config, hidden, 1).Next(Batch),
            leftOut > 0 ? new RunningCellMaskGenerator(config, leftOut, 1).Next(Batch).logical_not() : null);

    private static double Milliseconds(VideoMaeForPreTraining model, Tensor pixels, double hidden, double leftOut)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor mask, Tensor? decoded) = Masks(model.Config, hidden, leftOut);
        // Processor time, which other programs touch less than the time on the wall; idle threads of libtorch wait without using any.
        TimeSpan before = Environment.CpuUsage.TotalTime;
        model.forward(pixels, mask, decoded).Loss!.backward();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Batch;
    }
}
