// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>The packets of a video stream in the order in which their frames are shown.</summary>
internal sealed class PacketIndex
{
    private readonly double[] _times;       // seconds, ascending; empty if the format stores no times
    private readonly bool[] _isKey;

    private PacketIndex(int count, double[] times, bool[] isKey)
    {
        Count = count;
        _times = times;
        _isKey = isKey;
    }

    /// <summary>The number of packets whose frames are shown.</summary>
    public int Count { get; }

    /// <summary>True if every packet has a time.</summary>
    public bool HasTimes => _times.Length == Count && Count > 0;

    /// <summary>Sorts packets by the time at which they are shown.</summary>
    /// <param name="packets">The time, NaN if there is none, and whether decoding can start there, in the order of the file.</param>
    public static PacketIndex Create(List<(double Time, bool IsKey)> packets)
    {
        if (packets.Exists(p => double.IsNaN(p.Time)))
            return new PacketIndex(packets.Count, [], []);
        (double Time, bool IsKey)[] sorted = [.. packets.OrderBy(p => p.Time)];
        return new PacketIndex(sorted.Length, [.. sorted.Select(p => p.Time)], [.. sorted.Select(p => p.IsKey)]);
    }

    public double Time(int frame) => _times[frame];

    public bool IsKey(int frame) => _isKey[frame];

    /// <summary>The clip's frames for a sampler.</summary>
    public FrameTimeline Timeline(double framesPerSecond)
        => HasTimes ? new FrameTimeline(_times, framesPerSecond) : new FrameTimeline(Math.Max(1, Count), framesPerSecond);
}
