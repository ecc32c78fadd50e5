// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Microsoft.ML.VideoMae.Live;

/// <summary>
/// Hands windows from those who receive them to those who score them, and never holds many: where the model is too slow, whole windows
/// are left out, and counted.
/// </summary>
/// <param name="note">Is told how many were left out.</param>
internal sealed class LiveQueue(Action<string>? note)
{
    /// <summary>So many windows wait at most; together with the length of a window this bounds the delay.</summary>
    public const int MostWaiting = 8;

    private readonly Lock _lock = new();
    private readonly List<LivePart> _parts = [];
    private readonly AutoResetEvent _arrived = new(false);
    private readonly ManualResetEventSlim _taken = new(false);
    private Exception? _failure;
    private bool _isComplete;
    private double _lastTaken = double.NegativeInfinity;
    private long _windows;
    private long _nextNote = 1;

    /// <summary>How many windows were left out.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Adds what is next.</summary>
    /// <param name="part">A window, or a gap.</param>
    /// <param name="canWait">
    /// Whether there is time to wait: what comes faster than its own time is a file or a buffer, and nothing of it is lost meanwhile.
    /// </param>
    /// <param name="stop">The video has been ended: what is left of it is little, and nothing of it is left out.</param>
    public void Add(LivePart part, Func<bool> canWait, CancellationToken stop)
    {
        while (true)
        {
            lock (_lock)
            {
                int waiting = _parts.Count(p => p.Kind == LivePartKind.Window);
                if (part.Kind != LivePartKind.Window || waiting < MostWaiting || stop.IsCancellationRequested)
                {
                    Enqueue(part);
                    return;
                }

                _taken.Reset();
            }

            if (!canWait())
                break;
            _taken.Wait(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }

        lock (_lock)
        {
            LeaveOneOut(part.Start);
            Enqueue(part);
        }
    }

    /// <summary>Nothing follows.</summary>
    /// <param name="failure">Why, where that is an error.</param>
    public void Complete(Exception? failure = null)
    {
        lock (_lock)
        {
            (_isComplete, _failure) = (true, failure);
            if (LeftOut > 0)
                Say("in all");
        }

        _arrived.Set();
    }

    /// <summary>Waits for something, and takes all there is; null at the end.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public LivePart[]? TakeAll(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_parts.Count > 0)
                {
                    LivePart[] all = [.. _parts];
                    _parts.Clear();
                    _lastTaken = all.LastOrDefault(p => p.Kind == LivePartKind.Window)?.Start ?? _lastTaken;
                    _taken.Set();
                    return all;
                }

                if (_isComplete)
                    return _failure is null ? null : throw _failure;
            }

            WaitHandle.WaitAny([_arrived, cancellationToken.WaitHandle]);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Enqueue(LivePart part)
    {
        if (part.Kind == LivePartKind.Window)
            _windows++;
        _parts.Add(part);
        _arrived.Set();
    }

    /// <summary>
    /// The window goes whose neighbours are nearest to each other, so that those that stay are spread evenly. It keeps its place, as one
    /// that has no scores.
    /// </summary>
    private void LeaveOneOut(double nextStart)
    {
        int[] waiting = [.. Enumerable.Range(0, _parts.Count).Where(i => _parts[i].Kind == LivePartKind.Window)];
        double Start(int k) => k < 0 ? _lastTaken : k == waiting.Length ? nextStart : _parts[waiting[k]].Start;
        int least = waiting[Enumerable.Range(0, waiting.Length).MinBy(k => Start(k + 1) - Start(k - 1))];
        _parts[least].Release();
        _parts[least] = _parts[least] with { Kind = LivePartKind.LeftOut, Window = null };
        if (++LeftOut < _nextNote)
            return;
        _nextNote *= 10;
        Say("so far");
    }

    private void Say(string when) => note?.Invoke(string.Create(CultureInfo.InvariantCulture,
        $"Warning: the model is slower than the video: {LeftOut} of {_windows} windows were left out {when}. ") +
        "A longer stride asks for less.");
}
