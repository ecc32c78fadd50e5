// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>The frames of several stretches of time, one after the other, so that a video is decoded once for all of them.</summary>
internal sealed class MultiViewFrameSampler : FrameSampler
{
    private readonly FrameSampler _sampler;
    private readonly int _segments;

    /// <param name="sampler">What training used: uniform or dense.</param>
    /// <param name="segments">The number of stretches.</param>
    public MultiViewFrameSampler(FrameSampler sampler, int segments)
        : base(sampler.NumFrames * segments)
    {
        _sampler = sampler;
        _segments = segments;
    }

    /// <summary>Whether a sampler has more than one stretch to offer.</summary>
    public static bool Supports(FrameSampler sampler) => sampler is UniformFrameSampler or DenseFrameSampler;

    public override string ToString() => $"views({_sampler},{_segments})";

    private protected override int[] Choose(FrameTimeline timeline, Random? random) =>
        [.. (_sampler is DenseFrameSampler dense
            ? MultiViewSampling.Views(dense, timeline, _segments, crops: 1)
            : MultiViewSampling.Views((UniformFrameSampler)_sampler, timeline, _segments, crops: 1)).SelectMany(v => v.Indices)];
}
