// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Clips that are ready for the model, in managed memory.</summary>
/// <param name="pixelValues">Room for the largest batch, [B, ...]; only as many clips are valid as there are indices.</param>
/// <param name="capacity">The number of clips there is room for.</param>
/// <param name="end">The place in the order after the batch, clips that could not be read included.</param>
/// <param name="indices">Which clips these are.</param>
/// <param name="places">The places of these clips in the order.</param>
internal sealed class ClipBatch(float[] pixelValues, int capacity, int end, int[] indices, int[] places)
{
    /// <summary>Normalised pixels, [B, T, C, H, W], or features, [B, ...].</summary>
    public float[] PixelValues { get; } = pixelValues;

    /// <summary>The number of clips that <see cref="PixelValues"/> has room for.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>The place in the order after the batch.</summary>
    public int End { get; } = end;

    /// <summary>Which clip of the data set each is, [B].</summary>
    public int[] Indices { get; } = indices;

    /// <summary>The places of these clips in the order, [B].</summary>
    public int[] Places { get; } = places;

    /// <summary>What this process has of a batch that several share; null where it has all of it.</summary>
    public BatchShare? Share { get; private init; }

    /// <summary>B.</summary>
    public int Count => Indices.Length;

    /// <summary>The clips of all processes.</summary>
    public int Total => Share?.Total ?? Count;

    /// <summary>Which clips all processes have, in order.</summary>
    public int[] AllIndices => Share?.Clips ?? Indices;

    /// <summary>What this process counts for where several work on the same clips.</summary>
    public double Part => Share?.Part ?? 1;

    /// <summary>The same batch as a part of one that several processes share.</summary>
    public ClipBatch WithShare(BatchShare share) => new(PixelValues, Capacity, End, Indices, Places) { Share = share };

    /// <summary>The rows of these clips, out of what was drawn for those of all processes: [B, ...] to [b, ...].</summary>
    public Tensor Own(Tensor all) => Share?.Take(all) ?? all;

    /// <inheritdoc cref="Own(Tensor)"/>
    public float[] Own(float[] all, int perClip) => Share?.Take(all, perClip) ?? all;
}
