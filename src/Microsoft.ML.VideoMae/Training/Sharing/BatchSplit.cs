// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Distributed;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Shares the clips of every batch out over the processes of a group.</summary>
/// <param name="Group">The processes.</param>
/// <param name="Copies">So many places side by side have one clip, which one process decodes.</param>
/// <param name="KeepsPairs">Whether the first place stays with the last one, the second with the last but one: they will be mixed.</param>
internal sealed record BatchSplit(ProcessGroup Group, int Copies = 1, bool KeepsPairs = false)
{
    /// <summary>All for this process.</summary>
    public static BatchSplit None { get; } = new(ProcessGroup.Alone);

    /// <summary>The places that this process works on, batch by batch.</summary>
    /// <param name="count">The places of all batches.</param>
    /// <param name="batchSize">The places of a batch; the last may have fewer.</param>
    public int[][] Places(int count, int batchSize) =>
    [
        .. Enumerable.Range(0, (count + batchSize - 1) / batchSize).Select(batch =>
        {
            int start = batch * batchSize, length = Math.Min(batchSize, count - start);
            return Enumerable.Range(start, length).Where(place => Owner(place - start, length) == Group.Rank).ToArray();
        }),
    ];

    /// <summary>The process that works on a place of a batch.</summary>
    internal int Owner(int place, int length)
    {
        int units = (length + Copies - 1) / Copies, unit = place / Copies;
        return KeepsPairs
            ? Math.Min(unit, units - 1 - unit) * Group.Size / ((units + 1) / 2)
            : (int)((long)unit * Group.Size / units);
    }
}

/// <summary>
/// Lets the processes of a group go from batch to batch together: which clips of a batch could be read, and whether anyone was told to stop.
/// </summary>
/// <param name="split">Who works on what.</param>
/// <param name="order">The clips in order.</param>
/// <param name="isStopped">Whether this process was told to stop.</param>
internal sealed class BatchAgreement(BatchSplit split, IReadOnlyList<int> order, Func<bool> isStopped)
{
    /// <summary>The batches that have clips, each with what the other processes have of it.</summary>
    /// <exception cref="OperationCanceledException">A process was told to stop: all stop before the same batch.</exception>
    public IEnumerable<ClipBatch> Agreed(IEnumerable<ClipBatch> batches) => split.Group.IsAlone ? batches : Agree(batches);

    private IEnumerable<ClipBatch> Agree(IEnumerable<ClipBatch> batches)
    {
        int start = 0;
        foreach (ClipBatch batch in batches)
        {
            // 1 for a place that was read, and at the end whether somebody was told to stop.
            var numbers = new double[batch.End - start + 1];
            foreach (int place in batch.Places)
                numbers[place - start] = 1;
            numbers[^1] = isStopped() ? 1 : 0;
            split.Group.Sum(numbers);
            if (numbers[^1] > 0)
                throw new OperationCanceledException();
            int[] read = [.. Enumerable.Range(start, batch.End - start).Where(place => numbers[place - start] > 0)];
            bool isWhole = read.Length == batch.End - start;
            start = batch.End;
            if (read.Length == 0)
                continue;
            int[] clips = [.. read.Select(place => order[place])];
            // With a gap, pairs are other pairs, which lie with several processes. It happens once for a clip: every process then works on
            // the whole batch, and counts for its share of it.
            yield return split.KeepsPairs && !isWhole
                ? Whole(batch, clips)
                : batch.WithShare(new BatchShare(clips, [.. batch.Places.Select(place => (long)Array.BinarySearch(read, place))]));
        }
    }

    private ClipBatch Whole(ClipBatch batch, int[] clips)
    {
        byte[] places = Bytes<int>(batch.Places), pixels = Bytes<float>(batch.PixelValues);
        IReadOnlyList<byte[]> allPlaces = split.Group.Gather(places), allPixels = split.Group.Gather(pixels);
        (int Place, int Rank, int Row)[] rows = [.. allPlaces
            .SelectMany((bytes, rank) => Numbers<int>(bytes).ToArray().Select((place, row) => (place, rank, row)))
            .OrderBy(row => row.place)];
        int length = allPixels.Sum(bytes => bytes.Length / sizeof(float)) / rows.Length;
        var values = new float[rows.Length * length];
        for (int i = 0; i < rows.Length; i++)
            Numbers<float>(allPixels[rows[i].Rank]).Slice(rows[i].Row * length, length).CopyTo(values.AsSpan(i * length));
        var share = new BatchShare(clips, [.. Enumerable.Range(0, rows.Length).Select(i => (long)i)]) { Part = 1.0 / split.Group.Size };
        return new ClipBatch(values, rows.Length, batch.End, clips, [.. rows.Select(row => row.Place)]).WithShare(share);
    }

    private static byte[] Bytes<T>(ReadOnlySpan<T> values)
        where T : struct => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).ToArray();

    private static ReadOnlySpan<T> Numbers<T>(byte[] bytes)
        where T : struct => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes);
}
