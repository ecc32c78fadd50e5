// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Test views of a clip: several stretches of time, each looked at through several crops; a model's scores are averaged over them.
/// </summary>
/// <remarks>
/// <code>
/// 2 segments x 3 crops = 6 views; a window of 3 frames, step 2, in 12 frames
/// clip        0  1  2  3  4  5  6  7  8  9 10 11
/// segment 0   ^     ^     ^                           starts spread evenly from 0
/// segment 1                     ^     ^     ^         to the last possible start, 6
/// crops       [left or top]   [centre]   [right or bottom]   of the frame's longer side
/// </code>
/// VideoMAE's paper reports 5 segments x 3 crops on Kinetics-400 and 2 x 3 on Something-Something V2.
/// </remarks>
internal static class MultiViewSampling
{
    /// <summary>The views of a clip.</summary>
    /// <param name="sampler">The window that training used.</param>
    /// <param name="timeline">The clip.</param>
    /// <param name="segments">The number of stretches of time, at least 1; 1 takes the centre.</param>
    /// <param name="crops">The number of crops, at least 1; 1 takes the centre.</param>
    /// <returns>segments * crops views, all crops of the first segment first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    /// <exception cref="ClipTooShortException">The clip is too short, and the sampler refuses short clips.</exception>
    public static IReadOnlyList<ClipView> Views(DenseFrameSampler sampler, FrameTimeline timeline, int segments, int crops)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segments);
        int spare = Math.Max(0, timeline.FrameCount - sampler.Span);
        return Combine(segments, crops, s => sampler.Window(timeline, segments == 1 ? spare / 2 : (int)((long)spare * s / (segments - 1))));
    }

    /// <summary>
    /// The views of a clip sampled sparsely: segment s of S takes the frame at (s + 1/2) /
    /// S of every stretch, so that the views interleave.
    /// </summary>
    /// <param name="sampler">The sampler that training used.</param>
    /// <param name="timeline">The clip.</param>
    /// <param name="segments">
    /// The number of interleaved choices, at least 1; 1 is the sampler's own choice in scoring with <see cref="SegmentPoint.Center"/>.
    /// </param>
    /// <param name="crops">The number of crops, at least 1; 1 takes the centre.</param>
    /// <returns>segments * crops views, all crops of the first segment first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static IReadOnlyList<ClipView> Views(UniformFrameSampler sampler, FrameTimeline timeline, int segments, int crops)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segments);
        return Combine(segments, crops, s =>
        {
            var indices = new int[sampler.NumFrames];
            double parts = 2.0 * segments * indices.Length;
            for (int i = 0; i < indices.Length; i++)
                indices[i] = (int)Math.Min(timeline.FrameCount - 1,
                    Math.Floor(((2.0 * segments * i) + (2 * s) + 1) * timeline.FrameCount / parts));
            return indices;
        });
    }

    private static List<ClipView> Combine(int segments, int crops, Func<int, int[]> choose)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(crops);
        var views = new List<ClipView>(segments * crops);
        for (int s = 0; s < segments; s++)
        {
            int[] indices = choose(s);
            for (int c = 0; c < crops; c++)
                views.Add(new ClipView(s, indices, c, crops == 1 ? 0.5 : (double)c / (crops - 1)));
        }

        return views;
    }
}

/// <summary>One test view: which frames, and which part of them.</summary>
/// <param name="Segment">The number of the stretch of time, from 0.</param>
/// <param name="Indices">Its frames.</param>
/// <param name="Crop">The number of the crop, from 0.</param>
/// <param name="CropPosition">
/// Where the crop lies along the frame's longer side: 0 is left or top, 0.5 the centre, 1 right or bottom.
/// </param>
internal sealed record ClipView(int Segment, IReadOnlyList<int> Indices, int Crop, double CropPosition);

/// <summary>The frames of several stretches of time, one after the other, so that a video is decoded once for all of them.</summary>
/// <param name="sampler">What training used: uniform or dense.</param>
/// <param name="segments">The number of stretches.</param>
internal sealed class MultiViewFrameSampler(FrameSampler sampler, int segments) : FrameSampler(sampler.NumFrames * segments)
{
    /// <summary>Whether a sampler has more than one stretch to offer.</summary>
    public static bool Supports(FrameSampler sampler) => sampler is UniformFrameSampler or DenseFrameSampler;

    public override string ToString() => $"views({sampler},{segments})";

    private protected override int[] Choose(FrameTimeline timeline, Random? random) =>
        [.. (sampler is DenseFrameSampler dense
            ? MultiViewSampling.Views(dense, timeline, segments, crops: 1)
            : MultiViewSampling.Views((UniformFrameSampler)sampler, timeline, segments, crops: 1)).SelectMany(v => v.Indices)];
}
