// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Makes one line of the times of recordings that were joined byte by byte, where each begins its own anew.</summary>
internal static class JoinedTimes
{
    /// <summary>Puts each recording after the one before. Their frames are shown one after the other, and so ffmpeg decodes them.</summary>
    /// <param name="packets">The packets in the order of the file, all with a time; their times are changed.</param>
    /// <returns>The number of recordings; 1 for nearly every file.</returns>
    public static int Straighten(List<Packet> packets)
    {
        int pieces = 0;
        double end = double.NaN;
        for (int first = 0; first < packets.Count; pieces++)
        {
            int next = EndOfPiece(packets, first);
            (double from, double to) = Span(packets, first, next);
            double shift = pieces == 0 ? 0 : end - from;
            for (int i = first; i < next && shift != 0; i++)
                packets[i] = packets[i] with { Time = packets[i].Time + shift };

            // The last frame lasts as long as the others.
            end = to + shift + (next - first > 1 ? (to - from) / (next - first - 1) : 0);
            first = next;
        }

        return pieces;
    }

    /// <summary>Within one recording the times at which packets are decoded never fall.</summary>
    private static int EndOfPiece(List<Packet> packets, int first)
    {
        double last = double.NaN;
        for (int i = first; i < packets.Count; i++)
        {
            double time = packets[i].DecodeTime;
            if (time < last)
                return i;
            last = double.IsNaN(time) ? last : time;
        }

        return packets.Count;
    }

    private static (double From, double To) Span(List<Packet> packets, int first, int next)
    {
        (double from, double to) = (double.PositiveInfinity, double.NegativeInfinity);
        for (int i = first; i < next; i++)
            (from, to) = (Math.Min(from, packets[i].Time), Math.Max(to, packets[i].Time));
        return (from, to);
    }
}
