// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Decoding;

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
