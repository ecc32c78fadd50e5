// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The masks of pre-training, and those that scoring takes from what a clip shows.</summary>
/// <param name="config">The model.</param>
/// <param name="strategy">Which patches are hidden.</param>
/// <param name="ratio">The share of them.</param>
internal sealed class ClipMasks(VideoMaeConfig config, VideoMaskingStrategy strategy, double ratio)
{
    public VideoMaskingStrategy Strategy { get; } = strategy;

    public double Ratio { get; } = ratio;

    /// <summary>Masks drawn from a seed, [B, N] bool, true where a token is hidden.</summary>
    public Tensor Draw(int clips, ulong seed) => Create(seed).Next(clips);

    /// <summary>A mask that depends on nothing but what a clip shows, [1, N] bool.</summary>
    /// <param name="pixelValues">[T, C, H, W].</param>
    /// <param name="number">Which of a clip's masks.</param>
    public Tensor OfContent(ReadOnlySpan<float> pixelValues, int number)
    {
        ulong seed = BitConverter.ToUInt64(SHA256.HashData(MemoryMarshal.AsBytes(pixelValues)));
        return Draw(1, seed + (ulong)number);
    }

    /// <summary>The tokens that a decoder which leaves some out reconstructs (VideoMAE V2), [B, N] bool.</summary>
    public Tensor DrawDecoded(int clips, double leftOut, ulong seed) =>
        new RunningCellMaskGenerator(config, leftOut, seed).Next(clips).logical_not();

    private MaskGenerator Create(ulong seed) => Strategy == VideoMaskingStrategy.Tube
        ? new TubeMaskGenerator(config, Ratio, seed)
        : new RandomMaskGenerator(config, Ratio, seed);
}
