// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Prefetch;

/// <summary>A read that will be made.</summary>
/// <param name="Video">The video.</param>
/// <param name="Request">The frames, and the memory they go to.</param>
internal sealed record PlannedRead(MLVideo Video, FrameRequest Request);

/// <summary>One position of reads that are known before their turn.</summary>
/// <param name="Reads">The reads.</param>
/// <param name="Position">The position.</param>
internal readonly record struct ReadAhead(ReadsAhead Reads, int Position)
{
    /// <inheritdoc cref="ReadsAhead.Plan"/>
    public void Plan() => Reads.Plan(Position);

    /// <inheritdoc cref="ReadsAhead.Take"/>
    public VideoFrames? Take(FrameMemory? memory, CancellationToken cancellationToken) => Reads.Take(Position, memory, cancellationToken);
}

/// <summary>
/// Reads that are known before their turn: small files share runs of ffmpeg, which start as soon as one of their frames is asked for. What
/// is not small is left to the caller, as is what fails.
/// </summary>
/// <remarks>The frames are those that a read of the one file gives. Safe to use from several threads.</remarks>
internal sealed class ReadsAhead : IDisposable
{
    /// <summary>So many positions at most are passed over in the search for clips to share a run.</summary>
    private const int Horizon = 64;

    /// <summary>Fewer clips than this are not parted so that several runs have work.</summary>
    private const int WorthARun = 8;

    /// <summary>The most that a run gives: what a single clip may take that is decoded whole.</summary>
    private const long MaxRunBytes = FFmpegDecoder.WholeClipBytes;

    private readonly object _lock = new();
    private readonly VideoReader _reader;
    private readonly VideoReadOptions _options;
    private readonly Func<int> _count;
    private readonly Func<int, PlannedRead?> _plan;
    private readonly int _runsAtATime;
    private readonly CancellationTokenSource _stop;
    private readonly Dictionary<int, Waiting> _waiting = [];
    private readonly HashSet<Task> _runs = [];
    private int _next;
    private long _waitingBytes;

    /// <summary>The frames of a position once its run has ended.</summary>
    private sealed record Waiting(Task<VideoFrames?[]> Run, int Index, SharedClip Clip)
    {
        public FrameMemory? Memory => (Clip.Chosen ?? Clip.Request).Memory;
    }

    /// <summary>Prepares; nothing is read before something is asked for.</summary>
    /// <param name="reader">Reads.</param>
    /// <param name="options">How.</param>
    /// <param name="count">The number of positions that are known by now.</param>
    /// <param name="plan">
    /// The read of a position; null where there is none to make. Called once a position, in order, by one thread at a time.
    /// </param>
    /// <param name="runsAtATime">The most runs of ffmpeg at a time.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public ReadsAhead(VideoReader reader, VideoReadOptions options, Func<int> count, Func<int, PlannedRead?> plan, int runsAtATime,
        CancellationToken cancellationToken)
    {
        _reader = reader;
        _options = options;
        _count = count;
        _plan = plan;
        _runsAtATime = runsAtATime;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Plans all reads up to a position, and starts the runs that are due.</summary>
    /// <param name="position">The position, whose frames need not be taken.</param>
    public void Plan(int position)
    {
        lock (_lock)
        {
            while (position >= _next || (_runs.Count < _runsAtATime && _waitingBytes < MaxRunBytes))
            {
                if (!TryStartRun(position))
                    break;
            }
        }
    }

    /// <summary>The frames of a position, which may be asked for once; null if the caller is to read them.</summary>
    /// <param name="position">The position.</param>
    /// <param name="memory">Takes over the memory of the frames, where the plan had some.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled, or everything was.</exception>
    public VideoFrames? Take(int position, FrameMemory? memory, CancellationToken cancellationToken)
    {
        Plan(position);
        Waiting? waiting;
        lock (_lock)
        {
            if (!_waiting.Remove(position, out waiting))
                return null;
            _waitingBytes -= waiting.Clip.Bytes;
        }

        VideoFrames? frames = waiting.Run.WaitAsync(cancellationToken).GetAwaiter().GetResult()[waiting.Index];
        if (waiting.Memory is not null)
            memory?.TakeFrom(waiting.Memory);
        return frames;
    }

    /// <summary>Ends the runs and waits for them.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        Task[] runs;
        lock (_lock)
            runs = [.. _runs];
        Task.WhenAll(runs).ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        foreach (Waiting waiting in _waiting.Values)
            waiting.Memory?.Dispose();
        _waiting.Clear();
        _stop.Dispose();
    }

    /// <summary>Starts a run over the next clips, unless they are far ahead of what is asked for; false if nothing is to do.</summary>
    private bool TryStartRun(int position)
    {
        int known = _count(), wanted = Math.Clamp((known - _next) / _runsAtATime, WorthARun, SharedRun.MaxClips);
        if (_stop.IsCancellationRequested || _next >= known || _next - position > Horizon / 2)
            return false;
        var clips = new List<SharedClip>();
        var positions = new List<int>();
        long bytes = 0;
        double work = 0;
        for (int last = Math.Min(known, _next + Horizon); _next < last && clips.Count < wanted; _next++)
        {
            if (bytes >= MaxRunBytes || work >= SharedRun.MaxWork)
                break;
            if (_plan(_next) is not PlannedRead read || _reader.PlanTogether(read.Video, read.Request, _options) is not SharedClip clip)
                continue;
            clips.Add(clip);
            positions.Add(_next);
            bytes += clip.Bytes;
            work += clip.Work;
        }

        if (clips.Count > 1)
            Start(clips, positions);
        return true;
    }

    private void Start(List<SharedClip> clips, List<int> positions)
    {
        // A thread of its own: it does nothing but wait.
        var run = new Task<VideoFrames?[]>(
            () => _reader.ReadTogether(clips, _options, _stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning);
        for (int i = 0; i < clips.Count; i++)
        {
            _waiting.Add(positions[i], new Waiting(run, i, clips[i]));
            _waitingBytes += clips[i].Bytes;
        }

        _runs.Add(run);
        run.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        run.Start(TaskScheduler.Default);
    }

    private void Ended(Task run)
    {
        _ = run.Exception; // Seen, even if nobody asks for the frames any more.
        lock (_lock)
            _runs.Remove(run);
    }
}
