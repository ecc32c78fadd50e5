// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>Chooses which frames of a clip a model sees. Immutable; safe to share between threads.</summary>
public abstract class FrameSampler
{
    private protected FrameSampler(int numFrames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numFrames);
        NumFrames = numFrames;
    }

    /// <summary>The number of frames every call chooses.</summary>
    public int NumFrames { get; }

    /// <summary>True if the choice depends on when frames are shown, so that the decoder must deliver times.</summary>
    public virtual bool NeedsTimes => false;

    /// <summary>Chooses frames.</summary>
    /// <param name="timeline">The clip's frames.</param>
    /// <param name="random">The source of chance in training; null chooses as scoring does, always the same.</param>
    /// <returns><see cref="NumFrames"/> indices from 0, in ascending order except where a short clip wraps around.</returns>
    /// <exception cref="ClipTooShortException">The clip has too few frames and the sampler was told not to repeat any.</exception>
    public int[] Sample(FrameTimeline timeline, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        return Choose(timeline, random);
    }

    /// <summary>Chooses frames of a clip whose times do not matter.</summary>
    /// <param name="frameCount">The clip's number of frames, at least 1.</param>
    /// <param name="random">The source of chance in training; null chooses as scoring does, always the same.</param>
    /// <returns><see cref="NumFrames"/> indices from 0.</returns>
    public int[] Sample(int frameCount, Random? random = null) => Sample(new FrameTimeline(frameCount), random);

    /// <summary>The sampler as text that <see cref="Parse"/> reads back, such as "uniform(16)": what a saved model stores.</summary>
    public abstract override string ToString();

    /// <summary>Reads a sampler from its <see cref="ToString"/> form.</summary>
    /// <param name="text">Text such as "uniform(16)".</param>
    /// <exception cref="FormatException">The text is not a sampler; the message lists what is.</exception>
    public static FrameSampler Parse(string text) => FrameSamplerText.Parse(text);

    /// <summary>Samplers of the same kind and settings are equal.</summary>
    /// <param name="obj">The other sampler.</param>
    public sealed override bool Equals(object? obj) => obj is FrameSampler other && other.ToString() == ToString();

    /// <inheritdoc/>
    public sealed override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private protected abstract int[] Choose(FrameTimeline timeline, Random? random);
}
