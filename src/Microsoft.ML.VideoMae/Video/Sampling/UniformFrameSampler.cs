// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>Frames spread evenly over the whole clip.</summary>
/// <remarks>
/// <code>
/// 12 frames, 4 wanted: four equal segments
/// clip      0  1  2 | 3  4  5 | 6  7  8 | 9 10 11
/// scoring      ^         ^         ^         ^        the segment's centre (or its start)
/// training        ^   ^            ^      ^           any frame of each segment
/// regular         ^        ^        ^        ^        the same place in each segment: the steps stay alike
/// </code>
/// A clip with fewer frames than are wanted gives some of them more than once, still spread evenly: 3 frames, 5 wanted: 0 0 1 2 2.
/// </remarks>
public sealed class UniformFrameSampler : FrameSampler
{
    private readonly SegmentPoint _point;
    private readonly bool _isRegular;

    /// <summary>Spreads frames over the clip.</summary>
    /// <param name="numFrames">The number of frames, at least 1.</param>
    /// <param name="point">Which frame of its segment scoring takes; the default is the centre.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public UniformFrameSampler(int numFrames, SegmentPoint point = SegmentPoint.Center)
        : this(numFrames, isRegular: false, point)
    {
    }

    /// <summary>Spreads frames over the clip.</summary>
    /// <param name="numFrames">The number of frames, at least 1.</param>
    /// <param name="isRegular">
    /// Whether training takes the same place in every segment, drawn once a clip, in place of one drawn for each. Steps between frames stay
    /// alike then, and so does what moves: a model that was pre-trained on motion needs that. Scoring is the same with both.
    /// </param>
    /// <param name="point">Which frame of its segment scoring takes; the default is the centre.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public UniformFrameSampler(int numFrames, bool isRegular, SegmentPoint point = SegmentPoint.Center)
        : base(numFrames)
    {
        if (!Enum.IsDefined(point))
            throw new ArgumentOutOfRangeException(nameof(point), point, "The point must be Center or Start.");
        (_point, _isRegular) = (point, isRegular);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"uniform({NumFrames}{(_point == SegmentPoint.Start ? ",start" : "")}{(_isRegular ? ",regular" : "")})");

    /// <summary>
    /// The first frame of one of equal parts, as the reference has it: its arange gives 32-bit numbers, which are then cut off. With some
    /// lengths that is one frame beyond, or short of, the exact quotient.
    /// </summary>
    /// <param name="part">The part, from 0.</param>
    /// <param name="count">The number of frames.</param>
    /// <param name="parts">The number of parts.</param>
    internal static int FirstOf(int part, long count, int parts) => (int)Math.Min((long)(float)(part * ((double)count / parts)), count - 1);

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        var indices = new int[NumFrames];
        long count = timeline.FrameCount;
        double? place = _isRegular ? random?.NextDouble() : null;
        for (int i = 0; i < NumFrames; i++)
        {
            int start = (int)(i * count / NumFrames);
            int end = Math.Max(start + 1, (int)((i + 1) * count / NumFrames));
            indices[i] = place is double p ? (int)((i + p) * count / NumFrames)
                : random is not null ? random.Next(start, end)
                : _point == SegmentPoint.Start ? FirstOf(i, count, NumFrames)
                : (int)(((2L * i) + 1) * count / (2L * NumFrames));
        }

        return indices;
    }
}

/// <summary>Which frame of a segment scoring takes.</summary>
public enum SegmentPoint
{
    /// <summary>The frame in the middle.</summary>
    Center,

    /// <summary>The first frame, as Hugging Face's video processors sample: arange(0, total, total / num_frames).</summary>
    Start,
}
