// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.PerformanceTests.Peers;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>What a process of a measurement does: steps of the trainers' stepper, on made-up clips, so that decoding plays no part.</summary>
internal static class ScaleStep
{
    /// <summary>
    /// Measures. The first process prints medians, in milliseconds: of a step whose gradients are exchanged while others are computed, of
    /// one whose gradients are exchanged afterwards, of what the two wait for others, and of the exchange alone; and the bytes.
    /// </summary>
    /// <param name="c">What is measured: its clips are those of a batch, of all processes, and its steps those of each kind.</param>
    /// <param name="config">The model.</param>
    /// <param name="isShared">Whether processes share the batches; otherwise each does a part of that size by itself.</param>
    /// <param name="transport">What gradients travel as.</param>
    public static void Run(ScaleCase c, VideoMaeConfig config, bool isShared, VideoMaeGradientTransport transport)
    {
        (string what, _, int clips, int accumulation, int steps) = c;
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        ProcessGroup all = ProcessGroup.Current;
        var group = new MeasuredGroup(isShared ? all : ProcessGroup.Alone);
        int own = clips / all.Size;
        float[] pixels = new float[own * config.NumFrames * config.NumChannels * config.ImageSize.Height * config.ImageSize.Width];
        var random = new Random(all.Rank);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = random.NextSingle() - 0.5f;
        (VideoMaePreTrainedModel network, TrainingRecipe recipe, TrainingStepper.Forward forward) = what == "pre-training"
            ? PreTraining(config, clips, accumulation, group)
            : FineTuning(config, clips, accumulation, group);
        recipe.Shared.GradientTransport = transport;
        network.train();
        using var stepper = new TrainingStepper(network, recipe, forward);
        int[] indices = [.. Enumerable.Range(0, own)];
        var batch = new ClipBatch(pixels, own, own, indices, indices);
        if (!group.IsAlone)
            batch = batch.WithShare(new BatchShare(new int[clips], [.. indices.Select(i => (long)(all.Rank * own) + i)]));
        int kinds = group.IsAlone ? 1 : 2, warmUp = config.HiddenSize < 512 ? 2 : 1;
        List<double>[] times = [[], []], waits = [[], []];
        for (int step = -warmUp; step < steps * kinds; step++)
        {
            int kind = Math.Max(step, 0) % kinds;
            stepper.ExchangesEarly = kind == 0;
            all.Barrier();
            group.Waited = TimeSpan.Zero;
            long start = Stopwatch.GetTimestamp();
            for (int part = 0; part < accumulation; part++)
                stepper.Run(batch, accumulation);
            double waited = group.Waited.TotalMilliseconds;
            all.Barrier();
            if (step < 0)
                continue;
            times[kind].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            waits[kind].Add(Least(all, waited));
        }

        double exchange = Exchange(all, new GradientExchange(recipe, stepper.Groups.Parameters, network));
        long bytes = stepper.Groups.Parameters.Sum(p => p.numel()) * sizeof(float);
        if (all.IsFirst)
        {
            double[] medians = [.. ((List<double>[])[times[0], times[kinds - 1], waits[0], waits[kinds - 1]]).Select(Median), exchange];
            Console.WriteLine($"scale {string.Join(' ', medians.Select(m => m.ToString("0.00", CultureInfo.InvariantCulture)))} {bytes}");
        }
    }

    public static double Median(IEnumerable<double> values) => Interleaved.Median(values);

    /// <summary>One process waits for the slower one: what the slower one waits for is the exchange.</summary>
    private static double Least(ProcessGroup all, double value) =>
        all.Gather(BitConverter.GetBytes(value)).Min(bytes => BitConverter.ToDouble(bytes));

    private static double Exchange(ProcessGroup all, GradientExchange exchange) => Median(Enumerable.Range(0, 5).Select(_ =>
    {
        all.Barrier();
        long start = Stopwatch.GetTimestamp();
        exchange.StartRest();
        exchange.Finish();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }).ToArray());

    private static (VideoMaePreTrainedModel Network, TrainingRecipe Recipe, TrainingStepper.Forward Forward) FineTuning(
        VideoMaeConfig config, int clips, int accumulation, ProcessGroup group)
    {
        var model = new VideoMaeForVideoClassification(config with { NumLabels = 10 }, new Generator(1));
        var options = new VideoMaeTrainer.Options { BatchSize = clips, GradientAccumulation = accumulation, NumberOfEpochs = 1000 };
        var recipe = new FineTuningRecipe(options, isProbe: false, mirrors: false, clips * accumulation, new RandomStreams(1))
        {
            Group = group,
        };
        return (model, recipe, Forward);

        Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part) => (network, piece) =>
        {
            Tensor labels = zeros([piece.Count], int64);
            Tensor loss = ((VideoMaeForVideoClassification)network).forward(ToTensor(piece, config), labels).Loss!;
            return new BatchLoss(loss, null, (double)piece.Count / piece.Total);
        };
    }

    private static (VideoMaePreTrainedModel Network, TrainingRecipe Recipe, TrainingStepper.Forward Forward) PreTraining(
        VideoMaeConfig config, int clips, int accumulation, ProcessGroup group)
    {
        config = config with { UseMeanPooling = false };
        var model = new VideoMaeForPreTraining(config, new Generator(1));
        var options = new VideoMaePretrainingEstimator.Options
        {
            BatchSize = clips,
            GradientAccumulation = accumulation,
            NumberOfEpochs = 1000,
        };
        var recipe = new PretrainingRecipe(options, clips * accumulation, new RandomStreams(1)) { Group = group };
        return (model, recipe, Forward);

        Func<VideoMaePreTrainedModel, ClipBatch, BatchLoss> Forward(ClipBatch batch, int step, int part) => (network, piece) =>
        {
            Tensor hidden = piece.Own(new TubeMaskGenerator(config, 0.9, (ulong)(step * accumulation + part)).Next(piece.Total));
            Tensor loss = ((VideoMaeForPreTraining)network).forward(ToTensor(piece, config), hidden).Loss!;
            return new BatchLoss(loss, null, (double)piece.Count / piece.Total);
        };
    }

    private static Tensor ToTensor(ClipBatch batch, VideoMaeConfig config) => ArrayTensors.Share(
        batch.PixelValues, batch.Count, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width);
}

/// <summary>A group that notes how long this process waits for the others.</summary>
internal sealed class MeasuredGroup(ProcessGroup inner) : ProcessGroup
{
    public TimeSpan Waited { get; set; }

    public override int Rank => inner.Rank;

    public override int Size => inner.Size;

    public override int LocalRank => inner.LocalRank;

    public override int LocalSize => inner.LocalSize;

    public override IReadOnlyList<byte[]> Gather(byte[] bytes) => inner.Gather(bytes);

    internal override string NameOf(int rank) => inner.NameOf(rank);

    internal override void Sum(Span<double> numbers)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Sum(numbers);
        Waited += Stopwatch.GetElapsedTime(start);
    }

    internal override IPendingExchange StartSum(float[] numbers, VideoMaeGradientTransport transport) =>
        new Pending(this, inner.StartSum(numbers, transport));

    internal override void Broadcast(Span<byte> bytes) => inner.Broadcast(bytes);

    private sealed class Pending(MeasuredGroup group, IPendingExchange exchange) : IPendingExchange
    {
        public void Wait()
        {
            long start = Stopwatch.GetTimestamp();
            exchange.Wait();
            group.Waited += Stopwatch.GetElapsedTime(start);
        }
    }
}
