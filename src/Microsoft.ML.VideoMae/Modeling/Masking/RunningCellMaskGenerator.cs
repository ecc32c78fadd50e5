// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Modeling.Masking;

/// <summary>
/// The decoder mask of VideoMAE V2 (Wang et al., 2023): every 2x2 cell of patches shows the same pattern, which moves on by one patch from
/// frame to frame, so that every place is reconstructed in some frame. Of the 4 patches of a cell, 4 * ratio are left out.
/// </summary>
/// <remarks>
/// True means left out: the tokens to reconstruct, for <see cref="VideoMaeForPreTraining.forward"/>, are the negation. The phase of the
/// pattern is drawn for each clip.
/// </remarks>
public sealed class RunningCellMaskGenerator : MaskGenerator
{
    private const int CellPatches = 4;

    private readonly int _perCell;

    /// <summary>A generator of masks for clips of a model.</summary>
    /// <param name="config">The model's configuration; its patches must have an even number of rows and columns.</param>
    /// <param name="maskRatio">The share of tokens to leave out: 0.25, 0.5 or 0.75. The default value is 0.5.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    /// <exception cref="ArgumentException">The ratio is another one, or the patches do not divide into cells.</exception>
    public RunningCellMaskGenerator(VideoMaeConfig config, double maskRatio = 0.5, ulong seed = 0) : base(config, maskRatio, seed)
    {
        _perCell = (int)(maskRatio * CellPatches);
        if (_perCell != maskRatio * CellPatches)
            throw new ArgumentException(
                $"The mask ratio is {maskRatio}; a cell of 2x2 patches allows 0.25, 0.5 and 0.75.", nameof(maskRatio));
        if (Rows % 2 != 0 || Columns % 2 != 0)
            throw new ArgumentException($"A frame has {Rows}x{Columns} patches; cells of 2x2 need even numbers of them.", nameof(config));
    }

    /// <inheritdoc/>
    public override int MaskedPerClip => Frames * PatchesPerFrame * _perCell / CellPatches;

    private protected override void Fill(Span<bool> mask)
    {
        int phase = Below(CellPatches);
        for (int i = 0; i < mask.Length; i++)
        {
            int frame = i / PatchesPerFrame, row = i % PatchesPerFrame / Columns, column = i % Columns;
            int place = (row % 2 * 2) + (column % 2); // Of the patch in its cell, counted row by row.
            mask[i] = (place + phase + frame) % CellPatches < _perCell;
        }
    }
}
