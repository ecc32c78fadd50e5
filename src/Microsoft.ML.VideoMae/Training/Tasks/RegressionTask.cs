// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// A number: the mean squared error. It is learned with mean 0 and deviation 1 over the training clips, so that its unit does not matter;
/// the trained head gives it in its own unit.
/// </summary>
internal sealed class RegressionTask : TrainingTask
{
    private readonly double _mean;
    private readonly double _deviation;

    /// <param name="targets">The numbers of the training clips.</param>
    public RegressionTask(IReadOnlyList<float> targets)
    {
        _mean = targets.Average();
        double variance = targets.Average(t => Math.Pow(t - _mean, 2));
        _deviation = variance > 0 ? Math.Sqrt(variance) : 1;
    }

    public override ValidationMetric DefaultMetric => ValidationMetric.Loss;

    public override (float[] Values, int PerClip) Prepare(
        Span<float> inputs, long[]? rows, ReadOnlySpan<float> targets, (int Height, int Width)? frame, Random random)
    {
        var values = new float[targets.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((targets[i] - _mean) / _deviation);
        return (values, 1);
    }

    public override Tensor Loss(Tensor logits, Tensor targets) => (logits - targets).Squared().mean();

    public override long? Correct(Tensor logits, Tensor targets) => null;

    public override ValidationResult Measure(IReadOnlyList<float[]> logits, IReadOnlyList<float> targets) =>
        new(logits.Zip(targets, (output, target) => Math.Pow(output[0] * _deviation + _mean - target, 2)).Average());

    /// <summary>(W x + b) s + m = (s W) x + (s b + m).</summary>
    public override void Finish(VideoMaeForVideoClassification model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Dictionary<string, Parameter> parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        parameters["classifier.weight"].detach().TimesInPlace(_deviation);
        Tensor bias = parameters["classifier.bias"].detach();
        bias.copy_(bias.Times(_deviation).Plus(_mean));
    }
}
