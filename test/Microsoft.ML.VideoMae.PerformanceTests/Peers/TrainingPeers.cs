// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// One training step (forward, backward, clipping left out, AdamW) as the trainers do it, with their options, beside the straightforward
/// way: separate products, libtorch's fused attention, TorchSharp's AdamW.
/// </summary>
internal static class TrainingPeers
{
    private const string Straightforward = "straightforward Float32";
    private const string OneDnnProducts = "Float32, oneDNN's products";

    public static void FineTune(VideoMaeConfig config, int batch, int rounds, bool shortNumbers)
    {
        Console.WriteLine(Interleaved.Machine());
        using Tensor clips = randn(
            [batch, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width],
            generator: new Generator(2));
        using Tensor labels = zeros([batch], int64);
        var contestants = new List<Contestant>();
        contestants.Add(Plain(config, clips, labels));
        foreach ((string name, ComputePrecision precision, bool checkpointing) in Variants(shortNumbers, OneDnnRuns(config, batch)))
        {
            var model = new VideoMaeForVideoClassification(config, new Generator(1))
            {
                Precision = precision,
                ActivationCheckpointing = checkpointing,
                Products = ProductsFor(name),
            };
            contestants.AddRange(Steps(name, model, batch, (network, first, count) => ((VideoMaeForVideoClassification)network)
                .forward(clips.narrow(0, first, count), labels.narrow(0, first, count)).Loss!));
        }

        Report(contestants, rounds, config, batch);
    }

    public static void PreTrain(VideoMaeConfig config, int batch, int rounds, bool shortNumbers)
    {
        Console.WriteLine(Interleaved.Machine());
        config = config with { UseMeanPooling = false };
        using Tensor clips = randn(
            [batch, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width],
            generator: new Generator(2));
        int grid = config.NumPatches / (config.NumFrames / config.TubeletSize);
        using Tensor tube = tensor(Enumerable.Range(0, config.NumPatches).Select(i => i % grid % 10 != 0).ToArray()).expand(batch, -1); // 90 % hidden
        List<Contestant> contestants = [PlainAutoencoder(config, clips, tube, out double expected)];
        foreach ((string name, ComputePrecision precision, bool checkpointing) in Variants(shortNumbers, OneDnnRuns(config, batch)))
        {
            var model = new VideoMaeForPreTraining(config, new Generator(1))
            {
                Precision = precision,
                ActivationCheckpointing = checkpointing,
                Products = ProductsFor(name),
            };
            Check(name, expected, model, clips, tube);
            contestants.AddRange(Steps(name, model, batch, (network, first, count) => ((VideoMaeForPreTraining)network)
                .forward(clips.narrow(0, first, count), tube.narrow(0, first, count)).Loss!));
        }

        Report(contestants, rounds, config, batch);
    }

    private static IEnumerable<(string, ComputePrecision, bool)> Variants(bool shortNumbers, bool oneDnn) =>
    [
        ("Float32", ComputePrecision.Float32, false),
        ("Float32, checkpointing", ComputePrecision.Float32, true),
        .. oneDnn ? [(OneDnnProducts, ComputePrecision.Float32, false)] : ((string, ComputePrecision, bool)[])[],
        .. shortNumbers ? [("BFloat16", ComputePrecision.BFloat16, false)] : ((string, ComputePrecision, bool)[])[],
    ];

    /// <summary>Whether this processor has oneDNN's operator; says what a run would measure at its start.</summary>
    private static bool OneDnnRuns(VideoMaeConfig config, int batch)
    {
        if (!FastPaths.AreOn || !OneDnn.IsAvailable)
            return false;
        Console.WriteLine(ProductSpeeds.Of((long)batch * config.NumPatches, config.HiddenSize, config.IntermediateSize));
        return true;
    }

    private static CheckedProducts? ProductsFor(string name) =>
        name == OneDnnProducts ? CheckedProducts.OfOneDnn(Console.WriteLine) : null;

    /// <summary>The same with what BFloat16 had before: attention by libtorch's fused operator.</summary>
    public static Contestant WithFusedAttention(Contestant contestant) => new($"{contestant.Name}, fused attention", () =>
    {
        string? before = Environment.GetEnvironmentVariable(FastPaths.Variable);
        Environment.SetEnvironmentVariable(FastPaths.Variable, "0");
        contestant.Run();
        Environment.SetEnvironmentVariable(FastPaths.Variable, before);
    });

