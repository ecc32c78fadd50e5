// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Clips that are ready for the model, in managed memory.</summary>
/// <param name="pixelValues">Room for the largest batch, [B, T, C, H, W]; only as many clips are valid as there are labels.</param>
/// <param name="labels">The class of each clip.</param>
internal sealed class ClipBatch(float[] pixelValues, long[] labels)
{
    /// <summary>Normalised pixels, [B, T, C, H, W].</summary>
    public float[] PixelValues { get; } = pixelValues;

    /// <summary>The class of each clip, [B].</summary>
    public long[] Labels { get; } = labels;

    /// <summary>B.</summary>
    public int Count => Labels.Length;
}
