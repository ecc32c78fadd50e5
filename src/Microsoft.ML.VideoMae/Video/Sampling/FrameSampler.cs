// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

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

/// <summary>Reads samplers from the text that saved models store.</summary>
internal static class FrameSamplerText
{
    private const string Known = "uniform(frames), uniform(frames,start), uniform(frames,regular), dense(frames,stride,policy), sparse(frames,policy), " +
        "every(frames,step,policy) and fps(frames,rate,policy), where policy is repeat, wrap or error";

    public static FrameSampler Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !text.EndsWith(')'))
            throw Bad(text, null);
        string[] arguments = text[(open + 1)..^1].Split(',');
        try
        {
            return (text[..open], arguments) switch
            {
                ("uniform", [var n]) => new UniformFrameSampler(Int(n)),
                ("uniform", [var n, "start"]) => new UniformFrameSampler(Int(n), SegmentPoint.Start),
                ("uniform", [var n, "regular"]) => new UniformFrameSampler(Int(n), isRegular: true),
                ("uniform", [var n, "start", "regular"]) => new UniformFrameSampler(Int(n), isRegular: true, SegmentPoint.Start),
                ("dense", [var n, var stride, var policy]) => new DenseFrameSampler(Int(n), Int(stride), ShortClip.Parse(policy)),
                ("sparse", [var n, var policy]) => new SparseFrameSampler(Int(n), ShortClip.Parse(policy)),
                ("every", [var n, var step, var policy]) => new EveryNthFrameSampler(Int(n), Int(step), ShortClip.Parse(policy)),
                ("fps", [var n, var rate, var policy]) => new FixedRateFrameSampler(Int(n), Number(rate), ShortClip.Parse(policy)),
                _ => throw Bad(text, null),
            };
        }
        catch (ArgumentException e)
        {
            throw Bad(text, e);
        }
    }

    private static int Int(string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new ArgumentException($"'{text}' is not a whole number.");

    private static double Number(string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new ArgumentException($"'{text}' is not a number.");

    private static FormatException Bad(string text, Exception? inner)
        => new($"'{text}' is not a frame sampler{(inner is null ? "" : " (" + inner.Message + ")")}. Known ones are {Known}.", inner);
}
