// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Work on rows, each by itself.</summary>
internal interface IRows
{
    /// <summary>Works on the rows from <paramref name="first"/> up to <paramref name="end"/>. May throw nothing.</summary>
    void Run(long first, long end);
}

/// <summary>
/// Runs loops of ours in the threads that libtorch computes with. These wait for work by turning round for some milliseconds, so threads of
/// .NET's would find the processor taken. libtorch's OpenMP on Linux (GNU's) has a function to start a loop, which needs no compiler.
/// </summary>
internal static unsafe class OpenMp
{
    private static readonly Lazy<(nint Parallel, nint Thread, nint Threads)> s_functions = new(() => (
        TorchLibrary.Find("GOMP_parallel"), TorchLibrary.Find("omp_get_thread_num"), TorchLibrary.Find("omp_get_num_threads")));

    /// <summary>What MKL takes for: no number of this thread's own.</summary>
    private const int OfAllThreads = 0;

    private static readonly Lazy<(nint Own, nint OfMkl)> s_setThreads = new(() => (
        TorchLibrary.Find("omp_set_num_threads"), TorchLibrary.Find("MKL_Set_Num_Threads_Local")));

    /// <summary>Whether <see cref="With"/> works here.</summary>
    internal static bool SetsThreads => s_setThreads.Value.Own != 0;

    /// <summary>Whether libtorch has this OpenMP on the system at hand.</summary>
    internal static bool IsAvailable => s_functions.Value is { Parallel: not 0, Thread: not 0, Threads: not 0 };

    /// <summary>
    /// Works on all rows; returns when they are done. Each thread has rows next to each other, the same in every loop: what one loop leaves
    /// in a core's cache is there in the next.
    /// </summary>
    /// <typeparam name="T">The work.</typeparam>
    /// <param name="rows">The number of rows.</param>
    /// <param name="work">Is told which rows to take, by several threads at the same time.</param>
    internal static void For<T>(long rows, T work)
        where T : unmanaged, IRows
    {
        (nint parallel, nint thread, nint threads) = s_functions.Value;
        var loop = new Loop
        {
            Work = &work,
            Run = &Run<T>,
            Rows = rows,
            Thread = (delegate* unmanaged<int>)thread,
            Threads = (delegate* unmanaged<int>)threads,
        };
        ((delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)parallel)(
            &TakeRows, &loop, (uint)get_num_threads(), 0);
    }

    /// <summary>
    /// Does work for which no more than so many threads work together on what the calling thread asks for. Other threads have numbers of
    /// their own, which libtorch's <c>set_num_threads</c> does not leave alone.
    /// </summary>
    /// <param name="threads">The number.</param>
    /// <param name="work">The work.</param>
    internal static void With(int threads, Action work)
    {
        // libtorch sets the number when a thread asks for the first time.
        int before = get_num_threads();
        SetThreads(threads, threads);
        try
        {
            work();
        }
        finally
        {
            SetThreads(before, OfAllThreads);
        }
    }

    /// <summary>MKL keeps a number of its own, where libtorch has it.</summary>
    private static void SetThreads(int threads, int ofMkl)
    {
        (nint own, nint mkl) = s_setThreads.Value;
        ((delegate* unmanaged<int, void>)own)(threads);
        if (mkl != 0)
            ((delegate* unmanaged<int, int>)mkl)(ofMkl);
    }

    private static void Run<T>(void* work, long first, long end)
        where T : unmanaged, IRows => ((T*)work)->Run(first, end);

    [UnmanagedCallersOnly]
    private static void TakeRows(void* data)
    {
        var loop = (Loop*)data;
        // They may be fewer than were asked for.
        long thread = loop->Thread(), threads = loop->Threads();
        loop->Run(loop->Work, loop->Rows * thread / threads, loop->Rows * (thread + 1) / threads);
    }

    private struct Loop
    {
        public void* Work;
        public delegate*<void*, long, long, void> Run;
        public delegate* unmanaged<int> Thread;
        public delegate* unmanaged<int> Threads;
        public long Rows;
    }
}
