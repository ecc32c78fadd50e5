// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>
/// Ranks stand in a ring, and each sends the next one a sign of life every second. The sign says, too, which rank has ended, and is passed
/// on at once. For the thread that talks to MPI.
/// </summary>
/// <param name="mpi">The library.</param>
/// <param name="group">The ranks, in a group of its own: signs and exchanges do not meet.</param>
/// <param name="rank">This one.</param>
/// <param name="size">How many there are.</param>
internal sealed unsafe class RankRing(MpiLibrary mpi, nint group, int rank, int size)
{
    /// <summary>The time between two signs.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private const int Tag = 1, MostUnread = 64;

    private readonly Queue<(nint[] Request, int[] Sign)> _sent = [];
    private readonly int[] _in = GC.AllocateArray<int>(1, pinned: true);
    private readonly nint[] _receiving = GC.AllocateArray<nint>(1, pinned: true);
    private bool _isListening;
    private long _lastSent, _lastHeard, _lastLooked;
    private int _lastSign;

    /// <summary>The rank that this one listens to.</summary>
    public int Before { get; } = (rank + size - 1) % size;

    /// <summary>A rank that has ended; null where all go on, as far as is known.</summary>
    public int? Ended { get; private set; }

    /// <summary>The time since the last sign of life.</summary>
    public TimeSpan Silence => _isListening ? Stopwatch.GetElapsedTime(_lastHeard, _lastLooked) : TimeSpan.Zero;

    /// <summary>Hears what there is to hear, and gives a sign where it is time for one.</summary>
    /// <param name="isEnding">Whether this rank has ended.</param>
    public void Turn(bool isEnding)
    {
        long now = Stopwatch.GetTimestamp();
        // Whoever was stopped himself has heard nothing because of that.
        if (!_isListening || Stopwatch.GetElapsedTime(_lastLooked, now) > Beat * 3)
            _lastHeard = now;
        _lastLooked = now;
        if (!_isListening)
            Receive();
        while (IsOver(_receiving))
        {
            _lastHeard = now;
            if (_in[0] > 0)
                Ended ??= _in[0] - 1;
            Receive();
        }

        while (_sent.TryPeek(out (nint[] Request, int[] Sign) oldest) && IsOver(oldest.Request))
            _sent.Dequeue();
        int sign = isEnding ? rank + 1 : Ended + 1 ?? 0;
        if ((Stopwatch.GetElapsedTime(_lastSent, now) < Beat && sign == _lastSign) || _sent.Count >= MostUnread)
            return;
        (_lastSent, _lastSign) = (now, sign);
        Send(sign);
    }

    /// <summary>Takes the last receive back: MPI wants none left.</summary>
    public void End()
    {
        if (!_isListening)
            return;
        fixed (nint* r = _receiving)
            MpiLibrary.Check(mpi.Cancel(r));
        while (!IsOver(_receiving))
            Thread.Yield();
    }

    private void Send(int sign)
    {
        int[] signs = GC.AllocateArray<int>(1, pinned: true);
        signs[0] = sign;
        nint[] request = GC.AllocateArray<nint>(1, pinned: true);
        fixed (int* address = signs)
        fixed (nint* r = request)
            MpiLibrary.Check(mpi.Isend((nint)address, sizeof(int), mpi.Byte, (rank + 1) % size, Tag, group, r));
        _sent.Enqueue((request, signs));
    }

    private void Receive()
    {
        _isListening = true;
        _receiving[0] = 0;
        fixed (int* address = _in)
        fixed (nint* r = _receiving)
            MpiLibrary.Check(mpi.Irecv((nint)address, sizeof(int), mpi.Byte, Before, Tag, group, r));
    }

    private bool IsOver(nint[] request)
    {
        fixed (nint* r = request)
            return mpi.IsOver(r);
    }
}
