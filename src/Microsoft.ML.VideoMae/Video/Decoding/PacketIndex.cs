// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>One packet of a video stream whose frame is shown.</summary>
/// <param name="Time">When its frame is shown, in seconds; NaN if the file does not say.</param>
/// <param name="DecodeTime">When it is to be decoded, in seconds, ascending within one recording; NaN if the file does not say.</param>
/// <param name="IsKey">Whether decoding can start here.</param>
internal readonly record struct Packet(double Time, double DecodeTime, bool IsKey);

/// <summary>The frames of a video stream, as its packets tell, in the order in which they are shown.</summary>
internal sealed class PacketIndex
{
    private readonly double[] _times;       // seconds, ascending; empty if the format stores no times
    private readonly int[] _keys;           // ascending

    private PacketIndex(int count, double[] times, int[] keys, int pieces)
    {
        Count = count;
        Pieces = pieces;
        _times = times;
        _keys = keys;
    }

    /// <summary>The number of packets whose frames are shown.</summary>
    public int Count { get; }

    /// <summary>The number of recordings that were joined: in each, the file's own times begin anew.</summary>
    public int Pieces { get; }

    /// <summary>True if every packet has a time.</summary>
    public bool HasTimes => Count > 0 && _times.Length == Count;

    /// <summary>When each frame is shown, in seconds, ascending.</summary>
    public ReadOnlySpan<double> Times => _times;

    /// <summary>Sorts packets by the time at which they are shown.</summary>
    /// <param name="packets">The packets in the order of the file.</param>
    public static PacketIndex Create(List<Packet> packets)
    {
        if (packets.Exists(p => double.IsNaN(p.Time)))
            return new PacketIndex(packets.Count, [], [], 1);
        List<Packet> straight = [.. packets];
        int pieces = JoinedTimes.Straighten(straight);
        Packet[] sorted = [.. straight.OrderBy(p => p.Time)];
        int[] keys = [.. Enumerable.Range(0, sorted.Length).Where(i => sorted[i].IsKey)];
        return new PacketIndex(sorted.Length, [.. sorted.Select(p => p.Time)], keys, pieces);
    }

    /// <summary>The last frame at or before a frame at which decoding can start.</summary>
    public int KeyBefore(int frame)
    {
        int i = Array.BinarySearch(_keys, frame);
        i = i >= 0 ? i : ~i - 1;
        return i >= 0 ? _keys[i] : 0;
    }

    /// <summary>The times between which a frame is the only one: halfway to its neighbours. Null if neighbours share its time.</summary>
    public (double From, double To)? Alone(int frame)
    {
        double time = _times[frame];
        double before = frame > 0 ? time - _times[frame - 1] : 1;
        double after = frame + 1 < Count ? _times[frame + 1] - time : 1;
        return before > 1e-4 && after > 1e-4 ? (time - (before / 2), time + (after / 2)) : null;
    }
}

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
