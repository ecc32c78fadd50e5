// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Modeling.Masking;

/// <summary>
/// Tube masking (Tong et al., 2022): the same patches are hidden in every frame, so that nothing hidden can be copied from a moment before
/// or after. Of the h * w patches of a frame, ratio * h * w are hidden, rounded down.
/// </summary>
public sealed class TubeMaskGenerator : MaskGenerator
{
    private readonly int _perFrame;

    /// <summary>A generator of masks for clips of a model.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="maskRatio">The share of patches to hide. The default value is 0.9, as in the paper.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    /// <exception cref="ArgumentException">With this ratio no patch of a frame would be hidden, or none visible.</exception>
    public TubeMaskGenerator(VideoMaeConfig config, double maskRatio = 0.9, ulong seed = 0) : base(config, maskRatio, seed)
    {
        _perFrame = (int)(maskRatio * PatchesPerFrame);
        if (_perFrame < 1 || _perFrame >= PatchesPerFrame)
            throw new ArgumentException(
                $"A mask ratio of {maskRatio} hides {_perFrame} of the {PatchesPerFrame} patches of a frame; at least one must be hidden " +
                "and one visible.",
                nameof(maskRatio));
    }

    /// <inheritdoc/>
    public override int MaskedPerClip => _perFrame * Frames;

    private protected override void Fill(Span<bool> mask)
    {
        Span<bool> first = mask[..PatchesPerFrame];
        Choose(first, _perFrame);
        for (int frame = 1; frame < Frames; frame++)
            first.CopyTo(mask[(frame * PatchesPerFrame)..]);
    }
}
