// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

[TestClass]
public sealed class BatchLoaderTests
{
    private const int Length = 3;
    private readonly ConcurrentDictionary<int, VideoReadException> _skipped = [];

    [TestMethod]
    [DataRow(1, 4)]
    [DataRow(2, 4)]
    [DataRow(7, 5)]
    public void Batches_AnyNumberOfWorkers_InOrderWithoutGaps(int workers, int batchSize)
    {
        int[] order = [.. Enumerable.Range(0, 50).Select(i => i * 7 % 50)];
        using BatchLoader loader = Start(order, batchSize, workers, index =>
        {
            Thread.SpinWait(index * 7919 % 20_000);
            if (index % 5 == 3)
                throw new VideoReadException($"{index}.mp4", VideoReadError.Damaged, "it is broken.");
        });
        var seen = new List<int>();
        int end = 0;
        foreach (ClipBatch batch in loader.Read())
        {
            int[] expected = [.. order[end..batch.End].Where(i => i % 5 != 3)];
            CollectionAssert.AreEqual(expected, batch.Indices);
            CollectionAssert.AreEqual(
                expected.SelectMany(i => Enumerable.Repeat((float)i, Length)).ToArray(), batch.PixelValues.ToArray());
            end = batch.End;
            seen.AddRange(batch.Indices);
        }

        Assert.AreEqual(order.Length, end);
        CollectionAssert.AreEqual(order.Where(i => i % 5 != 3).ToArray(), seen);
        CollectionAssert.AreEquivalent(order.Where(i => i % 5 == 3).ToArray(), _skipped.Keys.ToArray());
    }

    [TestMethod]
    public void Batches_OfNothingButBrokenClips_AreLeftOut()
    {
        using BatchLoader loader = Start([0, 1, 2, 3, 4, 5], 2, 2, index =>
        {
            if (index is 2 or 3)
                throw new VideoReadException($"{index}.mp4", VideoReadError.Damaged, "it is broken.");
        });
        CollectionAssert.AreEqual((int[])[2, 6], loader.Read().Select(b => b.End).ToArray());
    }

    [TestMethod]
    public void Error_ComesAfterTheBatchesBeforeIt()
    {
        using BatchLoader loader = Start([.. Enumerable.Range(0, 20)], 4, 3, index =>
        {
            if (index == 9)
                throw new InvalidOperationException("out of paper");
        });
        var ends = new List<int>();
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            foreach (ClipBatch batch in loader.Read())
                ends.Add(batch.End);
        });
        Assert.AreEqual("out of paper", e.Message);
        CollectionAssert.AreEqual((int[])[4, 8], ends);
    }

    [TestMethod]
    public void NoClips_GiveNoBatches()
    {
        using BatchLoader loader = Start([], 4, 3, _ => { });
        Assert.AreEqual(0, loader.Read().Count());
    }

    private BatchLoader Start(int[] order, int batchSize, int workers, Action<int> read) => new(order, batchSize, Length,
        (index, position, pixels, _) =>
        {
            Assert.AreEqual(order[position], index);
            read(index);
            pixels.Fill(index);
        },
        (index, error) => _skipped.TryAdd(index, error), workers, CancellationToken.None);
}
