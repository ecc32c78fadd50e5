// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Clips that are ready for the model, in managed memory.</summary>
/// <param name="pixelValues">Room for the largest batch, [B, ...]; only as many clips are valid as there are indices.</param>
/// <param name="capacity">The number of clips there is room for.</param>
/// <param name="end">The place in the order after the batch, clips that could not be read included.</param>
/// <param name="indices">Which clips these are.</param>
internal sealed class ClipBatch(float[] pixelValues, int capacity, int end, int[] indices)
{
    /// <summary>Normalised pixels, [B, T, C, H, W], or features, [B, ...].</summary>
    public float[] PixelValues { get; } = pixelValues;

    /// <summary>The number of clips that <see cref="PixelValues"/> has room for.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>The place in the order after the batch.</summary>
    public int End { get; } = end;

    /// <summary>Which clip of the data set each is, [B].</summary>
    public int[] Indices { get; } = indices;

    /// <summary>B.</summary>
    public int Count => Indices.Length;
}
