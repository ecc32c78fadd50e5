// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Yes or no: one output, the log-odds, and the binary cross-entropy.</summary>
internal sealed class BinaryTask : TrainingTask
{
    public override ValidationMetric DefaultMetric => ValidationMetric.Accuracy;

    public override (float[] Values, int PerClip) Prepare(
        Span<float> inputs, long[]? rows, ReadOnlySpan<float> targets, (int Height, int Width)? frame,
        Random random) => (targets.ToArray(), 1);

    public override Tensor Loss(Tensor logits, Tensor targets) => nn.functional.binary_cross_entropy_with_logits(logits, targets);

    public override long? Correct(Tensor logits, Tensor targets) => logits.IsAbove(0).eq(targets.IsAbove(0)).sum().cpu().item<long>();

    public override ValidationResult Measure(IReadOnlyList<float[]> logits, IReadOnlyList<float> targets)
    {
        double loss = 0;
        int[] correct = [0, 0], counts = [0, 0];
        foreach ((float[] output, float target) in logits.Zip(targets))
        {
            // log(1 + exp(-z)) for the output's sign that the target asks for
            double z = target > 0 ? output[0] : -output[0];
            loss += Math.Max(-z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
            int side = target > 0 ? 1 : 0;
            counts[side]++;
            if (output[0] > 0 == target > 0)
                correct[side]++;
        }

        double macro = Enumerable.Range(0, 2).Where(s => counts[s] > 0).Average(s => (double)correct[s] / counts[s]);
        return new ValidationResult(loss / logits.Count, (double)correct.Sum() / logits.Count, macro);
    }
}
