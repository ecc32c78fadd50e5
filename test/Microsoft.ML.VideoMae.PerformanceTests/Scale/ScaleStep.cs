// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>What a process of a measurement does: steps of the trainers' stepper, on made-up clips, so that decoding plays no part.</summary>
internal static class ScaleStep
{
    private const int WarmUp = 2;

    /// <summary>Measures; the first process prints the median of a step and of its exchange, in milliseconds, and the bytes.</summary>
    /// <param name="what">fine-tuning or pre-training.</param>
    /// <param name="config">The model.</param>
    /// <param name="clips">The clips of a batch, of all processes.</param>
    /// <param name="accumulation">The batches of a step.</param>
    /// <param name="steps">How many are measured.</param>
    /// <param name="isShared">Whether processes share the batches; otherwise each does a part of that size by itself.</param>
    public static void Run(string what, VideoMaeConfig config, int clips, int accumulation, int steps, bool isShared)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        ProcessGroup all = ProcessGroup.Current, group = isShared ? all : ProcessGroup.Alone;
        int own = clips / all.Size;
        float[] pixels = new float[own * config.NumFrames * config.NumChannels * config.ImageSize.Height * config.ImageSize.Width];
        var random = new Random(all.Rank);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = random.NextSingle() - 0.5f;
        using TrainingStepper stepper = what == "pre-training" ? PreTraining(config, clips, accumulation, group)
            : FineTuning(config, clips, accumulation, group);
        int[] indices = [.. Enumerable.Range(0, own)];
        var batch = new ClipBatch(pixels, own, own, indices, indices);
        if (!group.IsAlone)
            batch = batch.WithShare(new BatchShare(new int[clips], [.. indices.Select(i => (long)(all.Rank * own) + i)]));
        var times = new List<double>();
        for (int step = -WarmUp; step < steps; step++)
        {
            all.Barrier();
            long start = Stopwatch.GetTimestamp();
            for (int part = 0; part < accumulation; part++)
                stepper.Run(batch, accumulation);
            all.Barrier();
            if (step >= 0)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var exchange = new GradientExchange(group, stepper.Groups.Parameters);
        double[] exchanges = [.. Enumerable.Range(0, 7).Select(_ =>
        {
            all.Barrier();
            long start = Stopwatch.GetTimestamp();
            exchange.Sum();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        })];
        if (all.IsFirst)
            Console.WriteLine(FormattableString.Invariant(
                $"scale {Median(times):0.00} {Median(exchanges):0.00} {stepper.Groups.Parameters.Sum(p => p.numel()) * sizeof(float)}"));
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static TrainingStepper FineTuning(VideoMaeConfig config, int clips, int accumulation, ProcessGroup group)
    {
        var model = new VideoMaeForVideoClassification(config with { NumLabels = 10 }, new Generator(1));
        model.train();
        var options = new VideoMaeTrainer.Options { BatchSize = clips, GradientAccumulation = accumulation, NumberOfEpochs = 1000 };
        var recipe = new FineTuningRecipe(options, isProbe: false, mirrors: false, clips * accumulation, new RandomStreams(1)) { Group = group };
        return new TrainingStepper(model, recipe, (batch, _, _) =>
        {
            Tensor labels = zeros([batch.Count], int64);
            return new BatchLoss(model.forward(ToTensor(batch, config), labels).Loss!, null, (double)batch.Count / batch.Total);
        });
    }

    private static TrainingStepper PreTraining(VideoMaeConfig config, int clips, int accumulation, ProcessGroup group)
    {
        config = config with { UseMeanPooling = false };
        var model = new VideoMaeForPreTraining(config, new Generator(1));
        model.train();
        var options = new VideoMaePretrainingEstimator.Options
        {
            BatchSize = clips,
            GradientAccumulation = accumulation,
            NumberOfEpochs = 1000,
        };
        var recipe = new PretrainingRecipe(options, clips * accumulation, new RandomStreams(1)) { Group = group };
        return new TrainingStepper(model, recipe, (batch, step, part) =>
        {
            Tensor hidden = batch.Own(new TubeMaskGenerator(config, 0.9, (ulong)(step * accumulation + part)).Next(batch.Total));
            return new BatchLoss(model.forward(ToTensor(batch, config), hidden).Loss!, null, (double)batch.Count / batch.Total);
        });
    }

    private static Tensor ToTensor(ClipBatch batch, VideoMaeConfig config) => ArrayTensors.Share(
        batch.PixelValues, batch.Count, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width);
}
