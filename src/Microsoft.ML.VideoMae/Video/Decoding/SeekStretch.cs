// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Globalization;
using System.Text;

namespace Microsoft.ML.VideoMae.Decoding;

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
