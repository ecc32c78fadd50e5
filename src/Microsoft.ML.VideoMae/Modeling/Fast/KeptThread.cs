// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// A thread that waits for more work when it is done: what libtorch keeps for a thread is made once. It ends when nobody wants it for a
/// while. Those of the thread pool may be busy with videos, or come late.
/// </summary>
internal sealed class KeptThread
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly Lock s_gate = new();
    private static readonly List<KeptThread> s_idle = [];

    private readonly AutoResetEvent _begins = new(false);
    private Action _work = () => { };

    private KeptThread() => new Thread(Live) { IsBackground = true, Name = "VideoMAE" }.Start();

    /// <summary>Has a thread do some work, which may throw nothing.</summary>
    public static void Start(Action work)
    {
        KeptThread? thread = null;
        lock (s_gate)
        {
            if (s_idle.Count > 0)
            {
                thread = s_idle[^1];
                s_idle.RemoveAt(s_idle.Count - 1);
            }
        }

        thread ??= new KeptThread();
        ExecutionContext? context = ExecutionContext.Capture();
        thread._work = context is null ? work : () => ExecutionContext.Run(context, static w => ((Action)w!)(), work);
        thread._begins.Set();
    }

    private void Live()
    {
        while (_begins.WaitOne(s_patience) || IsWanted())
        {
            _work();
            _work = () => { };
            lock (s_gate)
                s_idle.Add(this);
        }

        _begins.Dispose();
    }

    /// <summary>Whether somebody has taken it meanwhile; otherwise nobody will.</summary>
    private bool IsWanted()
    {
        lock (s_gate)
        {
            if (s_idle.Remove(this))
                return false;
        }

        return _begins.WaitOne();
    }
}
