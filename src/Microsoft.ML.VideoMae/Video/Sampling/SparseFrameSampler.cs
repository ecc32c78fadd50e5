// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Equal segments with one frame each, as VideoMAE is trained on Something-Something: like
/// <see cref="UniformFrameSampler"/>, but with a policy for short clips.
/// </summary>
/// <remarks>
/// <code>
/// 13 frames, 4 wanted: segments of 13 / 4 = 3 frames; the rest of the division is left out
/// clip      0  1  2 | 3  4  5 | 6  7  8 | 9 10 11 | 12
/// scoring      ^         ^         ^         ^
/// training  ^               ^      ^      ^
/// </code>
/// A clip with fewer frames than segments is read from its start; what lies beyond its end follows the policy.
/// The rule is the one of temporal segment networks (Wang et al., 2016).
/// </remarks>
public sealed class SparseFrameSampler : FrameSampler
{
    private readonly ShortClipPolicy _policy;

    /// <summary>Samples one frame a segment.</summary>
    /// <param name="numFrames">The number of segments and frames, at least 1.</param>
    /// <param name="policy">What happens with clips of fewer frames; the default repeats the last frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public SparseFrameSampler(int numFrames, ShortClipPolicy policy = ShortClipPolicy.RepeatLast)
        : base(numFrames)
        => _policy = ShortClip.Checked(policy);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"sparse({NumFrames},{ShortClip.Name(_policy)})");

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        int length = Math.Max(1, timeline.FrameCount / NumFrames);
        var indices = new int[NumFrames];
        for (int i = 0; i < NumFrames; i++)
        {
            int offset = random?.Next(length) ?? length / 2;
            indices[i] = ShortClip.Resolve(((long)i * length) + offset, timeline, _policy, this);
        }

        return indices;
    }
}
