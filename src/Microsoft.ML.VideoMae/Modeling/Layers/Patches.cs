// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>Cuts clips into space-time patches.</summary>
internal static class Patches
{
    /// <summary>
    /// [B, T, C, H, W] to [B, N, C * t * h * w], in the order of the kernel of a 3-D convolution, so that the patch embedding is one
    /// matrix product. Frames beyond the last whole tubelet are left out, as the convolution of the reference does.
    /// </summary>
    internal static Tensor ForProjection(Tensor pixelValues, VideoMaeConfig config) =>
        Split(pixelValues, config)            // [B, T/t, t, C, H/h, h, W/w, w]
            .permute(0, 1, 4, 6, 3, 2, 5, 7)  // [B, T/t, H/h, W/w, C, t, h, w]
            .flatten(4).flatten(1, 3);

    /// <summary>[B, T, C, H, W] to [B, N, t * h * w, C]: the order of reconstruction targets and decoder outputs.</summary>
    internal static Tensor ForReconstruction(Tensor pixelValues, VideoMaeConfig config) =>
        Split(pixelValues, config)            // [B, T/t, t, C, H/h, h, W/w, w]
            .permute(0, 1, 4, 6, 2, 5, 7, 3)  // [B, T/t, H/h, W/w, t, h, w, C]
            .flatten(4, 6).flatten(1, 3);

    private static Tensor Split(Tensor pixelValues, VideoMaeConfig config)
    {
        long whole = (long)config.NumTubelets * config.TubeletSize;
        Tensor frames = pixelValues.shape[1] == whole ? pixelValues : pixelValues.narrow(1, 0, whole);
        return frames.reshape(
            pixelValues.shape[0], config.NumTubelets, config.TubeletSize, config.NumChannels,
            config.PatchGrid.Height, config.PatchSize.Height, config.PatchGrid.Width, config.PatchSize.Width);
    }

    /// <summary>Rows of [B, N, ...] by an index [B, n]: [B, n, ...].</summary>
    internal static Tensor Take(Tensor rows, Tensor index)
    {
        long batch = index.shape[0];
        Tensor sample = KeptScalars.Range(batch, index.device).unsqueeze(1); // [B, 1]
        return rows.index(TensorIndex.Tensor(sample), TensorIndex.Tensor(index));
    }
}
