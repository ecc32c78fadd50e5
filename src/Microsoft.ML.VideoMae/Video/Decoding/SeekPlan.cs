// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Which stretches of a long clip to decode, so that a few frames of an hour do not cost the decoding of an hour.</summary>
/// <param name="Probe">The clip.</param>
/// <param name="Stretches">The runs of ffmpeg, in order.</param>
internal sealed record SeekPlan(ProbeResult Probe, IReadOnlyList<SeekStretch> Stretches)
{
    /// <summary>The pixels one ffmpeg decodes in the time another takes to start.</summary>
    private const double PixelsPerStart = 5e6;

    /// <summary>
    /// The pixels that must be spared: about a second. Files whose key frames are not what they claim to be
    /// are found in the wild, so short clips are decoded from the start.
    /// </summary>
    private const double WorthSparing = 100e6;

    /// <summary>Plans a read; null if decoding from the start costs no more, or the file's times do not allow it.</summary>
    /// <param name="probe">The clip.</param>
    /// <param name="wanted">The frames wanted.</param>
    /// <param name="input">The file.</param>
    /// <param name="worthSparing">The pixels whose decoding must be spared.</param>
    public static SeekPlan? TryCreate(ProbeResult probe, int[] wanted, FFmpegInput input, double worthSparing = WorthSparing)
    {
        PacketIndex index = probe.Index;
        if (!index.HasTimes || index.Pieces > 1 || !input.IsSeekable || wanted.Length == 0)
            return null;
        double pixels = (double)probe.Metadata.Width * probe.Metadata.Height;
        int worthwhile = (int)Math.Clamp(PixelsPerStart / pixels, 8, 1000);
        int[] distinct = [.. wanted.Distinct().Order()];
        var stretches = new List<SeekStretch>();
        int cost = 0;
        for (int i = 0; i < distinct.Length;)
        {
            int first = i++;
            while (i < distinct.Length && index.KeyBefore(distinct[i]) - distinct[i - 1] < worthwhile)
                i++;
            if (SeekStretch.TryCreate(probe, distinct[first..i]) is not SeekStretch stretch)
                return null;
            stretches.Add(stretch);
            cost += distinct[i - 1] - index.KeyBefore(distinct[first]) + worthwhile;
        }

        double spared = ((double)distinct[^1] + worthwhile - cost) * pixels;
        return spared > worthSparing ? new SeekPlan(probe, stretches) : null;
    }
}

/// <summary>One run of ffmpeg that starts inside a clip.</summary>
/// <param name="Frames">The frames it delivers, ascending.</param>
/// <param name="Start">Where it starts, in seconds from the container's start; null for the clip's beginning.</param>
/// <param name="Select">The filter that picks the frames by time: unlike numbers, times do not depend on where decoding began.</param>
internal sealed record SeekStretch(int[] Frames, double? Start, string Select)
{
    /// <summary>Plans a stretch; null if a frame shares its time with a neighbour, or there are too many frames.</summary>
    public static SeekStretch? TryCreate(ProbeResult probe, int[] frames)
    {
        if (frames.Length > FrameFilter.MaxTerms)
            return null;
        var select = new StringBuilder("select='");
        double? start = null;
        foreach (int frame in frames)
        {
            if (probe.Index.Alone(frame) is not (double from, double to))
                return null;
            start ??= from - probe.StartTime;
            select.Append(frame == frames[0] ? "" : "+").Append(CultureInfo.InvariantCulture, $"between(t,{from:F6},{to:F6})");
        }

        return new SeekStretch(frames, start > 0 ? start : null, select.Append('\'').ToString());
    }
}
