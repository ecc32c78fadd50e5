// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Timelines;

/// <summary>How windows are joined.</summary>
/// <param name="Stride">The time step, in seconds.</param>
/// <param name="Begin">The probability at which a segment begins.</param>
/// <param name="Keep">The probability below which it ends.</param>
/// <param name="Shortest">The least length of a segment, in seconds.</param>
/// <param name="Other">The class that gets no segments; -1 for none.</param>
internal sealed record JoiningRule(double Stride, float Begin, float Keep, double Shortest, int Other);

/// <summary>
/// Joins windows to segments as they come: a class is said once, with start and end. Its delay is bounded by a window and the shortest
/// segment.
/// </summary>
/// <param name="labels">The classes.</param>
/// <param name="rule">How windows are joined.</param>
/// <param name="origin">When the first window starts, in seconds.</param>
/// <remarks>
/// Time is cut into steps of a stride. The probabilities of a step are those of the windows over it, which count the more the nearer their
/// middle is (this smooths). A segment begins where a class reaches one threshold, and ends where it falls below a lower one or another
/// class is ahead (hysteresis). Short breaks in a segment are closed, and short segments left out.
/// </remarks>
internal sealed class SegmentJoiner(IReadOnlyList<string> labels, JoiningRule rule, double origin = 0)
{
    private const double Tick = 1e-6;

    private readonly Queue<VideoWindowScore> _windows = new();
    private Draft? _open;       // goes on
    private Draft? _closed;     // may go on still, after a short break
    private int _step;

    private sealed record Draft(int Class, double Start)
    {
        public double End { get; set; }

        /// <summary>Probability times seconds.</summary>
        public double Weight { get; set; }

        /// <summary>The seconds that were counted: breaks are not.</summary>
        public double Seconds { get; set; }
    }

    /// <summary>Adds the next window; gives segments that are done.</summary>
    public IEnumerable<VideoSegment> Add(VideoWindowScore window)
    {
        _windows.Enqueue(window);
        while (TimeOf(_step + 1) <= window.Start.TotalSeconds + Tick)
        {
            if (Next(TimeOf(_step + 1)) is VideoSegment segment)
                yield return segment;
        }
    }

    /// <summary>No window comes any more; gives the segments that are left.</summary>
    public IEnumerable<VideoSegment> Finish()
    {
        double end = _windows.Count == 0 ? 0 : _windows.Max(w => w.End.TotalSeconds);
        while (TimeOf(_step) < end - Tick)
        {
            if (Next(Math.Min(end, TimeOf(_step + 1))) is VideoSegment segment)
                yield return segment;
        }

        if (Close() is VideoSegment before)
            yield return before;
        if (_closed is not null)
            yield return Tell(_closed);
        _closed = null;
    }

    private double TimeOf(int step) => origin + (step * rule.Stride);

    /// <summary>Takes the next step of time; gives a segment that is done.</summary>
    private VideoSegment? Next(double end)
    {
        double start = TimeOf(_step++);
        float[]? scores = Smoothed(start, end);
        VideoSegment? done = null;
        int best = scores is null ? -1 : Best(scores);
        if (_open is not null && (scores is null || scores[_open.Class] < rule.Keep
            || (best != _open.Class && scores[best] >= rule.Begin && scores[best] > scores[_open.Class])))
            done = Close();
        if (_open is null && best >= 0 && scores![best] >= rule.Begin)
            _open = new Draft(best, start);
        if (_open is not null)
        {
            _open.End = end;
            _open.Weight += scores![_open.Class] * (end - start);
            _open.Seconds += end - start;
        }

        if (done is null && _closed is not null && end - _closed.End >= rule.Shortest + Tick && _open?.Class != _closed.Class)
        {
            done = Tell(_closed);
            _closed = null;
        }

        while (_windows.TryPeek(out VideoWindowScore? oldest) && oldest.End.TotalSeconds <= end + Tick && _windows.Count > 1)
            _windows.Dequeue();
        return done;
    }

    /// <summary>Ends the segment that goes on; gives the one before it, if that is done now.</summary>
    private VideoSegment? Close()
    {
        if (_open is not Draft open)
            return null;
        _open = null;
        if (_closed is not null && _closed.Class == open.Class && open.Start - _closed.End < rule.Shortest + Tick)
        {
            (_closed.End, _closed.Weight, _closed.Seconds) =
                (open.End, _closed.Weight + open.Weight, _closed.Seconds + open.Seconds);
            return null;
        }

        if (open.End - open.Start < rule.Shortest - Tick)
            return null;
        VideoSegment? done = _closed is null ? null : Tell(_closed);
        _closed = open;
        return done;
    }

    private VideoSegment Tell(Draft draft) => new(labels[draft.Class], TimeSpan.FromSeconds(draft.Start), TimeSpan.FromSeconds(draft.End),
        (float)(draft.Weight / draft.Seconds));

    private int Best(float[] scores)
    {
        int best = -1;
        for (int c = 0; c < scores.Length; c++)
        {
            if (c != rule.Other && (best < 0 || scores[c] > scores[best]))
                best = c;
        }

        return best;
    }

    /// <summary>The probabilities of a step; null where no window that could be read lies over it.</summary>
    private float[]? Smoothed(double start, double end)
    {
        double middle = (start + end) / 2, sum = 0;
        float[]? mean = null;
        foreach (VideoWindowScore window in _windows)
        {
            double from = window.Start.TotalSeconds, to = window.End.TotalSeconds;
            if (window.Probabilities is null || middle <= from || middle >= to)
                continue;
            double weight = 1 - (Math.Abs(middle - ((from + to) / 2)) / ((to - from) / 2)) + 1e-3;
            mean ??= new float[labels.Count];
            for (int c = 0; c < mean.Length; c++)
                mean[c] += (float)(weight * window.Probabilities[c]);
            sum += weight;
        }

        for (int c = 0; c < mean?.Length; c++)
            mean[c] /= (float)sum;
        return mean;
    }
}
