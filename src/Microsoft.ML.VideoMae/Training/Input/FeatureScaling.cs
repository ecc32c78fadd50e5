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
/// Brings every feature to mean 0 and deviation 1 over the training clips, without which a linear probe learns at very different speeds
/// along different features. Afterwards the scaling is folded into the head: the trained model needs none.
/// </summary>
internal sealed class FeatureScaling : IDisposable
{
    private const double SmallestVariance = 1e-10;

    private readonly Tensor _mean; // [D]
    private readonly Tensor _scale; // [D], 1 / deviation

    private FeatureScaling(Tensor mean, Tensor scale)
    {
        _mean = mean;
        _scale = scale;
    }

    /// <summary>Measures features.</summary>
    /// <param name="features">Rows of D values.</param>
    /// <param name="width">D.</param>
    /// <param name="device">Where the model is.</param>
    public static FeatureScaling Measure(IEnumerable<float[]> features, int width, Device device)
    {
        var sum = new double[width];
        var squares = new double[width];
        int rows = 0;
        foreach (float[] row in features)
        {
            rows++;
            for (int i = 0; i < width; i++)
            {
                sum[i] += row[i];
                squares[i] += (double)row[i] * row[i];
            }
        }

        float[] mean = [.. sum.Select(s => (float)(s / rows))];
        float[] scale =
        [.. squares.Select((s, i) => (float)(1 / Math.Sqrt(Math.Max(s / rows - Math.Pow(sum[i] / rows, 2), SmallestVariance))))];
        return new FeatureScaling(
            tensor(mean, device: device).DetachFromDisposeScope(), tensor(scale, device: device).DetachFromDisposeScope());
    }

    /// <summary>[B, D] to [B, D].</summary>
    public Tensor Apply(Tensor features) => (features - _mean) * _scale;

    /// <summary>W (x - m) s + b = (W s) x + (b - (W s) m).</summary>
    public void FoldInto(VideoMaeForVideoClassification model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Dictionary<string, Parameter> parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Tensor weight = parameters["classifier.weight"].detach(), bias = parameters["classifier.bias"].detach(); // [K, D], [K]
        weight.mul_(_scale);
        // In double precision: element by element, so that the result does not depend on where in memory things lie, as a matrix product's
        // may.
        bias.copy_(bias.to(float64) - (weight.to(float64) * _mean.to(float64)).sum(1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _scale.Dispose();
    }
}
