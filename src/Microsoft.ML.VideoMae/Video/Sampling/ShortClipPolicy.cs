// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>What a sampler does when a clip ends before the last frame it wants.</summary>
public enum ShortClipPolicy
{
    /// <summary>Repeats the last frame: 0 1 2 3 3 3.</summary>
    RepeatLast,

    /// <summary>Starts again from the first frame: 0 1 2 3 0 1.</summary>
    Wrap,

    /// <summary>Fails with <see cref="ClipTooShortException"/>.</summary>
    Error,
}

/// <summary>Applies a <see cref="ShortClipPolicy"/> and knows its name in saved samplers.</summary>
internal static class ShortClip
{
    public static ShortClipPolicy Checked(ShortClipPolicy policy) => Enum.IsDefined(policy) ? policy
        : throw new ArgumentOutOfRangeException(nameof(policy), policy,
            $"The policy must be one of {string.Join(", ", Enum.GetNames<ShortClipPolicy>())}.");

    /// <summary>The frame for a wanted index that may lie beyond the end.</summary>
    /// <param name="wanted">The index, at least 0.</param>
    /// <param name="timeline">The clip.</param>
    /// <param name="policy">What to do beyond the end.</param>
    /// <param name="sampler">The sampler, for the message.</param>
    public static int Resolve(long wanted, FrameTimeline timeline, ShortClipPolicy policy, FrameSampler sampler)
    {
        int count = timeline.FrameCount;
        if (wanted < count)
            return (int)wanted;
        return policy switch
        {
            ShortClipPolicy.RepeatLast => count - 1,
            ShortClipPolicy.Wrap => (int)(wanted % count),
            _ => throw new ClipTooShortException(
                $"the clip has {count} frames, and {sampler} reaches beyond its end. Use longer clips, fewer frames or a smaller step, " +
                $"or {nameof(ShortClipPolicy)}.{nameof(ShortClipPolicy.RepeatLast)} or {nameof(ShortClipPolicy.Wrap)}."),
        };
    }

    public static string Name(ShortClipPolicy policy) => policy switch
    {
        ShortClipPolicy.RepeatLast => "repeat",
        ShortClipPolicy.Wrap => "wrap",
        _ => "error",
    };

    public static ShortClipPolicy Parse(string name) => name switch
    {
        "repeat" => ShortClipPolicy.RepeatLast,
        "wrap" => ShortClipPolicy.Wrap,
        "error" => ShortClipPolicy.Error,
        _ => throw new ArgumentException($"'{name}' is not a policy for short clips; known ones are repeat, wrap and error"),
    };
}

/// <summary>A clip has fewer frames than a sampler needs, and the sampler was told not to repeat frames.</summary>
public sealed class ClipTooShortException : Exception
{
    /// <summary>Describes the shortage.</summary>
    /// <param name="message">What was found, and what to do.</param>
    public ClipTooShortException(string message)
        : base(message)
    {
    }
}
