// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Timeline;

/// <summary>Keeps the files of a live video up to date, at a cost that does not grow with its length.</summary>
/// <remarks>
/// The lists and the subtitles have all of it: whole lines are added at their end. The page and the JSON file have the last hour, and are
/// written anew every few seconds, in one step.
/// </remarks>
internal sealed class LiveTimelineFiles : IDisposable
{
    private static readonly TimeSpan s_pageLength = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_betweenPages = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly FoundTimeline _about;
    private readonly string _folder;
    private readonly string _name;
    private readonly Action<string> _note;
    private readonly StreamWriter _segmentLines;
    private readonly StreamWriter _windowLines;
    private readonly StreamWriter _subtitles;
    private readonly Queue<VideoSegment> _segments = new();
    private readonly Queue<VideoWindowScore> _windows = new();
    private readonly Timer _timer;
    private TimeSpan _end;
    private long _written;
    private TimeSpan _pause = s_betweenPages;
    private bool _isChanged;
    private bool _hasFailed;

    /// <param name="about">What is known of the video; it has no windows and no segments yet.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="note">Is told if a page cannot be written meanwhile.</param>
    public LiveTimelineFiles(FoundTimeline about, string folder, Action<string> note)
    {
        (_about, _folder, _note) = (about, folder, note);
        _name = $"{TimelineFiles.SafeName(about.Path)}-{about.Live!.Started.LocalDateTime:yyyy-MM-dd-HH-mm-ss}";
        Directory.CreateDirectory(folder);
        _segmentLines = Open(".segments.csv", TimelineFiles.SegmentHeader + "\n");
        _windowLines = Open(".windows.csv", TimelineFiles.WindowHeader(about.Labels));
        _subtitles = Open(".vtt", TimelineFiles.WebVttHeader);
        _timer = new Timer(_ => WriteIfChanged(), null, s_betweenPages, s_betweenPages);
    }

    /// <summary>What the names of the files begin with.</summary>
    public string FullName => Path.Combine(_folder, _name);

    public void Add(VideoWindowScore window)
    {
        lock (_lock)
        {
            _end = window.End;
            _windowLines.Write(TimelineFiles.Line(window, _about.Labels));
            if (window.IsGap)
            {
                _segmentLines.Write(TimelineFiles.GapLine(_about.Path, window) + "\n");
                _subtitles.Write(TimelineFiles.WebVttGap(window));
            }

            _windows.Enqueue(window);
            _isChanged = true;
        }
    }

    public void Add(VideoSegment segment)
    {
        lock (_lock)
        {
            _segmentLines.Write(TimelineFiles.Line(_about.Path, segment) + "\n");
            _subtitles.Write(TimelineFiles.WebVtt(segment));
            _segments.Enqueue(segment);
            _isChanged = true;
        }
    }

    /// <summary>Writes what is there, and closes the files.</summary>
    public void Dispose()
    {
        using var ended = new ManualResetEvent(false);
        if (_timer.Dispose(ended))
            ended.WaitOne();
        foreach (StreamWriter lines in (StreamWriter[])[_segmentLines, _windowLines, _subtitles])
            lines.Dispose();
        WritePage(isRunning: false);
    }

    /// <summary>The lines are at the disk after each of them: a page or a player may look at any time.</summary>
    private StreamWriter Open(string ending, string header)
    {
        var stream = new FileStream(Path.Combine(_folder, _name + ending), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        var lines = new StreamWriter(stream) { AutoFlush = true };
        lines.Write(header);
        return lines;
    }

    private void WriteIfChanged()
    {
        lock (_lock)
        {
            if (!_isChanged || Stopwatch.GetElapsedTime(_written) < _pause)
                return;
            try
            {
                WritePage(isRunning: true);
                _hasFailed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!_hasFailed)
                    _note($"Warning: the page could not be written; it is tried again. {e.Message}");
                _hasFailed = true;
            }
        }
    }

    /// <summary>It takes a twentieth of the time at most.</summary>
    private void WritePage(bool isRunning)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan from = _end > s_pageLength ? _end - s_pageLength : TimeSpan.Zero;
        while (_windows.TryPeek(out VideoWindowScore? window) && window.End <= from)
            _windows.Dequeue();
        while (_segments.TryPeek(out VideoSegment? segment) && segment.End <= from)
            _segments.Dequeue();
        FoundTimeline found = _about with
        {
            Duration = _end.TotalSeconds,
            Segments = [.. _segments],
            Windows = [.. _windows],
            Live = _about.Live! with { From = from.TotalSeconds, IsRunning = isRunning },
        };
        TimelineFiles.WritePages(found, _folder, _name);
        (_isChanged, _written) = (false, Stopwatch.GetTimestamp());
        TimeSpan cost = Stopwatch.GetElapsedTime(start) * 20;
        _pause = cost > s_betweenPages ? cost : s_betweenPages;
    }
}
