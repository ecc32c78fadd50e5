// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Masking;

/// <summary>Draws which tokens of a clip are hidden in pre-training. Every clip gets as many.</summary>
/// <remarks>
/// The generator is the caller's and nothing else is drawn from: the same seed gives the same masks on every platform. Its algorithm is
/// fixed (SplitMix64), unlike that of <see cref="System.Random"/>.
/// </remarks>
public abstract class MaskGenerator
{
    private ulong _state;

    private protected MaskGenerator(VideoMaeConfig config, double maskRatio, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        if (!(maskRatio > 0 && maskRatio < 1))
            throw new ArgumentOutOfRangeException(nameof(maskRatio), maskRatio, $"The mask ratio is {maskRatio}; it must be above 0 and " +
                "below 1.");
        (Frames, Rows, Columns) = (config.NumTubelets, config.PatchGrid.Height, config.PatchGrid.Width);
        MaskRatio = maskRatio;
        _state = seed;
    }

    /// <summary>The share of tokens to hide.</summary>
    public double MaskRatio { get; }

    /// <summary>How many tokens of a clip are hidden.</summary>
    public abstract int MaskedPerClip { get; }

    /// <summary>The state of the random generator; set it to continue where another one stopped.</summary>
    public ulong State
    {
        get => _state;
        set => _state = value;
    }

    private protected int Frames { get; }

    private protected int Rows { get; }

    private protected int Columns { get; }

    private protected int PatchesPerFrame => Rows * Columns;

    /// <summary>Draws masks, [B, N] bool, true where a token is hidden; N counts by time, then row, then column.</summary>
    /// <param name="batchSize">The number of clips B.</param>
    /// <returns>The masks on the CPU; they belong to the dispose scope of the caller.</returns>
    public Tensor Next(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        int tokens = Frames * PatchesPerFrame;
        bool[] masks = new bool[batchSize * tokens];
        for (int i = 0; i < batchSize; i++)
            Fill(masks.AsSpan(i * tokens, tokens));
        return tensor(masks, [batchSize, tokens], device: CPU);
    }

    /// <summary>Draws the mask of one clip; the span holds false throughout.</summary>
    private protected abstract void Fill(Span<bool> mask);

    /// <summary>Sets <paramref name="count"/> random elements.</summary>
    private protected void Choose(Span<bool> mask, int count)
    {
        // Floyd's sampling: each subset is equally likely, with one draw for each of its elements.
        for (int i = mask.Length - count; i < mask.Length; i++)
        {
            int chosen = Below(i + 1);
            mask[mask[chosen] ? i : chosen] = true;
        }
    }

    /// <summary>A number from 0 to <paramref name="bound"/> - 1, each equally likely.</summary>
    private protected int Below(int bound)
    {
        // Lemire's multiplication; draws again in the sliver that would favour small numbers.
        uint threshold = (uint)(-bound) % (uint)bound;
        while (true)
        {
            ulong product = (ulong)(uint)(Draw() >> 32) * (uint)bound;
            if ((uint)product >= threshold)
                return (int)(product >> 32);
        }
    }

    private ulong Draw()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