    private static Contestant Plain(VideoMaeConfig config, Tensor clips, Tensor labels)
    {
        var model = new VideoMaeForVideoClassification(config, new Generator(1));
        var straightforward = new StraightforwardModel(model);
        return PlainStep(model, () => nn.functional.cross_entropy(straightforward.Forward(clips), labels));
    }

    /// <summary>The loss before the first step is given out, so that the others' can be held against it.</summary>
    private static Contestant PlainAutoencoder(VideoMaeConfig config, Tensor clips, Tensor hidden, out double loss)
    {
        var model = new VideoMaeForPreTraining(config, new Generator(1));
        var straightforward = new StraightforwardAutoencoder(model);
        using (DisposeScope scope = NewDisposeScope())
        using (IDisposable noGrad = no_grad())
            loss = straightforward.Loss(clips, hidden).item<float>();
        return PlainStep(model, () => straightforward.Loss(clips, hidden));
    }

    private static Contestant PlainStep(VideoMaePreTrainedModel model, Func<Tensor> loss)
    {
        optim.Optimizer optimizer = optim.AdamW(model.parameters(), 1e-4);
        return new(Straightforward, () =>
        {
            optimizer.zero_grad();
            loss().backward();
            optimizer.step();
        });
    }

    private static void Check(string name, double expected, VideoMaeForPreTraining model, Tensor clips, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        double loss = model.forward(clips, hidden).Loss!.item<float>();
        if (Math.Abs(loss - expected) > (model.Precision == ComputePrecision.Float32 ? 1e-4 : 1e-2) * expected)
            throw new InvalidOperationException($"{name}: the loss is {loss}, not {expected} as in the straightforward way: they do not " +
                "do the same.");
    }

    /// <summary>A step with all clips together; in BFloat16 with libtorch's fused attention, too; and as threads share it.</summary>
    private static IEnumerable<Contestant> Steps(
        string name, VideoMaePreTrainedModel model, int batch, Func<VideoMaePreTrainedModel, int, int, Tensor> loss)
    {
        VideoMaeConfig config = model.Config;
        model.train();
        model.RecomputesAttention = true;
        var groups = ParameterGroups.Create(model.named_parameters().Select(p => (p.name, p.parameter)), config.NumHiddenLayers, 1);
        var optimizer = new FusedAdamW(groups);
        var together = new Contestant(name, () =>
        {
            optimizer.ZeroGrad();
            model.Backward(loss(model, 0, batch));
            optimizer.Step(1e-4, 0.05);
        });
        yield return together;
        if (model.Precision == ComputePrecision.BFloat16)
            yield return WithFusedAttention(together);
        int width = model is VideoMaeForPreTraining ? config.DecoderIntermediateSize : config.IntermediateSize;
        int atOnce = LayerSize.ClipsAtOnce(config.NumPatches, width), threads = LayerSize.Threads(batch, atOnce);
        if (threads == 1)
            yield break;
        var replicas = new Replicas(model, groups.Named);
        int pieces = LayerSize.Pieces(batch, atOnce, threads);
        yield return new($"{name}, shared by threads", () =>
        {
            optimizer.ZeroGrad();
            replicas.Run(threads, (thread, network) =>
            {
                for (int i = thread; i < pieces; i += threads)
                {
                    using DisposeScope scope = NewDisposeScope();
                    (int first, int end) = (batch * i / pieces, batch * (i + 1) / pieces);
                    network.Backward(loss(network, first, end - first) * ((double)(end - first) / batch));
                }
            });
            optimizer.Step(1e-4, 0.05);
        });
    }

    private static void Report(IReadOnlyList<Contestant> contestants, int rounds, VideoMaeConfig config, int batch)
    {
        using (var unit = new OnnxUnit(config))
            Interleaved.Print(Interleaved.Measure([.. contestants, unit.Contestant], rounds, settles: true), batch, Straightforward, "Float32");
        foreach (Contestant contestant in contestants)
        {
            Interleaved.ResetPeak();
            double before = Interleaved.Megabytes();
            using (DisposeScope scope = NewDisposeScope())
                contestant.Run();
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{contestant.Name}: a step adds {Interleaved.PeakMegabytes() - before:0} MB at its peak to weights, gradients and moments"
                ));
        }
    }
}
