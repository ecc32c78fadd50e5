// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Distributed;

[TestClass]
public sealed class BatchSplitTests
{
    [TestMethod]
    [DataRow(4, 1, false)]
    [DataRow(3, 2, false)]
    [DataRow(3, 1, true)]
    [DataRow(4, 2, true)]
    public void Places_EveryPlaceHasOneProcess(int processes, int copies, bool keepsPairs)
    {
        const int Count = 42, BatchSize = 16;
        int[][][] all = [.. Enumerable.Range(0, processes).Select(rank =>
            new BatchSplit(new Member(rank, processes), copies, keepsPairs).Places(Count, BatchSize))];
        for (int batch = 0; batch < 3; batch++)
        {
            int start = batch * BatchSize, length = Math.Min(BatchSize, Count - start);
            int[] places = [.. all.SelectMany(batches => batches[batch]).Order()];
            CollectionAssert.AreEqual(Enumerable.Range(start, length).ToArray(), places);
            foreach (int[] own in all.Select(batches => batches[batch]))
            {
                Assert.IsTrue(own.All(place => own.Contains(place / copies * copies)), "Copies of a clip belong to one process.");
                Assert.IsTrue(!keepsPairs || own.All(place => own.Contains(start + length - 1 - (place - start))), "Pairs stay together.");
            }
        }
    }

    [TestMethod]
    public void Places_AreEven()
    {
        int[] lengths = [.. Enumerable.Range(0, 3).Select(rank => new BatchSplit(new Member(rank, 3)).Places(16, 16)[0].Length)];
        CollectionAssert.AreEquivalent(new[] { 5, 5, 6 }, lengths);
    }

    [TestMethod]
    [DataRow("OMPI_COMM_WORLD_SIZE=4", 4)]
    [DataRow("PMI_SIZE=3", 3)]
    [DataRow("PMIX_RANK=0 SLURM_STEP_NUM_TASKS=8", 8)]
    [DataRow("SLURM_NTASKS=8", 1)]
    [DataRow("", 1)]
    public void Launcher_IsNoticedByItsVariables(string variables, int size)
    {
        Dictionary<string, string> values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(v => v.Split('=')[0], v => v.Split('=')[1]);
        Assert.AreEqual(size, Launcher.SizeOf(name => values.GetValueOrDefault(name)));
    }

    [TestMethod]
    public void Processors_AreSharedByThoseWithTheSameOnes()
    {
        Assert.AreEqual(4, SharedRun.ProcessorsOf(["a ff", "a ff", "b ff"], 1, 8));
        Assert.AreEqual(8, SharedRun.ProcessorsOf(["a ff", "a ff", "b ff"], 2, 8));
        Assert.AreEqual(1, SharedRun.ProcessorsOf(["a 3", "a 3", "a 3"], 0, 2));
    }

    /// <summary>A rank that nothing is exchanged with.</summary>
    private sealed class Member(int rank, int size) : ProcessGroup
    {
        public override int Rank => rank;

        public override int Size => size;

        public override int LocalRank => rank;

        public override int LocalSize => size;

        public override IReadOnlyList<byte[]> Gather(byte[] bytes) => throw new NotSupportedException();

        internal override string NameOf(int rank) => throw new NotSupportedException();

        internal override void Sum(Span<double> numbers) => throw new NotSupportedException();

        internal override IPendingExchange StartSum(float[] numbers, VideoMaeGradientTransport transport) =>
             throw new NotSupportedException();

        internal override void Broadcast(Span<byte> bytes) => throw new NotSupportedException();
    }
}
