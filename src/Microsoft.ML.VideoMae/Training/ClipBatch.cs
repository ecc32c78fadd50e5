// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Clips that are ready for the model, in managed memory.</summary>
internal sealed class ClipBatch
{
    /// <param name="pixelValues">Room for the largest batch, [B, ...]; only as many clips are valid as there are indices.</param>
    /// <param name="capacity">The number of clips there is room for.</param>
    /// <param name="end">The place in the order after the batch, clips that could not be read included.</param>
    /// <param name="indices">Which clips these are.</param>
    /// <param name="places">The places of these clips in the order.</param>
    public ClipBatch(float[] pixelValues, int capacity, int end, int[] indices, int[] places)
        : this(new ArraySegment<float>(pixelValues, 0, capacity == 0 ? 0 : pixelValues.Length / capacity * indices.Length), end, indices,
            places)
    {
    }

    private ClipBatch(ArraySegment<float> pixelValues, int end, int[] indices, int[] places)
    {
        PixelValues = pixelValues;
        End = end;
        Indices = indices;
        Places = places;
    }

    /// <summary>Normalised pixels, [B, T, C, H, W], or features, [B, ...].</summary>
    public ArraySegment<float> PixelValues { get; }

    /// <summary>The place in the order after the batch.</summary>
    public int End { get; }

    /// <summary>Which clip of the data set each is, [B].</summary>
    public int[] Indices { get; }

    /// <summary>The places of these clips in the order, [B].</summary>
    public int[] Places { get; }

    /// <summary>What of a larger batch this is; null where it is all of it.</summary>
    public BatchShare? Share { get; private init; }

    /// <summary>B.</summary>
    public int Count => Indices.Length;

    /// <summary>The clips of the whole batch, those of other processes included.</summary>
    public int Total => Share?.Total ?? Count;

    /// <summary>Which clips the whole batch has, in order.</summary>
    public int[] AllIndices => Share?.Clips ?? Indices;

    /// <summary>What this process counts for where several work on the same clips.</summary>
    public double Part => Share?.Part ?? 1;

    /// <summary>The same batch as a part of one that several processes share.</summary>
    public ClipBatch WithShare(BatchShare share) => new(PixelValues, End, Indices, Places) { Share = share };

    /// <summary>The same clips in batches of equal size, as far as that is possible; each is a part of the whole.</summary>
    /// <param name="pieces">How many, from 1 up to the number of clips.</param>
    public IEnumerable<ClipBatch> Pieces(int pieces) => pieces == 1
        ? [this]
        : Enumerable.Range(0, pieces)
            .Select(piece => Piece((int)((long)Count * piece / pieces)..(int)((long)Count * (piece + 1) / pieces)));

    /// <summary>The rows of these clips, out of what was drawn for the whole batch: [B, ...] to [b, ...].</summary>
    public Tensor Own(Tensor all) => Share?.Take(all) ?? all;

    /// <inheritdoc cref="Own(Tensor)"/>
    public float[] Own(float[] all, int perClip) => Share?.Take(all, perClip) ?? all;

    private ClipBatch Piece(Range clips)
    {
        (int first, int count) = clips.GetOffsetAndLength(Count);
        int length = PixelValues.Count / Count;
        long[] rows = Share is null ? [.. Enumerable.Range(first, count).Select(i => (long)i)] : Share.Rows[clips];
        return new ClipBatch(PixelValues.Slice(first * length, count * length), End, Indices[clips], Places[clips])
        {
            Share = new BatchShare(AllIndices, rows) { Part = Part },
        };
    }
}
