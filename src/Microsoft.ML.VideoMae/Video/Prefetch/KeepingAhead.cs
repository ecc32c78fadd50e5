// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Caching;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Prefetch;

/// <summary>
/// Reads the small videos of coming rows, many in a run of ffmpeg, and keeps their frames for whoever asks for them next
/// (<see cref="VideoReader.ReadKept"/> waits for what is under way). Other videos are left to those who want them. Several cursors may share
/// the rows.
/// </summary>
internal sealed class KeepingAhead : IDisposable
{
    /// <summary>So many videos are known before the first of them is read.</summary>
    private const int Horizon = 64;

    private readonly VideoReader _reader = VideoReader.Default;
    private readonly VideoReadOptions _options;
    private readonly Func<FrameRequest> _wanted;
    private readonly Action _checkAlive;
    private readonly IEnumerator<MLVideo> _videos;
    private readonly CancellationTokenSource _stop = new();
    private readonly ReadsAhead _ahead;
    private readonly ConcurrentDictionary<int, Planned> _planned = [];
    private readonly BlockingCollection<int> _places = [];
    private Task? _keeper;
    private volatile int _known;
    private int _row, _reading, _readers;
    private bool _isAtEnd;

    private sealed record Planned(PlannedRead Read, KeptFrames.Key Key, TaskCompletionSource Done);

    /// <param name="videos">The videos, in the order of the rows. Enumerated once, a little ahead of them.</param>
    /// <param name="wanted">Makes the request for the frames of a video.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="checkAlive">Throws where everything is stopped.</param>
    /// <param name="readers">The number of cursors that share the rows. Each of them disposes of this object.</param>
    public KeepingAhead(
        IEnumerable<MLVideo> videos, Func<FrameRequest> wanted, VideoReadOptions options, Action checkAlive, int readers = 1)
    {
        _reading = _readers = readers;
        _wanted = wanted;
        _checkAlive = checkAlive;
        _videos = videos.GetEnumerator();
        _options = options;
        _ahead = new ReadsAhead(_reader, options, () => _known,
            place => _planned.TryGetValue(place, out Planned? read) ? read.Read : null,
            Environment.ProcessorCount, _stop.Token);
    }

    /// <summary>A cursor goes on to its next row: plans the videos that come after it.</summary>
    public void Advance()
    {
        lock (_places)
        {
            int first = _known, known = first;
            for (; !_isAtEnd && known <= _row + Horizon; known++)
            {
                if (NextFile() is MLVideo video)
                    Plan(known, video);
                else
                    _isAtEnd = true;
            }

            _row++;
            if (known == first)
                return;
            _known = known;
            for (int place = first; place < known; place++)
                _places.Add(place);
            _keeper ??= Task.Factory.StartNew(Keep, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>
    /// A cursor has no more rows. What was planned is read all the same: ML.NET may give rows to several threads, and dispose of the cursor
    /// while these are at work.
    /// </summary>
    public void Complete()
    {
        lock (_places)
        {
            if (--_reading > 0)
                return;
            _isAtEnd = true;
            _places.CompleteAdding();
        }
    }

    /// <summary>A cursor ends. The last one ends the reading, unless it is complete; whoever waits reads for himself.</summary>
    public void Dispose()
    {
        lock (_places)
        {
            if (--_readers > 0)
                return;
            _isAtEnd = true;
            _videos.Dispose();
        }

        if (_keeper is null)
        {
            _ahead.Dispose();
        }
        else if (!_places.IsAddingCompleted)
        {
            _places.CompleteAdding();
            _stop.Cancel();
            _keeper.Wait();
        }
    }

    /// <summary>The next video; null where there is none, or no file: rows of frames in memory have nothing to read.</summary>
    private MLVideo? NextFile()
    {
        try
        {
            return _videos.MoveNext() && _videos.Current.Path is not null ? _videos.Current : null;
        }
        catch (Exception)
        {
            return null; // Told by the row itself, if anybody comes to it.
        }
    }

    private void Plan(int place, MLVideo video)
    {
        FrameRequest request = _wanted();
        if (!_reader.HasRoom || _reader.Keeps(video, request, _options))
            return;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_reader.Expect(video, request, _options, done.Task) is KeptFrames.Key key)
            _planned[place] = new Planned(new PlannedRead(video, request), key, done);
    }

    private void Keep()
    {
        try
        {
            foreach (int place in _places.GetConsumingEnumerable(_stop.Token))
            {
                KeepOne(place);
                Finish(place);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody wants the rest.
        }
        finally
        {
            foreach (int place in _planned.Keys)
                Finish(place);
            _ahead.Dispose();
        }
    }

    private void KeepOne(int place)
    {
        try
        {
            _checkAlive();
            if (_ahead.Take(place, null, _stop.Token) is VideoFrames frames && _planned.TryGetValue(place, out Planned? planned))
                _reader.Keep(planned.Read.Video, planned.Read.Request, _options, frames);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Told when it is read alone. Whoever waits for it must not wait for ever.
        }
    }

    private void Finish(int place)
    {
        if (!_planned.TryRemove(place, out Planned? read))
            return;
        _reader.Forget(read.Key);
        read.Done.SetResult();
    }
}
