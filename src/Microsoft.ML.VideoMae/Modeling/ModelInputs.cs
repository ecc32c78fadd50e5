// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Checks of what is passed to a model, with messages that name the numbers.</summary>
internal static class ModelInputs
{
    internal static void CheckPixelValues(Tensor pixelValues, VideoMaeConfig config)
    {
        ArgumentNullException.ThrowIfNull(pixelValues);
        long[] expected = [-1, config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width];
        long[] shape = pixelValues.shape;
        if (shape.Length != 5 || shape[0] < 1 || !shape.Skip(1).SequenceEqual(expected.Skip(1)))
        {
            throw new ArgumentException(
                $"Pixel values of shape {Text(shape)} were given; this model takes [batch, {string.Join(", ", expected.Skip(1))}] " +
                "(frames, channels, height, width). "
                + "Load the model with another num_frames or image_size, or process the clip to this size.",
                nameof(pixelValues));
        }

        if (!is_floating_point(pixelValues))
            throw new ArgumentException(
                $"Pixel values of type {pixelValues.dtype} were given; they must be floating point (rescaled and normalised).",
                nameof(pixelValues));
    }

    /// <summary>The positions of true in each row of a mask [B, N] as an index [B, n]; every row must have as many.</summary>
    internal static Tensor Positions(Tensor mask, string name)
    {
        long batch = mask.shape[0];
        Tensor positions = mask.nonzero(); // [K, 2], row by row
        long count = positions.shape[0] / batch;
        Tensor counts = mask.sum(dim: 1);
        if (!counts.Is(count).all().item<bool>())
        {
            throw new ArgumentException(
                $"The mask has {counts.min().item<long>()} to {counts.max().item<long>()} {name} tokens a clip; every clip of a batch " +
                "must have as many.",
                nameof(mask));
        }

        return positions.select(1, 1).view(batch, count);
    }

    internal static void CheckMask(Tensor mask, Tensor pixelValues, VideoMaeConfig config, string name)
    {
        if (mask.dtype != ScalarType.Bool || mask.dim() != 2 || mask.shape[0] != pixelValues.shape[0] || mask.shape[1] != config.NumPatches)
        {
            throw new ArgumentException(
                $"{name} of type {mask.dtype} and shape {Text(mask.shape)} was given; it must be Bool and [{pixelValues.shape[0]}, " +
                $"{config.NumPatches}] (batch, tokens).",
                name);
        }
    }

    internal static string Text(long[] shape) => string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", shape)}]");
}
