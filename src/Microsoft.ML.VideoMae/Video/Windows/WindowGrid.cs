// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Windows;

/// <summary>The windows over a video: one every stride, and one more that ends with the video, so that no frame is left out.</summary>
/// <param name="Length">How long each is, in seconds.</param>
/// <param name="Stride">From the start of one to that of the next, in seconds; at most <paramref name="Length"/>.</param>
internal readonly record struct WindowGrid(double Length, double Stride)
{
    /// <summary>Parts that several threads read are not quite in order: frames of so many windows back are kept.</summary>
    private const int KeptStrides = 8;

    /// <summary>The largest number of windows of one video.</summary>
    private const double MostWindows = int.MaxValue;

    /// <summary>The handles of the windows in which frames begin, in order; they share what is decoded.</summary>
    /// <param name="video">The video.</param>
    /// <param name="timeline">Its frames.</param>
    /// <param name="source">Is to be disposed of when no window is read along the video any more.</param>
    public IEnumerable<MLVideo> Over(MLVideo video, FrameTimeline timeline, out WindowSource source)
    {
        WindowSource shared = source = new WindowSource(video, timeline, KeptStrides * Stride);
        return Ranges(timeline).Where(r => timeline.Within(r.Start, r.End).HasAny)
            .Select(r => MLVideo.CreateWindow(new VideoWindow(shared, r.Start, r.End)));
    }

    /// <summary>The number of windows over a time, those without frames included.</summary>
    public int Count(double duration) =>
        duration <= Length ? 1 : 1 + (int)Math.Min(MostWindows - 1, Math.Ceiling((duration - Length) / Stride - 1e-6));

    /// <summary>The windows of a video; one that is shorter than a window is one itself.</summary>
    public IEnumerable<(double Start, double End)> Ranges(FrameTimeline timeline)
    {
        (double length, double stride, double duration) = (Length, Stride, timeline.Duration);
        if (duration <= length)
            return [(0, duration)];
        int count = Count(duration);
        return Enumerable.Range(0, count).Select(i => Math.Min(i * stride, duration - length)).Select(start => (start, start + length));
    }

    /// <summary>Throws if windows of this kind make no sense.</summary>
    /// <param name="length">The length.</param>
    /// <param name="stride">The stride.</param>
    public static WindowGrid Checked(TimeSpan length, TimeSpan stride)
    {
        if (length <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(length), length, "A window has to be longer than nothing.");
        if (stride <= TimeSpan.Zero || stride > length)
        {
            throw new ArgumentOutOfRangeException(nameof(stride), stride,
                $"The stride has to be more than nothing and at most a window ({length.TotalSeconds:0.###} s): else frames between windows " +
                "would never be seen.");
        }

        return new WindowGrid(length.TotalSeconds, stride.TotalSeconds);
    }
}
