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
/// (<see cref="VideoReader.ReadKept"/> waits for what is under way). Other videos are left to those who want them.
/// </summary>
internal sealed class KeepingAhead : IDisposable
{
    /// <summary>So many videos are known before the first of them is read.</summary>
    private const int Horizon = 64;

    private readonly VideoReader _reader = VideoReader.Default;
    private readonly VideoReadOptions _options;
    private readonly Action _checkAlive;
    private readonly IEnumerator<MLVideo> _videos;
    private readonly CancellationTokenSource _stop = new();
    private readonly ReadsAhead _ahead;
    private readonly ConcurrentDictionary<int, Planned> _planned = [];
    private readonly BlockingCollection<int> _places = [];
    private Task? _keeper;
    private volatile int _known;
    private bool _isAtEnd, _isComplete;

    private sealed record Planned(MLVideo Video, KeptFrames.Key Key, TaskCompletionSource Done);

    /// <param name="videos">The videos, in the order of the rows. Enumerated once, a little ahead of them.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="checkAlive">Throws where everything is stopped.</param>
    public KeepingAhead(IEnumerable<MLVideo> videos, VideoReadOptions options, Action checkAlive)
    {
        _checkAlive = checkAlive;
        _videos = videos.GetEnumerator();
        _options = options;
        _ahead = new ReadsAhead(_reader, options, () => _known,
            place => _planned.TryGetValue(place, out Planned? read) ? new PlannedRead(read.Video, FrameRequest.All) : null,
            Environment.ProcessorCount, _stop.Token);
    }

    /// <summary>Goes on to a row, and plans the videos that come after it.</summary>
    /// <param name="row">Its number.</param>
    public void Advance(int row)
    {
        int first = _known, known = first;
        for (; !_isAtEnd && known <= row + Horizon; known++)
        {
            // Rows without files, as of frames in memory, have nothing to read.
            _isAtEnd = !_videos.MoveNext() || _videos.Current.Path is null;
            if (!_isAtEnd)
                Plan(known, _videos.Current);
        }

        if (known == first)
            return;
        _known = known;
        for (int place = first; place < known; place++)
            _places.Add(place);
        _keeper ??= Task.Factory.StartNew(Keep, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>
    /// There are no more rows. What was planned is read all the same: ML.NET's cursors give rows to several threads, and end while these
    /// are at work.
    /// </summary>
    public void Complete()
    {
        _isAtEnd = _isComplete = true;
        _places.CompleteAdding();
    }

    /// <summary>Ends the reading, unless it is complete; whoever waits reads for himself.</summary>
    public void Dispose()
    {
        _videos.Dispose();
        if (_keeper is null)
        {
            _ahead.Dispose();
        }
        else if (!_isComplete)
        {
            _places.CompleteAdding();
            _stop.Cancel();
            _keeper.Wait();
        }
    }

    private void Plan(int place, MLVideo video)
    {
        if (!_reader.HasRoom || _reader.KeepsAll(video, _options))
            return;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_reader.Expect(video, FrameRequest.All, _options, done.Task) is KeptFrames.Key key)
            _planned[place] = new Planned(video, key, done);
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
            if (_ahead.Take(place, null, _stop.Token) is VideoFrames frames && _planned.TryGetValue(place, out Planned? read))
                _reader.Keep(read.Video, FrameRequest.All, _options, frames);
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
