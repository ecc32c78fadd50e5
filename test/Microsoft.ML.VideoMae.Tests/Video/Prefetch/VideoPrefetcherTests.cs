// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Prefetch;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Prefetch;

[TestClass]
public sealed class VideoPrefetcherTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void Results_AnyNumberOfWorkers_InOrderWithTheirErrors(int workers)
    {
        using VideoPrefetcher<int, int> prefetcher = Start(Enumerable.Range(0, 300), (item, _) =>
        {
            Thread.SpinWait((item * 7919) % 20_000);
            return item % 10 == 3 ? throw new InvalidOperationException($"item {item}") : item * item;
        }, workers);
        int expected = 0;
        foreach (Prefetched<int, int> result in prefetcher)
        {
            Assert.AreEqual(expected, result.Item);
            if (expected % 10 == 3)
                Assert.AreEqual($"item {expected}", Assert.ThrowsExactly<InvalidOperationException>(() => result.Result).Message);
            else
                Assert.AreEqual(expected * expected, result.Result);
            expected++;
        }

        Assert.AreEqual(300, expected);
    }

    [TestMethod]
    public void Results_SlowConsumer_NeverMoreThanTheBound()
    {
        int begun = 0, taken = 0, worst = 0;
        using VideoPrefetcher<int, int> prefetcher = Start(Enumerable.Range(0, 60), (item, _) =>
        {
            int ahead = Interlocked.Increment(ref begun) - Volatile.Read(ref taken);
            lock (this)
                worst = Math.Max(worst, ahead);
            return item;
        }, workers: 3, maxItems: 5);
        foreach (Prefetched<int, int> _ in prefetcher)
        {
            Thread.Sleep(1);
            Interlocked.Increment(ref taken);
        }

        Assert.AreEqual(60, taken);
        Assert.IsTrue(worst is > 1 and <= 6, $"{worst} items ahead");       // 5, and the one the consumer holds
    }

    [TestMethod]
    public void Results_LargeOnes_BoundedByBytes()
    {
        int begun = 0, taken = 0, worst = 0;
        using var prefetcher = new VideoPrefetcher<int, byte[]>(Enumerable.Range(0, 40), (item, _) =>
        {
            int ahead = Interlocked.Increment(ref begun) - Volatile.Read(ref taken);
            lock (this)
                worst = Math.Max(worst, ahead);
            return new byte[1000];
        }, static bytes => bytes.Length, new PrefetchOptions { Workers = 2, MaxItems = 30, MaxBytes = 3000 }, CancellationToken.None);
        foreach (Prefetched<int, byte[]> result in prefetcher)
        {
            Thread.Sleep(2);
            Interlocked.Increment(ref taken);
        }

        Assert.AreEqual(40, taken);
        Assert.IsTrue(worst <= 3 + 2 + 1, $"{worst} items ahead");      // three waiting, one a worker, the consumer's own
    }

    [TestMethod]
    public void Dispose_InTheMiddle_EndsAllThreadsPromptly()
    {
        int alive = 0;
        var watch = new Stopwatch();
        using (VideoPrefetcher<int, int> prefetcher = Start(Endless(), (item, token) =>
        {
            Interlocked.Increment(ref alive);
            token.WaitHandle.WaitOne(item < 3 ? 0 : 60_000);
            Interlocked.Decrement(ref alive);
            return item;
        }, 4))
        {
            Assert.AreEqual(2, prefetcher.Skip(2).First().Item);
            watch.Start();
        }

        Assert.IsTrue(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
        Assert.AreEqual(0, alive);
    }

    [TestMethod]
    public void Cancel_WhileWaiting_Throws()
    {
        using var source = new CancellationTokenSource();
        using var prefetcher = new VideoPrefetcher<int, int>(Endless(), (item, token) =>
        {
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
            return item;
        }, static _ => 0, new PrefetchOptions { Workers = 2 }, source.Token);
        source.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => prefetcher.First());
    }

    [TestMethod]
    public void Results_ListFails_AfterTheItemsBeforeIt()
    {
        using VideoPrefetcher<int, int> prefetcher = Start(Failing(), (item, _) => item, 3);
        var seen = new List<int>();
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            foreach (Prefetched<int, int> result in prefetcher)
                seen.Add(result.Result);
        });
        CollectionAssert.AreEqual((int[])[0, 1, 2], seen);
        StringAssert.Contains(e.Message, "disk on fire");
    }

    [TestMethod]
    public void Options_OutOfRange_ListsEveryProblem()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() =>
            new PrefetchOptions
            {
                Workers = 0,
                MaxItems = 0,
                MaxBytes = 0,
            }.Validated());
        StringAssert.Contains(e.Message, "Workers is 0");
        StringAssert.Contains(e.Message, "MaxItems is 0");
        StringAssert.Contains(e.Message, "MaxBytes is 0");
    }

    private static VideoPrefetcher<int, int> Start(
        IEnumerable<int> items, Func<int, CancellationToken, int> work, int workers, int maxItems = 16
    ) => new(items, work, static _ => 0, new PrefetchOptions { Workers = workers, MaxItems = maxItems }, CancellationToken.None);

    private static IEnumerable<int> Endless()
    {
        for (int i = 0; ; i++)
            yield return i;
    }

    private static IEnumerable<int> Failing()
    {
        for (int i = 0; i < 3; i++)
            yield return i;
        throw new InvalidOperationException("disk on fire");
    }
}
