// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>
/// The one thread that talks to MPI: it starts exchanges in the order they are asked for, drives them on while other threads compute, and
/// listens for the rank before this one.
/// </summary>
/// <remarks>
/// Ranks stand in a ring, and each sends the next one a sign of life every second. Whoever hears nothing for
/// <see cref="ProcessGroup.LongestSilence"/> says so and ends all of them: an exchange alone would wait for ever for a rank that hangs.
/// The sign says, too, which rank has ended, and is passed on at once: whoever waits for that one ends all of them as well.
/// </remarks>
internal sealed unsafe class MpiThread
{
    private const int BeatTag = 1, MostBeats = 64;

    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);

    /// <summary>How long the others may take to end where one has failed, or to notice that they wait for one that has ended.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(10);

    /// <summary>A launcher that ends a process at once may lose what it said last.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(300);

    private readonly MpiLibrary _mpi;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _started = new(false, spinCount: 0);
    private readonly ManualResetEventSlim _parted = new(false, spinCount: 0);
    private readonly AutoResetEvent _work = new(false);
    private readonly ConcurrentQueue<Exchange> _asked = new();
    private readonly List<Exchange> _running = [];
    private readonly Beats _beats = new();
    private Exception? _failure;
    private nint _group, _beatGroup, _endGroup;
    private int _waiting;
    private long _waitingSince;
    private int _exitCode;
    private volatile bool _isEnding;

    /// <param name="mpi">The library.</param>
    /// <exception cref="InvalidOperationException">MPI cannot be started.</exception>
    public MpiThread(MpiLibrary mpi)
    {
        _mpi = mpi;
        // All calls come from this thread, which MPI takes for the main one.
        _thread = new Thread(Run) { IsBackground = true, Name = "MPI" };
        _thread.Start();
        _started.Wait();
        if (_failure is not null)
            throw new InvalidOperationException($"'{mpi.Name}' could not be started: {_failure.Message}", _failure);
    }

    public int Rank { get; private set; }

    public int Size { get; private set; }

    /// <summary>How ranks are called in messages; set once it is known.</summary>
    public Func<int, string> NameOf { get; set; } = rank => $"Rank {rank}";

    /// <summary>Replaces numbers by their sums.</summary>
    public Exchange StartSum(nint address, long count, bool isDouble) => Start(new Exchange(this, Kind.Sum, address, count, isDouble));

    /// <summary>Replaces bytes by those of a rank.</summary>
    public Exchange StartBroadcast(nint address, long count, int from) =>
        Start(new Exchange(this, Kind.Broadcast, address, count, false) { From = from });

    /// <summary>Takes leave of the others, and ends them where this process has failed and they go on.</summary>
    public void End(int exitCode)
    {
        _exitCode = exitCode;
        _isEnding = true;
        _work.Set();
        // All are at their end then; a library that does not close its connections in time must not hold the process.
        _parted.Wait();
        _thread.Join(s_farewell);
    }

    private Exchange Start(Exchange exchange)
    {
        _asked.Enqueue(exchange);
        _work.Set();
        return exchange;
    }

    private void Run()
    {
        try
        {
            int level = 0, rank = 0, size = 0;
            Check(_mpi.InitThread(0, 0, _mpi.Funneled, &level));
            Check(_mpi.CommRank(_mpi.World, &rank));
            Check(_mpi.CommSize(_mpi.World, &size));
            (Rank, Size) = (rank, size);
            _group = Duplicate();
            _beatGroup = Duplicate();
            _endGroup = Duplicate();
        }
        catch (Exception e)
        {
            _failure = e;
            return;
        }
        finally
        {
            _started.Set();
        }

        while (!_isEnding)
        {
            Advance();
            Rest();
        }

        SayFarewell();
    }

    /// <summary>Nothing to do, something to drive on now and then, or somebody who waits for it.</summary>
    private void Rest()
    {
        if (_running.Count == 0)
            _work.WaitOne(s_beat / 4);
        else if (Volatile.Read(ref _waiting) == 0)
            _work.WaitOne(1); // The processor belongs to those who compute.
        else
            Thread.Yield();
    }

    private void Advance()
    {
        while (_asked.TryDequeue(out Exchange? exchange))
        {
            exchange.Begin(_mpi, _group);
            _running.Add(exchange);
        }

        if (_running.RemoveAll(exchange => exchange.IsOver(_mpi)) > 0 || _running.Count == 0)
            _waitingSince = Stopwatch.GetTimestamp();
        Listen();
    }

    private void Listen()
    {
        if (Size == 1)
            return;
        _beats.Exchange(_mpi, _beatGroup, Rank, Size, _isEnding);
        if (_beats.Ended is int ended && _running.Count > 0 && Stopwatch.GetElapsedTime(_waitingSince) > s_farewell)
            Abort($"{NameOf(ended)} has ended, and {NameOf(Rank)} waits for it: all processes are ended.");
        if (_beats.Silence > ProcessGroup.LongestSilence)
        {
            int before = (Rank + Size - 1) % Size;
            Abort($"{NameOf(before)} has not been heard of for {ProcessGroup.LongestSilence.TotalSeconds:0} seconds: all processes are " +
                $"ended by {NameOf(Rank)}. A run with a WorkspacePath goes on from its last state.");
        }
    }

    private void SayFarewell()
    {
        nint request = 0;
        Check(_mpi.Ibarrier(_endGroup, &request));
        long start = Stopwatch.GetTimestamp();
        while (!Exchange.IsOver(_mpi, &request))
        {
            if (_exitCode != 0 && Stopwatch.GetElapsedTime(start) > s_farewell)
                Abort($"{NameOf(Rank)} has failed: all processes are ended.");
            Advance();
            Thread.Sleep(1);
        }

        _parted.Set();
        _beats.End(_mpi);
        _mpi.Finalize();
    }

    private void Abort(string message)
    {
        Console.Error.WriteLine(message);
        Console.Error.Flush();
        Thread.Sleep(s_lastWords);
        _mpi.Abort(_mpi.World, 1);
        Environment.FailFast(message);
    }

    private nint Duplicate()
    {
        nint group = 0;
        Check(_mpi.CommDup(_mpi.World, &group));
        return group;
    }

    /// <summary>MPI itself ends the process at most errors.</summary>
    private static void Check(int code)
    {
        if (code != 0)
            throw new InvalidOperationException($"MPI reported error {code}.");
    }

    /// <summary>What is exchanged.</summary>
    internal enum Kind
    {
        Sum,
        Broadcast,
    }

    /// <summary>Sums or bytes under way.</summary>
    internal sealed class Exchange : IPendingExchange
    {
        /// <summary>MPI counts with 32 bits.</summary>
        private const int Most = 1 << 28;

        private readonly MpiThread _owner;
        private readonly Kind _kind;
        private readonly nint _address;
        private readonly long _count;
        private readonly bool _isDouble;
        private readonly ManualResetEventSlim _isOver = new(false, spinCount: 0);
        private readonly nint[] _requests;

        internal Exchange(MpiThread owner, Kind kind, nint address, long count, bool isDouble)
        {
            (_owner, _kind, _address, _count, _isDouble) = (owner, kind, address, count, isDouble);
            _requests = GC.AllocateArray<nint>((int)((count + Most - 1) / Most), pinned: true);
        }

        public int From { get; init; }

        public void Wait()
        {
            Interlocked.Increment(ref _owner._waiting);
            _owner._work.Set();
            _isOver.Wait();
            Interlocked.Decrement(ref _owner._waiting);
            _isOver.Dispose();
        }

        internal void Begin(MpiLibrary mpi, nint group)
        {
            int width = _kind == Kind.Broadcast ? 1 : _isDouble ? sizeof(double) : sizeof(float);
            fixed (nint* requests = _requests)
            {
                for (int i = 0; i < _requests.Length; i++)
                {
                    nint address = _address + (nint)((long)i * Most * width);
                    int count = (int)Math.Min(Most, _count - (long)i * Most);
                    Check(_kind == Kind.Broadcast
                        ? mpi.Ibcast(address, count, mpi.Byte, From, group, requests + i)
                        : mpi.Iallreduce(
                            mpi.InPlace, address, count, _isDouble ? mpi.Double : mpi.Float, mpi.Sum, group, requests + i));
                }
            }
        }

        internal bool IsOver(MpiLibrary mpi)
        {
            fixed (nint* requests = _requests)
            {
                for (int i = 0; i < _requests.Length; i++)
                {
                    // A request that is over becomes a null request, which stays over.
                    if (!IsOver(mpi, requests + i))
                        return false;
                }
            }

            _isOver.Set();
            return true;
        }

        internal static bool IsOver(MpiLibrary mpi, nint* request)
        {
            int flag = 0;
            Check(mpi.Test(request, &flag, mpi.IgnoreStatus));
            return flag != 0;
        }
    }

    /// <summary>Signs of life, to the next rank and from the one before.</summary>
    private sealed class Beats
    {
        private readonly Queue<(nint[] Request, int[] Sign)> _sent = [];
        private readonly int[] _in = GC.AllocateArray<int>(1, pinned: true);
        private readonly nint[] _receiving = GC.AllocateArray<nint>(1, pinned: true);
        private bool _isListening;
        private long _lastSent, _lastHeard, _lastLooked;
        private int _lastSign;

        /// <summary>A rank that has ended; null where all go on, as far as is known.</summary>
        public int? Ended { get; private set; }

        /// <summary>The time since the last sign of life.</summary>
        public TimeSpan Silence => _isListening ? Stopwatch.GetElapsedTime(_lastHeard, _lastLooked) : TimeSpan.Zero;

        public void Exchange(MpiLibrary mpi, nint group, int rank, int size, bool isEnding)
        {
            long now = Stopwatch.GetTimestamp();
            // Whoever was stopped himself has heard nothing because of that.
            if (!_isListening || Stopwatch.GetElapsedTime(_lastLooked, now) > s_beat * 3)
                _lastHeard = now;
            _lastLooked = now;
            if (!_isListening)
                Receive(mpi, group, (rank + size - 1) % size);
            while (Over(mpi, _receiving))
            {
                _lastHeard = now;
                if (_in[0] > 0)
                    Ended ??= _in[0] - 1;
                Receive(mpi, group, (rank + size - 1) % size);
            }

            while (_sent.TryPeek(out (nint[] Request, int[] Sign) oldest) && Over(mpi, oldest.Request))
                _sent.Dequeue();
            int sign = isEnding ? rank + 1 : Ended + 1 ?? 0;
            if ((Stopwatch.GetElapsedTime(_lastSent, now) < s_beat && sign == _lastSign) || _sent.Count >= MostBeats)
                return;
            (_lastSent, _lastSign) = (now, sign);
            int[] signs = GC.AllocateArray<int>(1, pinned: true);
            signs[0] = sign;
            nint[] request = GC.AllocateArray<nint>(1, pinned: true);
            fixed (int* address = signs)
            fixed (nint* r = request)
                Check(mpi.Isend((nint)address, sizeof(int), mpi.Byte, (rank + 1) % size, BeatTag, group, r));
            _sent.Enqueue((request, signs));
        }

        /// <summary>Takes the last receive back: MPI wants none left.</summary>
        public void End(MpiLibrary mpi)
        {
            if (!_isListening)
                return;
            fixed (nint* r = _receiving)
                Check(mpi.Cancel(r));
            while (!Over(mpi, _receiving))
                Thread.Yield();
        }

        private void Receive(MpiLibrary mpi, nint group, int from)
        {
            _isListening = true;
            _receiving[0] = 0;
            fixed (int* address = _in)
            fixed (nint* r = _receiving)
                Check(mpi.Irecv((nint)address, sizeof(int), mpi.Byte, from, BeatTag, group, r));
        }

        private static bool Over(MpiLibrary mpi, nint[] request)
        {
            fixed (nint* r = request)
                return MpiThread.Exchange.IsOver(mpi, r);
        }
    }
}
