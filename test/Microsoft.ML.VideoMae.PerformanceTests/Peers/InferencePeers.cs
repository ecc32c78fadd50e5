// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>
/// Scores one clip with the fast encoder, the model as it is, straightforward code, ONNX Runtime, and the reference where its file is
/// given.
/// </summary>
internal static class InferencePeers
{
    private const string Onnx = "ONNX Runtime";
    private const string Straightforward = "straightforward Float32";

    public static void Run(VideoMaeConfig config, int batch, int rounds, bool shortNumbers, string? torchScript)
    {
        Console.WriteLine(Interleaved.Machine());
        using IDisposable noGrad = no_grad();
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.eval();
        using InferenceSession session = OnnxUnit.Session(model);
        using var unit = new OnnxUnit(config);
        using IClipEncoder fast = ClipEncoder.Create(model, CPU, ComputePrecision.Float32, _ => { });
        bool attendsByHead = fast is FastEncoder { AttendsByHead: true };
        using IClipEncoder otherwise = WithOtherAttention(model, attendsByHead);
        using IClipEncoder brief = ClipEncoder.Create(model, CPU, ComputePrecision.BFloat16, _ => { });
        using Tensor clips = randn(
            [batch, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width],
            generator: new Generator(2));
        var input = new DenseTensor<float>(clips.data<float>().ToArray(), [.. clips.shape.Select(size => (int)size)]);
        var straightforward = new StraightforwardModel(model);
        using jit.ScriptModule? reference = torchScript is null ? null : jit.load(torchScript);

        var logits = new Dictionary<string, Tensor>();
        void Keep(string name, Tensor value)
        {
            if (!logits.ContainsKey(name))
                logits.Add(name, value.clone().DetachFromDisposeScope());
        }

        List<Contestant> contestants =
        [
            new(Straightforward, () => Keep(Straightforward, straightforward.Forward(clips))),
            new(Onnx, () => Keep(Onnx, OnnxUnit.Score(session, input))),
            new("the model, Float32", () => Keep("the model, Float32", model.forward(clips).Logits)),
            new("fast, Float32", () => Keep("fast, Float32", model.Classify(fast.Tokens(clips)))),
        ];
        if (otherwise is FastEncoder other && other.AttendsByHead != attendsByHead)
        {
            string name = attendsByHead ? "fast, Float32, fused attention" : "fast, Float32, oneDNN's products of heads";
            contestants.Add(new(name, () => Keep(name, model.Classify(otherwise.Tokens(clips)))));
        }

        if (shortNumbers)
        {
            contestants.Add(new("fast, BFloat16", () => Keep("fast, BFloat16", model.Classify(brief.Tokens(clips)))));
            contestants.Add(TrainingPeers.WithFusedAttention(contestants[^1]));
        }

        if (reference is not null)
            contestants.Add(new("TorchScript reference", () => Keep("TorchScript reference", (Tensor)reference.call(clips))));

        if (batch > 1)
            contestants.Add(unit.Contestant);
        Dictionary<string, double[]> seconds = Interleaved.Measure(contestants, rounds);
        if (batch == 1)
            seconds[OnnxUnit.Name] = seconds[Onnx]; // It is the same.
        Interleaved.Print(seconds, batch, Onnx, Straightforward, "TorchScript reference");
        double flops = batch * Training.FineTuningPlan.ForwardFlops(config);
        Console.WriteLine(
            FormattableString.Invariant($"{flops / 1e9:0} GFLOP; matrix product afterwards {Interleaved.GemmCeiling():0} GFLOP/s; ")
                + string.Join(
                    ", ",
                    seconds.Where(pair => pair.Key != OnnxUnit.Name).Select(pair =>
                        FormattableString.Invariant($"{pair.Key} {flops / 1e9 / Interleaved.Median(pair.Value):0} GFLOP/s"))));
        Tensor expected = logits[Straightforward];
        foreach ((string name, Tensor value) in logits)
        {
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{name}: relative difference of logits {((value - expected).norm() / expected.norm()).item<float>():g2}, "
                ) + $"same first class: {value.argmax(1).eq(expected.argmax(1)).all().item<bool>()}");
        }
    }

    /// <summary>The encoder that scoring takes on other processors; says what was measured on this one.</summary>
    private static IClipEncoder WithOtherAttention(VideoMaeForVideoClassification model, bool attendsByHead)
    {
        VideoMaeConfig config = model.Config;
        if (FastPaths.AreOn && OneDnn.IsAvailable)
            Console.WriteLine(ProductSpeeds.Of(config.NumPatches, config.HiddenSize, config.IntermediateSize));
        ProductSpeeds.Assumed.Value = attendsByHead ? new ProductSpeeds(1, 1, 1) : new ProductSpeeds(1, 2, 2);
        try
        {
            return ClipEncoder.Create(model, CPU, ComputePrecision.Float32, _ => { });
        }
        finally
        {
            ProductSpeeds.Assumed.Value = null;
        }
    }
}
