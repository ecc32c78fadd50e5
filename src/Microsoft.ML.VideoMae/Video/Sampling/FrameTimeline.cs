// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae;

/// <summary>What a sampler may know of a clip: how many frames there are, and when each is shown.</summary>
public sealed class FrameTimeline
{
    private readonly double[]? _timestamps;

    /// <summary>A clip of evenly spaced frames.</summary>
    /// <param name="frameCount">The number of frames, at least 1.</param>
    /// <param name="framesPerSecond">The frame rate; 0 if unknown, which samplers that need times refuse.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public FrameTimeline(int frameCount, double framesPerSecond = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frameCount);
        if (!double.IsFinite(framesPerSecond) || framesPerSecond < 0)
            throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond,
                "A frame rate must be finite and not negative.");
        FrameCount = frameCount;
        FramesPerSecond = framesPerSecond;
    }

    /// <summary>A clip whose frames have times of their own (variable frame rate).</summary>
    /// <param name="timestamps">The seconds at which the frames are shown, in ascending order; shifted here so that the first is 0.</param>
    /// <param name="framesPerSecond">The nominal frame rate, which says how long the last frame lasts; 0 takes the average.</param>
    /// <exception cref="ArgumentException">There are no timestamps, or they are not finite and ascending.</exception>
    public FrameTimeline(ReadOnlySpan<double> timestamps, double framesPerSecond = 0)
        : this(Math.Max(1, timestamps.Length), framesPerSecond)
    {
        if (timestamps.IsEmpty)
            throw new ArgumentException("No timestamps were given; a clip has at least one frame.", nameof(timestamps));
        _timestamps = timestamps.ToArray();
        for (int i = 0; i < _timestamps.Length; i++)
        {
            _timestamps[i] -= timestamps[0];
            if (!double.IsFinite(_timestamps[i]) || (i > 0 && _timestamps[i] < _timestamps[i - 1]))
                throw new ArgumentException($"Timestamp {i} is {timestamps[i]}; timestamps must be finite and ascending.",
                    nameof(timestamps));
        }

        double length = _timestamps[^1];
        if (FramesPerSecond == 0 && length > 0)
            FramesPerSecond = (_timestamps.Length - 1) / length;
    }

    /// <summary>The number of frames, at least 1.</summary>
    public int FrameCount { get; }

    /// <summary>The frame rate; 0 if unknown.</summary>
    public double FramesPerSecond { get; }

    /// <summary>The seconds from the first frame to the end of the last; 0 if times are unknown.</summary>
    public double Duration => FramesPerSecond == 0 ? 0
        : _timestamps is null ? FrameCount / FramesPerSecond
        : _timestamps[^1] + (1 / FramesPerSecond);

    /// <summary>When a frame is shown, in seconds from the first; 0 if times are unknown.</summary>
    /// <param name="frame">The frame, from 0.</param>
    public double TimeOf(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, FrameCount);
        return _timestamps is not null ? _timestamps[frame] : FramesPerSecond == 0 ? 0 : frame / FramesPerSecond;
    }

    /// <summary>The frame on the screen at a time: the last one shown at or before it.</summary>
    /// <param name="seconds">The time from the first frame; before it gives the first frame, after the end the last.</param>
    /// <exception cref="InvalidOperationException">The clip has no times.</exception>
    public int FrameAt(double seconds)
    {
        if (FramesPerSecond == 0)
            throw new ClipHasNoTimesException();

        // A thousandth of a frame: times that were rounded to a container's tick still name their frame.
        double slack = 0.001 / FramesPerSecond;
        if (_timestamps is null)
            return (int)Math.Clamp(Math.Floor((seconds + slack) * FramesPerSecond), 0, FrameCount - 1);
        int index = Array.BinarySearch(_timestamps, seconds + slack);
        return Math.Clamp(index >= 0 ? index : ~index - 1, 0, FrameCount - 1);
    }

    /// <summary>The frames that begin in a range of time; the one that is on the screen then where none does.</summary>
    /// <param name="start">Where the range starts, in seconds from the first frame.</param>
    /// <param name="end">Where it ends; what begins there is outside.</param>
    /// <returns>The number of the first frame, the number of frames, and whether any begins in the range.</returns>
    /// <exception cref="InvalidOperationException">The clip has no times.</exception>
    internal (int First, int Count, bool HasAny) Within(double start, double end)
    {
        int before = FrameAt(start);
        double slack = 0.001 / FramesPerSecond;
        int first = TimeOf(before) >= start - slack ? before : before + 1;
        while (first > 0 && first == before && TimeOf(first - 1) >= start - slack)
            before = --first;   // frames that share a time
        int next = first;
        while (next < FrameCount && TimeOf(next) < end - slack)
            next++;
        return next > first ? (first, next - first, true) : (Math.Min(before, FrameCount - 1), 1, false);
    }

    /// <summary>A part of the clip as a clip of its own.</summary>
    internal FrameTimeline Part(int first, int count) => _timestamps is null
        ? new FrameTimeline(count, FramesPerSecond)
        : new FrameTimeline(_timestamps.AsSpan(first, count), FramesPerSecond);
}

/// <summary>A sampler wants to know when frames are shown, and the clip cannot tell.</summary>
internal sealed class ClipHasNoTimesException() : InvalidOperationException("the clip has no frame rate and no timestamps, so no frame " +
    "belongs to a time. Use a sampler that counts frames, such as uniform or dense.");
