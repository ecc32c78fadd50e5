// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Frames at a fixed rate in time, whatever the clip's own rate: the same motion looks the
/// same at 15, 30 or a varying number of frames a second.
/// </summary>
/// <remarks>
/// <code>
/// a 2 s clip at 6 frames a second, 3 frames wanted at 2 a second: the window spans 3 / 2 = 1.5 s
/// seconds   0.00 .17 .33 .50 .67 .83 1.0 1.2 1.3 1.5 1.7 1.8
/// clip      0    1   2   3   4   5   6   7   8   9   10  11
/// scoring        ^           ^           ^                   starts at (2 - 1.5) / 2 = 0.25 s
/// training            ^           ^           ^              start drawn from 0..0.5 s
/// </code>
/// Each time takes the frame that is on the screen then. A clip shorter than the window starts at 0; what lies beyond its end follows the
/// policy. Times come from the file, so clips of variable frame rate are sampled evenly in
/// time. Clips without times (raw streams, frames in memory) are refused.
/// </remarks>
public sealed class FixedRateFrameSampler : FrameSampler
{
    private readonly double _rate;
    private readonly ShortClipPolicy _policy;

    /// <summary>Samples at a fixed rate.</summary>
    /// <param name="numFrames">The number of frames, at least 1.</param>
    /// <param name="framesPerSecond">The rate at which frames are taken, such as 8; positive.</param>
    /// <param name="policy">What happens beyond the end of a short clip; the default repeats the last frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public FixedRateFrameSampler(int numFrames, double framesPerSecond, ShortClipPolicy policy = ShortClipPolicy.RepeatLast)
        : base(numFrames)
    {
        if (!double.IsFinite(framesPerSecond) || framesPerSecond <= 0)
            throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond,
                "The rate must be a positive number of frames a second.");
        _rate = framesPerSecond;
        _policy = ShortClip.Checked(policy);
    }

    /// <inheritdoc/>
    public override bool NeedsTimes => true;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"fps({NumFrames},{_rate:R},{ShortClip.Name(_policy)})");

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        double duration = timeline.Duration;
        double spare = Math.Max(0, duration - (NumFrames / _rate));
        double start = (random?.NextDouble() ?? 0.5) * spare;
        var indices = new int[NumFrames];
        for (int i = 0; i < NumFrames; i++)
        {
            double time = start + (i / _rate);

            // A time at or beyond the end has no frame, but for the rounding of times to a container's tick.
            if (duration > 0 && time >= duration - (duration * 1e-6))
                indices[i] = Beyond(time, timeline);
            else
                indices[i] = timeline.FrameAt(time);
        }

        return indices;
    }

    private int Beyond(double time, FrameTimeline timeline) => _policy == ShortClipPolicy.Wrap
        ? timeline.FrameAt(time % timeline.Duration)
        : ShortClip.Resolve(timeline.FrameCount, timeline, _policy, this);
}
