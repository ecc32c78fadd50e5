// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Live;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Live;

/// <summary>Windows between those who receive and those who score.</summary>
[TestClass]
public sealed class LiveQueueTests
{
    private static LivePart Window(int i) => new(i, i + 4, LivePartKind.Window);

    [TestMethod]
    public void SlowModel_LeavesWindowsOutEvenly_AndCountsThem()
    {
        List<string> notes = [];
        var queue = new LiveQueue(notes.Add);
        for (int i = 0; i < 24; i++)
            queue.Add(Window(i), static () => false, default);
        LivePart[] parts = queue.TakeAll(default)!;
        double[] all = [.. Enumerable.Range(0, 24).Select(i => (double)i)];
        CollectionAssert.AreEqual(all, parts.Select(p => p.Start).ToArray(), "each is told of");
        double[] kept = [.. parts.Where(p => p.Kind == LivePartKind.Window).Select(p => p.Start)];
        Assert.HasCount(LiveQueue.MostWaiting, kept);
        Assert.IsTrue(kept.Zip(kept.Skip(1)).All(pair => pair.Second - pair.First <= 4), string.Join(' ', kept));
        Assert.AreEqual(16, queue.LeftOut);
        queue.Complete();
        Assert.IsNull(queue.TakeAll(default));
        CollectionAssert.AreEqual(
            new[] { "1 of 8 windows were left out so far", "10 of 17 windows were left out so far", "16 of 24 windows were left out in all" },
            notes.Select(n => n[(n.IndexOf(": the", StringComparison.Ordinal) + 2)..].Split(": ")[1].Split('.')[0]).ToArray());
    }

    [TestMethod]
    public async Task InputWithTimeToWait_LosesNothing()
    {
        var queue = new LiveQueue(null);
        Task adding = Task.Run(() =>
        {
            for (int i = 0; i < 40; i++)
                queue.Add(Window(i), static () => true, default);
            queue.Complete();
        });
        List<LivePart> all = [];
        while (queue.TakeAll(default) is LivePart[] parts)
        {
            Assert.IsLessThanOrEqualTo(LiveQueue.MostWaiting, parts.Length);
            all.AddRange(parts);
        }

        await adding;
        Assert.HasCount(40, all.Where(p => p.Kind == LivePartKind.Window));
    }

    [TestMethod]
    public void EndedVideo_LosesNothing_AndAFailureComesLast()
    {
        var queue = new LiveQueue(null);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        for (int i = 0; i < 20; i++)
            queue.Add(Window(i), static () => false, stop.Token);
        queue.Complete(new InvalidOperationException("broken"));
        Assert.HasCount(20, queue.TakeAll(default)!);
        Assert.AreEqual("broken", Assert.ThrowsExactly<InvalidOperationException>(() => queue.TakeAll(default)).Message);
        Assert.ThrowsExactly<OperationCanceledException>(() => new LiveQueue(null).TakeAll(stop.Token));
    }
}
