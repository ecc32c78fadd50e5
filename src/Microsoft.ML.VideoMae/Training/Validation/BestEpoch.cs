// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Remembers the epoch that validated best, and its weights.</summary>
/// <param name="parameters">What is trained.</param>
/// <param name="metric">What makes an epoch the best.</param>
/// <param name="keepsWeights">Whether its weights are kept.</param>
internal sealed class BestEpoch(ParameterGroups parameters, ValidationMetric metric, bool keepsWeights) : IDisposable
{
    /// <summary>The best result; null before the first validation.</summary>
    public ValidationResult? Result { get; private set; }

    /// <summary>Its epoch.</summary>
    public int Epoch { get; private set; }

    /// <summary>Its weights; null where they are not kept.</summary>
    public WeightCopy? Weights { get; private set; }

    /// <summary>Takes note of a validation, with the weights it was made with in place.</summary>
    public void Consider(int epoch, ValidationResult result)
    {
        if (!result.IsBetterThan(Result, metric))
            return;
        Result = result;
        Epoch = epoch;
        if (!keepsWeights)
            return;
        Weights ??= new WeightCopy(parameters.Named);
        Weights.Take();
    }

    /// <summary>Goes on from a saved state.</summary>
    public void Restore(int epoch, ValidationResult result, Func<string, TorchSharp.torch.Tensor> weights)
    {
        Epoch = epoch;
        Result = result;
        if (!keepsWeights)
            return;
        Weights ??= new WeightCopy(parameters.Named);
        Weights.Restore(weights);
    }

    /// <inheritdoc/>
    public void Dispose() => Weights?.Dispose();
}
