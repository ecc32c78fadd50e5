// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Every n-th frame from the first on, in training from any of the first n: what Hugging Face's pipeline takes (frame_sampling_rate).
/// </summary>
/// <remarks>
/// <code>
/// 12 frames, 4 wanted, every 2nd
/// clip      0  1  2  3  4  5  6  7  8  9 10 11
/// scoring   ^     ^     ^     ^
/// training     ^     ^     ^     ^                    start drawn from 0..1
/// </code>
/// Where the clip ends too early, the policy decides.
/// </remarks>
public sealed class EveryNthFrameSampler : FrameSampler
{
    private readonly int _step;
    private readonly ShortClipPolicy _policy;

    /// <summary>Samples every n-th frame.</summary>
    /// <param name="numFrames">The number of frames, at least 1.</param>
    /// <param name="step">n, at least 1.</param>
    /// <param name="policy">What happens beyond the end of a short clip; the default repeats the last frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public EveryNthFrameSampler(int numFrames, int step = 1, ShortClipPolicy policy = ShortClipPolicy.RepeatLast)
        : base(numFrames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        _step = step;
        _policy = ShortClip.Checked(policy);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"every({NumFrames},{_step},{ShortClip.Name(_policy)})");

    private protected override int[] Choose(FrameTimeline timeline, Random? random)
    {
        // A random start must not push frames of a long enough clip over its end.
        long spare = timeline.FrameCount - 1 - ((NumFrames - 1L) * _step);
        int start = random?.Next((int)Math.Clamp(spare + 1, 1, _step)) ?? 0;
        var indices = new int[NumFrames];
        for (int i = 0; i < NumFrames; i++)
            indices[i] = ShortClip.Resolve(start + ((long)i * _step), timeline, _policy, this);
        return indices;
    }
}
