// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>
/// Makes steps whose gradients are exchanged while others are computed, and the same ones whose gradients are exchanged afterwards, and
/// writes of each what weights came of it.
/// </summary>
internal static class ExchangeProof
{
    private const int Steps = 4, Clips = 4;

    /// <summary>A block has more numbers than a bucket, so that there are several.</summary>
    private static readonly VideoMaeConfig s_config = new()
    {
        ImageSize = 16,
        PatchSize = 8,
        NumFrames = 4,
        HiddenSize = 320,
        NumHiddenLayers = 3,
        NumAttentionHeads = 4,
        IntermediateSize = 1280,
        HiddenDropoutProb = 0.1,
        AttentionProbsDropoutProb = 0.1,
        DecoderHiddenSize = 320,
        DecoderNumHiddenLayers = 2,
        DecoderNumAttentionHeads = 4,
        DecoderIntermediateSize = 1280,
        NumLabels = 2,
    };

    private static readonly (string Name, Case Case)[] s_cases =
    [
        ("fine-tuning", new Case(false)),
        ("pre-training", new Case(true)),
        ("twice through the encoder", new Case(true) { GoesTwice = true }),
        ("accumulation", new Case(false) { Accumulation = 3 }),
        ("checkpointing", new Case(false) { Checkpoints = true }),
        ("a process without a clip", new Case(false) { Accumulation = 2, LastIsEmpty = true }),
        ("a loss that is no number", new Case(false) { Fails = true }),
        ("batches in pieces", new Case(false) { ClipsAtOnce = 1 }),
        ("frozen", new Case(false) { Frozen = 1 }),
        ("rounded", new Case(false) { Transport = VideoMaeGradientTransport.BFloat16 }),
    ];

    /// <summary>Writes a line for each case and way of exchange: name, way, hash of the weights, buckets started early and in all, tensors
    /// that a step leaves behind, and the last loss.</summary>
    public static void Run(string output)
    {
        TorchRuntime.EnsureLoaded();
        ProcessGroup group = ProcessGroup.Current;
        Directory.CreateDirectory(output);
        using var writer = new StreamWriter(Path.Combine(output, $"exchange.{group.Rank}.txt"));
        foreach ((string name, Case c) in s_cases)
        {
            foreach (bool isEarly in (bool[])[true, false])
                writer.WriteLine(FormattableString.Invariant($"{name}|{(isEarly ? "early" : "late")}|{Train(c, group, isEarly)}"));
        }
    }

    /// <summary>Adds up numbers of all processes that travel as BFloat16, and writes what came of it.</summary>
    /// <param name="output">A folder.</param>
    /// <param name="lengths">How many numbers there are in each exchange; all are under way together.</param>
    public static void Add(string output, IEnumerable<int> lengths)
    {
        ProcessGroup group = ProcessGroup.Current;
        Directory.CreateDirectory(output);
        float[][] numbers = [.. lengths.Select(length => Numbers(group.Rank, length))];
        Write("numbers");
        IPendingExchange[] exchanges = [.. numbers.Select(n => group.StartSum(n, VideoMaeGradientTransport.BFloat16))];
        foreach (IPendingExchange exchange in exchanges)
            exchange.Wait();
        Write("sums");

        void Write(string name) => File.WriteAllLines(Path.Combine(output, $"{name}.{group.Rank}.txt"),
            numbers.Select(n => string.Join(' ', n.Select(BitConverter.SingleToUInt32Bits))));
    }

