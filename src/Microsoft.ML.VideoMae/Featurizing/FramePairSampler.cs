// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>Pairs of consecutive frames, spread evenly over the clip; all of them where the clip has no more.</summary>
/// <remarks>
/// <code>
/// 10 frames, 3 pairs wanted: 9 pairs, three equal segments
/// clip    0  1  2  3  4  5  6  7  8  9
/// pairs      ^--^     ^--^     ^--^          read are 1 2 4 5 7 8
/// 4 frames, 5 pairs wanted                   read are 0 1 2 3, which are 3 pairs
/// </code>
/// Unlike other samplers, it gives fewer frames where pairs share one, or the clip is short. It remembers its choice, so each read has one
/// of its own.
/// </remarks>
internal sealed class FramePairSampler(int pairs) : FrameSampler(2 * pairs)
{
    /// <summary>The places in what was read of the first frames of the pairs; the second one follows each.</summary>
    public IReadOnlyList<int> First { get; private set; } = [];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"pairs({pairs})");

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        int possible = timeline.FrameCount - 1, count = Math.Min(pairs, possible);
        if (count == 0)
        {
            First = [];
            return [0];
        }

        var frames = new List<int>();
        var first = new List<int>();
        for (int i = 0; i < count; i++)
        {
            int start = (int)(((2L * i) + 1) * possible / (2L * count));
            if (frames.Count == 0 || frames[^1] != start)
                frames.Add(start);
            first.Add(frames.Count - 1);
            frames.Add(start + 1);
        }

        First = first;
        return [.. frames];
    }
}
