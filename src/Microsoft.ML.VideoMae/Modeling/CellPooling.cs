// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Features that keep where and when: tokens of the last blocks averaged in the quarters of the frame, and what they do over time.
/// </summary>
internal static class CellPooling
{
    /// <summary>The cells of a row, and of a column.</summary>
    public const int Side = 2;

    /// <summary>The number of cells.</summary>
    public const int Count = Side * Side;

    /// <summary>What is added to variances of tokens.</summary>
    public const double Epsilon = 1e-6;

    private const int LastBlocks = 2;

    /// <summary>The mean over time, the mean absolute difference from one tubelet to the next, and the deviation.</summary>
    private const int Statistics = 3;

    /// <summary>How many of the last blocks are looked at.</summary>
    public static int Blocks(VideoMaeConfig config) => Math.Min(LastBlocks, config.NumHiddenLayers);

    /// <summary>The number of features of a clip.</summary>
    public static int Length(VideoMaeConfig config) => Blocks(config) * Statistics * Side * Side * config.HiddenSize;

    /// <summary>The features of clips, [B, L], those of the last block first.</summary>
    /// <param name="tokens">The tokens after each of the last blocks, [B, N, D], the last one first, without a last layer norm.</param>
    /// <param name="config">The model.</param>
    public static Tensor Apply(IEnumerable<Tensor> tokens, VideoMaeConfig config) =>
        cat([.. tokens.Select(block => OfBlock(block, config))], 1);

    private static Tensor OfBlock(Tensor tokens, VideoMaeConfig config)
    {
        long batch = tokens.shape[0], times = config.NumTubelets, width = config.HiddenSize;
        Tensor alike = nn.functional.layer_norm(tokens.to(ScalarType.Float32), [width], eps: Epsilon); // [B, N, D]
        Tensor places = alike.view(batch * times, config.PatchGrid.Height, config.PatchGrid.Width, width).permute(0, 3, 1, 2);
        Tensor cells = nn.functional.adaptive_avg_pool2d(places, [Side, Side])                         // [B T', D, 2, 2]
            .permute(0, 2, 3, 1).reshape(batch, times, Side * Side * width);                           // [B, T', 4 D]
        Tensor mean = cells.mean([1]);                                                                 // [B, 4 D]
        Tensor change = times > 1
            ? (cells.narrow(1, 1, times - 1) - cells.narrow(1, 0, times - 1)).abs().mean([1])
            : zeros_like(mean);
        Tensor deviation = (cells - mean.unsqueeze(1)).square().mean([1]).sqrt();
        return cat([mean, change, deviation], 1);                                                      // [B, 12 D]
    }
}