    /// <summary>What a process adds up; a few are no numbers, or infinite.</summary>
    private static float[] Numbers(int rank, int length)
    {
        var random = new Random(rank + 1);
        float[] values = GC.AllocateArray<float>(length, pinned: true);
        for (int i = 0; i < length; i++)
            values[i] = (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-6, 3));
        if (length > 20)
            (values[7], values[13]) = (rank == 1 ? float.NaN : 1, rank == 0 ? float.PositiveInfinity : 1);
        return values;
    }

    private static string Train(Case c, ProcessGroup group, bool isEarly)
    {
        using VideoMaePreTrainedModel network = c.IsPreTraining
            ? new VideoMaeForPreTraining(s_config with { UseMeanPooling = false }, new Generator(1))
            : new VideoMaeForVideoClassification(s_config, new Generator(1));
        network.ActivationCheckpointing = c.Checkpoints;
        if (network is VideoMaeForVideoClassification classifier && c.Frozen > 0)
            classifier.Encoder.Freeze(c.Frozen);
        network.train();
        TrainingRecipe recipe = Recipe(c, group);
        int made = 0;
        double last = 0;
        using var stepper = new TrainingStepper(network, recipe, (_, _, _) => (network, piece) => Loss(network, piece, c, failing: c.Fails && made == 2))
        {
            ExchangesEarly = isEarly,
            ClipsAtOnce = c.ClipsAtOnce,
        };
        long before = 0, left = 0;
        for (; made < Steps; made++)
        {
            for (int part = 0; part < c.Accumulation; part++)
            {
                StepResult result = stepper.Run(Batch(group, made, part, c.LastIsEmpty && part == c.Accumulation - 1), c.Accumulation);
                if (!double.IsFinite(result.Loss))
                    stepper.Discard();
                else
                    last = result.Loss;
            }

            left = Tensor.TotalCount - before;
            before = Tensor.TotalCount;
        }

        byte[] weights = [.. network.parameters().SelectMany(p => p.bytes.ToArray())];
        return FormattableString.Invariant(
            $"{Convert.ToHexString(SHA256.HashData(weights))}|{stepper.ExchangeStarts.Early}|{stepper.ExchangeStarts.All}|{left}|{last:R}");
    }

    private static TrainingRecipe Recipe(Case c, ProcessGroup group)
    {
        var streams = new RandomStreams(1);
        return c.IsPreTraining
            ? new PretrainingRecipe(Set(new VideoMaePretrainingEstimator.Options()), Clips, streams) { Group = group }
            : new FineTuningRecipe(Set(new VideoMaeTrainer.Options()), isProbe: false, mirrors: false, Clips, streams) { Group = group };

        T Set<T>(T options)
            where T : VideoMaeTrainingOptions
        {
            (options.BatchSize, options.GradientAccumulation, options.NumberOfEpochs) = (Clips, c.Accumulation, 100);
            options.GradientTransport = c.Transport;
            return options;
        }
    }

    /// <summary>Two thirds of a batch for the first process: shares weigh.</summary>
    private static ClipBatch Batch(ProcessGroup group, int step, int part, bool isOfFirst)
    {
        int first = group.Size == 1 || isOfFirst ? Clips : Clips - 1;
        int[] own = [.. Enumerable.Range(0, Clips).Where(i => i < first ? group.IsFirst : group.Rank == 1)];
        int length = s_config.NumFrames * 3 * 16 * 16;
        float[] pixels =
        [
            .. own.SelectMany(i =>
            {
                var random = new Random((step * 100) + (part * 10) + i);
                return Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f).ToArray();
            }),
        ];
        var batch = new ClipBatch(pixels, own.Length, Clips, own, own);
        return group.IsAlone ? batch : batch.WithShare(new BatchShare([.. Enumerable.Range(0, Clips)], [.. own.Select(i => (long)i)]));
    }

    private static BatchLoss Loss(VideoMaePreTrainedModel network, ClipBatch batch, Case c, bool failing)
    {
        Tensor clips = ArrayTensors.Share(batch.PixelValues, batch.Count, s_config.NumFrames, 3, 16, 16), loss;
        if (network is VideoMaeForPreTraining pretraining)
        {
            Tensor hidden = batch.Own(new TubeMaskGenerator(s_config, 0.5, 1).Next(batch.Total));
            loss = pretraining.forward(clips, hidden).Loss!;
            if (c.GoesTwice)
                loss = loss + pretraining.forward(clips * 0.5, hidden).Loss!;
        }
        else
            loss = ((VideoMaeForVideoClassification)network).forward(clips, tensor([.. batch.Indices.Select(i => i % 2L)])).Loss!;
        if (failing && batch.Indices.Contains(Clips - 1))
            loss = loss * float.NaN;
        return new BatchLoss(loss, null, (double)batch.Count / batch.Total);
    }

    /// <summary>What may go wrong with an exchange on the way back.</summary>
    private sealed record Case(bool IsPreTraining)
    {
        public int Accumulation { get; init; } = 1;

        public int Frozen { get; init; }

        public bool Checkpoints { get; init; }

        /// <summary>Two forward passes before one way back: a block has all of its gradients after the second.</summary>
        public bool GoesTwice { get; init; }

        public int ClipsAtOnce { get; init; } = int.MaxValue;

        /// <summary>The second process has no clip of the last batch of a step.</summary>
        public bool LastIsEmpty { get; init; }

        /// <summary>The loss of one process is no number once.</summary>
        public bool Fails { get; init; }

        public VideoMaeGradientTransport Transport { get; init; }
    }
}
