// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Modeling.Masking;

/// <summary>Hides tokens anywhere in space and time: ratio * N of the N tokens of a clip, rounded down.</summary>
public sealed class RandomMaskGenerator : MaskGenerator
{
    /// <summary>A generator of masks for clips of a model.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="maskRatio">The share of tokens to hide. The default value is 0.9.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    /// <exception cref="ArgumentException">With this ratio no token would be hidden, or none visible.</exception>
    public RandomMaskGenerator(VideoMaeConfig config, double maskRatio = 0.9, ulong seed = 0) : base(config, maskRatio, seed)
    {
        int tokens = Frames * PatchesPerFrame;
        MaskedPerClip = (int)(maskRatio * tokens);
        if (MaskedPerClip < 1 || MaskedPerClip >= tokens)
            throw new ArgumentException(
                $"A mask ratio of {maskRatio} hides {MaskedPerClip} of {tokens} tokens; at least one must be hidden and one visible.",
                nameof(maskRatio));
    }

    /// <inheritdoc/>
    public override int MaskedPerClip { get; }

    private protected override void Fill(Span<bool> mask) => Choose(mask, MaskedPerClip);
}
