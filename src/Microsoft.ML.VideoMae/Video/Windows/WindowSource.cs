// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Windows;

/// <summary>
/// A video whose parts are read one after the other: each frame is decoded once, whatever the overlap. Safe to use from several threads.
/// </summary>
/// <remarks>
/// Whoever reads along the video has a lane: one run of ffmpeg from the first frame on, and the last frames in memory. A second reader,
/// such as another model of an average, that lags behind the first or wants frames of another size gets a lane of its own. A part that no
/// lane comes by is read alone, by seeking. The frames are the same either way.
/// </remarks>
internal sealed class WindowSource : IDisposable
{
    /// <summary>Lanes at a time: an average of several models has a reader each.</summary>
    private const int MaxLanes = 4;

    /// <summary>A lane does not run further than this to a part, in seconds: seeking is cheaper.</summary>
    private const double LongestRun = 20;

    private readonly Lock _lock = new();
    private readonly List<FrameLane> _lanes = [];
    private readonly double _keptSeconds;
    private readonly FrameTimeline? _timeline;
    private bool _isClosed;

    /// <summary>A video of which one part is read: there is nothing to share.</summary>
    /// <param name="video">The video.</param>
    public WindowSource(MLVideo video) => (Video, _isClosed) = (video, true);

    /// <summary>A video whose parts are read one after the other.</summary>
    /// <param name="video">The video.</param>
    /// <param name="timeline">Its frames.</param>
    /// <param name="keptSeconds">How far behind the newest part frames are kept: readers in several threads are not quite in order.</param>
    public WindowSource(MLVideo video, FrameTimeline timeline, double keptSeconds) =>
        (Video, _timeline, _keptSeconds) = (video, timeline, keptSeconds);

    /// <summary>The whole video.</summary>
    public MLVideo Video { get; }

    /// <summary>How many frames there really are; null as long as no lane came to the end, or all came out that the file promises.</summary>
    public int? ShorterCount { get; private set; }

    /// <summary>How many read along the video now.</summary>
    public int LaneCount
    {
        get
        {
            lock (_lock)
                return _lanes.Count;
        }
    }

    /// <summary>Reads frames of a part from a lane; null if it is to be read alone.</summary>
    public VideoFrames? TryRead(
        VideoWindow window, VideoReader reader, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
    {
        if (_timeline is null)
            return null;
        int[] wanted = window.Choose(_timeline, request);
        int first = wanted.Min();
        if (LaneFor(first, reader, options) is not FrameLane lane)
            return null;
        int keep = _timeline.Within(Math.Max(0, window.Start - _keptSeconds), window.Start + 1e-3).First;
        VideoFrames? frames = lane.TryRead(wanted, keep, request.Memory, cancellationToken);
        if (lane.EndsAt is int count && count < _timeline.FrameCount)
            ShorterCount = count;
        return frames;
    }

    /// <summary>Ends all lanes. Parts can be read still, one by one.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (FrameLane lane in _lanes)
                lane.Dispose();
            _lanes.Clear();
        }
    }

    private FrameLane? LaneFor(int first, VideoReader reader, VideoReadOptions options)
    {
        double time = _timeline!.TimeOf(first);
        lock (_lock)
        {
            if (_isClosed)
                return null;

            // The lane that has come furthest of those that still have the frame.
            FrameLane? best = _lanes.Where(l => l.Options == options && l.Oldest <= first).MaxBy(l => l.Position);
            if (best is not null && time - _timeline.TimeOf(Math.Min(best.Position, _timeline.FrameCount - 1)) <= LongestRun)
                return best;
            if (time > LongestRun || _lanes.Count == MaxLanes || reader.OpenLane(Video, options) is not FrameLane lane)
                return null;
            _lanes.Add(lane);
            return lane;
        }
    }
}
