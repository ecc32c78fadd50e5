// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

/// <summary>Threads that work side by side.</summary>
[TestClass]
public sealed class SideBySideTests
{
    [TestCleanup]
    public void Cleanup() => LayerSize.Assumed.Value = SideBySide.Assumed.Value = null;

    [TestMethod]
    public void Threads_ShareTheCores_AndTheCallerGetsHisBack()
    {
        NeedThreads();
        int before = get_num_threads();
        var seen = new ConcurrentBag<(int Worker, int Thread, int Cores)>();
        using var all = new Barrier(3);
        SideBySide.Run(3, worker =>
        {
            seen.Add((worker, Environment.CurrentManagedThreadId, get_num_threads()));
            Assert.IsTrue(all.SignalAndWait(TimeSpan.FromMinutes(1)), "all are there at the same time");
        });
        CollectionAssert.AreEquivalent(new[] { 0, 1, 2 }, seen.Select(s => s.Worker).ToArray());
        Assert.AreEqual(3, seen.Select(s => s.Thread).Distinct().Count());
        Assert.AreEqual(Environment.CurrentManagedThreadId, seen.Single(s => s.Worker == 0).Thread);
        Assert.AreEqual(Math.Max(3, before), seen.Sum(s => s.Cores), "each has at least one core");
        Assert.AreEqual(before, get_num_threads());
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void WhatFails_IsThrownToTheCaller_WhenAllAreDone(int failing)
    {
        NeedThreads();
        int done = 0, before = get_num_threads();
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => SideBySide.Run(2, worker =>
        {
            if (worker == failing)
                throw new InvalidOperationException($"{worker}");
            Thread.Sleep(50);
            Interlocked.Increment(ref done);
        }));
        Assert.AreEqual($"{failing}", error.Message);
        Assert.AreEqual(1, done);
        Assert.AreEqual(before, get_num_threads());
    }

    [TestMethod]
    public void One_IsTheCaller()
    {
        int thread = 0;
        SideBySide.Run(1, _ => thread = Environment.CurrentManagedThreadId);
        Assert.AreEqual(Environment.CurrentManagedThreadId, thread);
    }

    [TestMethod]
    public void Alone_IsOnOneCore()
    {
        NeedThreads();
        SideBySide.Assumed.Value = 2;
        int before = get_num_threads(), during = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => SideBySide.Alone(() =>
        {
            during = get_num_threads();
            throw new InvalidOperationException();
        }));
        Assert.AreEqual((1, before), (during, get_num_threads()));
    }

    /// <summary>Several callers at the same time, again and again: each has threads of his own, and few are made.</summary>
    [TestMethod]
    public void Threads_AreKept()
    {
        NeedThreads();
        const int Callers = 4, Turns = 100;
        var threads = new ConcurrentDictionary<int, int>();
        var works = new ConcurrentBag<(int Caller, int Turn, int Worker)>();
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(caller => new Thread(() =>
        {
            for (int i = 0; i < Turns; i++)
            {
                int turn = i;
                SideBySide.Run(3, worker =>
                {
                    works.Add((caller, turn, worker));
                    threads.AddOrUpdate(Environment.CurrentManagedThreadId, 1, (_, n) => n + 1);
                });
            }
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.AreEqual(Callers * Turns * 3, works.Distinct().Count());
        Assert.IsLessThan(Callers * Turns, threads.Count, "threads are used again");
    }

    /// <summary>Also before the first block, and at several places at once.</summary>
    [TestMethod]
    [DataRow(100, 2)]
    [DataRow(3, 3)]
    public void Encoder_GivesTheTokensOfEveryClip(int atOnce, int threads)
    {
        VideoMaeConfig config = TestClips.Config;
        using var model = new VideoMaeForVideoClassification(config, new Generator(1));
        model.eval();
        using var encoder = new FastEncoder(model.Encoder, ScalarType.Float32, null);
        int?[] places = [0, 1, null];
        Tensor[] Tokens(Tensor clips) => encoder.TokensAt(clips, places);
        using DisposeScope scope = NewDisposeScope();
        Tensor clips = randn([5, config.NumFrames, config.NumChannels, 16, 16], generator: new Generator(2));
        SideBySide.Assumed.Value = 1;
        Tensor[] expected = Tokens(clips);
        (LayerSize.Assumed.Value, SideBySide.Assumed.Value) = (atOnce, threads);
        Tokens(clips);
        long live = LiveTensors.Settled();
        using (NewDisposeScope())
        {
            Tensor[] actual = Tokens(clips);
            Assert.AreEqual(live + places.Length, LiveTensors.Now);
            for (int i = 0; i < places.Length; i++)
                AssertValues(expected[i], actual[i], $"after {places[i]} blocks");
        }

        Assert.AreEqual(live, LiveTensors.Now);
    }

    private static void NeedThreads()
    {
        if (!OpenMp.SetsThreads)
            Assert.Inconclusive("libtorch's OpenMP is another one here: nothing works side by side.");
    }
}
