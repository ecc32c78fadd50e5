// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>A window of frames with a fixed step, as VideoMAE is pre-trained and fine-tuned on Kinetics (16 frames, step 4).</summary>
/// <remarks>
/// <code>
/// 12 frames, 3 wanted, step 2: the window spans 3 * 2 = 6 frames
/// clip      0  1  2  3  4  5  6  7  8  9 10 11
/// scoring            ^     ^     ^                    window 3..8, in the middle
/// training     ^     ^     ^                          window 1..6, start drawn from 0..6
/// </code>
/// A clip shorter than the window starts at frame 0; what lies beyond its end follows the policy.
/// </remarks>
public sealed class DenseFrameSampler : FrameSampler
{
    private readonly int _stride;
    private readonly ShortClipPolicy _policy;

    /// <summary>Samples a window.</summary>
    /// <param name="numFrames">The number of frames, at least 1.</param>
    /// <param name="stride">The step from frame to frame, at least 1 (every frame).</param>
    /// <param name="policy">What happens beyond the end of a short clip; the default repeats the last frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public DenseFrameSampler(int numFrames, int stride = 4, ShortClipPolicy policy = ShortClipPolicy.RepeatLast)
        : base(numFrames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        _stride = stride;
        _policy = ShortClip.Checked(policy);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"dense({NumFrames},{_stride},{ShortClip.Name(_policy)})");

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        // The spare frames decide where the window may start.
        int spare = (int)Math.Max(0, timeline.FrameCount - ((long)NumFrames * _stride));
        return Window(timeline, random is null ? spare / 2 : random.Next(spare + 1));
    }

    /// <summary>The window at a start, for views of the same clip.</summary>
    internal int[] Window(FrameTimeline timeline, int start)
    {
        var indices = new int[NumFrames];
        for (int i = 0; i < NumFrames; i++)
            indices[i] = ShortClip.Resolve(start + ((long)i * _stride), timeline, _policy, this);
        return indices;
    }

    internal int Span => (int)Math.Min(int.MaxValue, (long)NumFrames * _stride);
}
