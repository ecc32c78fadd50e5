// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What a trainer reports after each optimizer step. Instances never change: they can be kept.</summary>
public sealed record VideoMaeStepMetrics
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The optimizer step, counted from 1 over the whole run.</summary>
    public required int Step { get; init; }

    /// <summary>The number of steps that the run was asked for.</summary>
    public required int NumberOfSteps { get; init; }

    /// <summary>The loss of the step's clips.</summary>
    public required double Loss { get; init; }

    /// <summary>The norm of all gradients before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The learning rate of the step, before layer decay.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training clips per second in this epoch so far.</summary>
    public required double ClipsPerSecond { get; init; }
}
