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
/// Whoever hears nothing for <see cref="ProcessGroup.LongestSilence"/> says so and ends all ranks: an exchange alone would wait for ever for
/// a rank that hangs. Whoever waits for a rank that has ended ends all of them as well.
/// </remarks>
internal sealed unsafe class MpiThread
{
    /// <summary>A library moves a message in small pieces, and some of them each time that it is asked whether it is there.</summary>
    private const int Questions = 16;

    /// <summary>How long the others may take to end where one has failed, or to notice that they wait for one that has ended.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(10);

    /// <summary>A launcher that ends a process at once may lose what it said last.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(300);

    private readonly MpiLibrary _mpi;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _started = new(false, spinCount: 0);
    private readonly ManualResetEventSlim _parted = new(false, spinCount: 0);
    private readonly AutoResetEvent _work = new(false);
    private readonly ConcurrentQueue<MpiExchange> _asked = new();
    private readonly List<MpiExchange> _running = [];
    private Exception? _failure;
    private RankRing? _ring;
    private nint _group, _secondGroup, _endGroup;
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

    /// <summary>Begins an exchange as soon as may be, after those that were started before: all ranks have to start the same ones.</summary>
    public MpiExchange Start(MpiExchange exchange)
    {
        _asked.Enqueue(exchange);
        _work.Set();
        return exchange;
    }

    /// <summary>Returns when an exchange is over; exchanges are driven on without a rest meanwhile.</summary>
    public void Await(ManualResetEventSlim isOver)
    {
        Interlocked.Increment(ref _waiting);
        _work.Set();
        isOver.Wait();
        Interlocked.Decrement(ref _waiting);
    }

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

    private void Run()
    {
        try
        {
            int level = 0, rank = 0, size = 0;
            MpiLibrary.Check(_mpi.InitThread(0, 0, _mpi.Funneled, &level));
            MpiLibrary.Check(_mpi.CommRank(_mpi.World, &rank));
            MpiLibrary.Check(_mpi.CommSize(_mpi.World, &size));
            (Rank, Size) = (rank, size);
            _group = Duplicate();
            _secondGroup = Duplicate();
            _endGroup = Duplicate();
            if (Size > 1)
                _ring = new RankRing(_mpi, Duplicate(), rank, size);
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
            _work.WaitOne(RankRing.Beat / 4);
        else if (Volatile.Read(ref _waiting) == 0)
            _work.WaitOne(1); // The processor belongs to those who compute.
        else
            Thread.Yield();
    }

    private void Advance()
    {
        while (_asked.TryDequeue(out MpiExchange? exchange))
        {
            exchange.Begin(_mpi, _group);
            _running.Add(exchange);
        }

        int before = _running.Count;
        for (int i = 0; i < Questions && _running.Count > 0; i++)
        {
            BeginSecondParts();
            _running.RemoveAll(exchange => exchange.IsOver(_mpi));
        }

        if (_running.Count < before || _running.Count == 0)
            _waitingSince = Stopwatch.GetTimestamp();
        Listen();
    }

    /// <summary>
    /// In the order of the first parts, in a group of their own: all ranks have to begin them in one order, and when a first part ends
    /// differs from rank to rank.
    /// </summary>
    private void BeginSecondParts()
    {
        foreach (MpiExchange running in _running)
        {
            if (!running.BeginSecond(_mpi, _secondGroup))
                break;
        }
    }

    private void Listen()
    {
        if (_ring is null)
            return;
        _ring.Turn(_isEnding);
        if (_ring.Ended is int ended && _running.Count > 0 && Stopwatch.GetElapsedTime(_waitingSince) > s_farewell)
            Abort($"{NameOf(ended)} has ended, and {NameOf(Rank)} waits for it: all processes are ended.");
        if (_ring.Silence > ProcessGroup.LongestSilence)
        {
            Abort($"{NameOf(_ring.Before)} has not been heard of for {ProcessGroup.LongestSilence.TotalSeconds:0} seconds: all processes are " +
                $"ended by {NameOf(Rank)}. A run with a WorkspacePath goes on from its last state.");
        }
    }

    private void SayFarewell()
    {
        nint request = 0;
        MpiLibrary.Check(_mpi.Ibarrier(_endGroup, &request));
        long start = Stopwatch.GetTimestamp();
        while (!_mpi.IsOver(&request))
        {
            if (_exitCode != 0 && Stopwatch.GetElapsedTime(start) > s_farewell)
                Abort($"{NameOf(Rank)} has failed: all processes are ended.");
            Advance();
            Thread.Sleep(1);
        }

        _parted.Set();
        _ring?.End();
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
        MpiLibrary.Check(_mpi.CommDup(_mpi.World, &group));
        return group;
    }
}
