// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What a model is trained for: how targets become a loss, and how well outputs do.</summary>
internal abstract class TrainingTask : IDisposable
{
    /// <summary>The metric that decides about the best epoch where none was chosen.</summary>
    public abstract ValidationMetric DefaultMetric { get; }

    /// <summary>Makes a batch's targets; may change its inputs along with them.</summary>
    /// <param name="inputs">[b, ...]: pixel values, [b, T, C, H, W], or features.</param>
    /// <param name="rows">Which clips of the batch the inputs are, in order; null where they are all. A clip's partner is among them.</param>
    /// <param name="targets">The target of every clip of the batch, [B]: a class, or a number.</param>
    /// <param name="frame">The height and width of the frames; null where inputs are features.</param>
    /// <param name="random">Decides.</param>
    /// <returns>What <see cref="Loss"/> takes, [B] or [B, K], and its length for each clip.</returns>
    public abstract (float[] Values, int PerClip) Prepare(
        Span<float> inputs, long[]? rows, ReadOnlySpan<float> targets, (int Height, int Width)? frame, Random random);

    /// <summary>What clips count for in a mean loss.</summary>
    /// <param name="targets">What <see cref="Prepare"/> made, [B, PerClip].</param>
    /// <param name="perClip">The numbers of each clip.</param>
    public virtual double Weight(float[] targets, int perClip) => targets.Length / perClip;

    /// <summary>The mean loss of a batch.</summary>
    /// <param name="logits">[B, K].</param>
    /// <param name="targets">What <see cref="Prepare"/> made, [B, PerClip].</param>
    /// <returns>A scalar.</returns>
    public abstract Tensor Loss(Tensor logits, Tensor targets);

    /// <summary>The number of correct outputs; null where there is no right and wrong.</summary>
    /// <param name="logits">[B, K].</param>
    /// <param name="targets">What <see cref="Prepare"/> made, [B, PerClip].</param>
    public abstract long? Correct(Tensor logits, Tensor targets);

    /// <summary>Measures the outputs for a whole validation set.</summary>
    /// <param name="logits">The outputs of every clip, [K].</param>
    /// <param name="targets">The targets.</param>
    public abstract ValidationResult Measure(IReadOnlyList<float[]> logits, IReadOnlyList<float> targets);

    /// <summary>Called once, with the final weights in place.</summary>
    public virtual void Finish(VideoMaeForVideoClassification model)
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
