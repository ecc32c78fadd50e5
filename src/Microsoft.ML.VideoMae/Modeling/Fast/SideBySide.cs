// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Has threads work side by side, each with its share of the processor's cores.</summary>
/// <remarks>
/// Threads that share a product wait for each other at its end, thousands of times a second. Two clips on two cores, each on one of them,
/// are done before two clips one after the other on both.
/// </remarks>
internal static class SideBySide
{
    /// <summary>What tests have in place of the number of cores, in their own flow of execution; null for none.</summary>
    internal static AsyncLocal<int?> Assumed { get; } = new();

    /// <summary>
    /// How many threads can work side by side: one a core that libtorch may use. 1 where libtorch's OpenMP is another one than on Linux, or
    /// where fast paths are off.
    /// </summary>
    internal static int Most => !FastPaths.AreOn || !OpenMp.SetsThreads ? 1 : Assumed.Value ?? get_num_threads();

    /// <summary>Does some work in several threads, the calling one among them; returns when all are done.</summary>
    /// <param name="workers">The number of threads.</param>
    /// <param name="work">Is told the number of its thread, from 0. libtorch has no gradients switched off there.</param>
    internal static void Run(int workers, Action<int> work)
    {
        if (workers == 1)
        {
            work(0);
            return;
        }

        int cores = get_num_threads();
        var failures = new ExceptionDispatchInfo?[workers];
        using var left = new CountdownEvent(workers);
        for (int i = 1; i < workers; i++)
        {
            int worker = i;
            KeptThread.Start(() => Work(worker));
        }

        Work(0);
        left.Wait();
        failures.FirstOrDefault(failure => failure is not null)?.Throw();

        void Work(int worker)
        {
            try
            {
                OpenMp.With(Math.Max(1, (cores + worker) / workers), () => work(worker));
            }
            catch (Exception e)
            {
                failures[worker] = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                left.Signal();
            }
        }
    }

    /// <summary>Does some work in the calling thread, on one core: what is done in microseconds is done before others wake up.</summary>
    internal static void Alone(Action work)
    {
        if (Most == 1)
            work();
        else
            OpenMp.With(1, work);
    }
}
