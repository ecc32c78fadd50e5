// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// How clips are varied in training. The ranges of crop and flip are those of the original VideoMAE's fine-tuning; its RandAugment
/// (rand-m7-n4-mstd0.5-inc1) and random erasing (probability 0.25) are off unless asked for.
/// </summary>
internal sealed record ClipAugmenterOptions
{
    /// <summary>Which part of the frames a clip shows. The ranges below are those of <see cref="ClipCrop.RandomResized"/>.</summary>
    /// <value>The default is <see cref="ClipCrop.RandomResized"/>.</value>
    public ClipCrop Crop { get; init; } = ClipCrop.RandomResized;

    /// <summary>The smallest of the scales of <see cref="ClipCrop.MultiScale"/>.</summary>
    /// <value>The default is 0.66, the original's.</value>
    public double SmallestEdge { get; init; } = MultiScaleCrop.SmallestScale;

    /// <summary>The smallest share of a frame's area that a random crop has.</summary>
    /// <value>The default is 0.08.</value>
    public double MinScale { get; init; } = 0.08;

    /// <summary>The largest share of a frame's area that a random crop has.</summary>
    /// <value>The default is 1.</value>
    public double MaxScale { get; init; } = 1;

    /// <summary>The smallest ratio of a random crop's width to its height.</summary>
    /// <value>The default is 3/4.</value>
    public double MinRatio { get; init; } = 0.75;

    /// <summary>The largest ratio of a random crop's width to its height.</summary>
    /// <value>The default is 4/3.</value>
    public double MaxRatio { get; init; } = 4.0 / 3.0;

    /// <summary>How far a clip is shifted at most, as a share of its height and width; what comes in is mirrored at the edge.</summary>
    /// <value>The default is 0: no shift.</value>
    public double MaxShift { get; init; }

    /// <summary>
    /// How much lighter, darker, richer or poorer in contrast a clip gets at most: values are multiplied by 1 plus or minus this, and a third
    /// of it is added or taken away.
    /// </summary>
    /// <value>The default is 0: brightness stays.</value>
    public double Brightness { get; init; }

    /// <summary>How probable it is that a clip is flipped left to right. Use 0 where classes differ in direction.</summary>
    /// <value>The default is 0.5.</value>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>
    /// A RandAugment policy such as <c>rand-m7-n4-mstd0.5-inc1</c> (magnitude 7 of 10, 4
    /// operations, standard deviation 0.5, all increasing), or null.
    /// </summary>
    /// <value>The default is null: no RandAugment.</value>
    public string? RandAugment { get; init; }

    /// <summary>The kernel of RandAugment's rotations, shears and shifts: bilinear or bicubic.</summary>
    /// <value>The default is <see cref="Resampling.Bicubic"/>.</value>
    public Resampling RandAugmentResample { get; init; } = Resampling.Bicubic;

    /// <summary>How probable it is that a rectangle is erased from a clip.</summary>
    /// <value>The default is 0.</value>
    public double ErasingProbability { get; init; }

    /// <summary>What takes the place of what is erased.</summary>
    /// <value>The default is <see cref="ErasingMode.Pixel"/>.</value>
    public ErasingMode ErasingMode { get; init; } = ErasingMode.Pixel;

    /// <summary>The largest number of rectangles; with more than one, the first 1/n of the frames are spared, as in the original.</summary>
    /// <value>The default is 1.</value>
    public int ErasingCount { get; init; } = 1;

    internal CropRanges Ranges => new(MinScale, MaxScale, MinRatio, MaxRatio);

    internal RandAugmentPolicy? Policy() => RandAugment is null ? null : RandAugmentPolicy.Parse(RandAugment);

    internal void ThrowIfInvalid()
    {
        var problems = new ProblemList();
        problems.Require(
            MinScale > 0 && MinScale <= MaxScale && MaxScale <= 1,
            $"the scale is from {MinScale} to {MaxScale}; it must be an increasing range within (0, 1].");
        problems.Require(
            MinRatio > 0 && MinRatio <= MaxRatio && double.IsFinite(MaxRatio),
            $"the ratio is from {MinRatio} to {MaxRatio}; it must be an increasing range of positive numbers.");
        problems.Range(nameof(MaxShift), MaxShift, 0, 0.5);
        problems.Range(nameof(Brightness), Brightness, 0, 0.9);
        problems.Range(nameof(FlipProbability), FlipProbability, 0, 1);
        problems.Defined(nameof(Crop), Crop);
        problems.Require(
            RandAugmentResample is Resampling.Bilinear or Resampling.Bicubic,
            $"RandAugmentResample is {RandAugmentResample}; it must be Bilinear or Bicubic.");
        problems.Range(nameof(ErasingProbability), ErasingProbability, 0, 1);
        problems.Defined(nameof(ErasingMode), ErasingMode);
        problems.Range(nameof(ErasingCount), ErasingCount, 1, 100);
        try
        {
            Policy();
        }
        catch (FormatException e)
        {
            problems.Add(e.Message);
        }

        problems.ThrowIfAny("The augmentation settings are invalid");
    }
}

/// <summary>What random erasing puts in place of what it erases. Pixel values are normalised, so 0 is the mean colour.</summary>
internal enum ErasingMode
{
    /// <summary>Normal noise, another for every pixel.</summary>
    Pixel,

    /// <summary>One random colour for every frame.</summary>
    Color,

    /// <summary>Zero.</summary>
    Constant,
}

/// <summary>Which part of its frames a training clip shows.</summary>
internal enum ClipCrop
{
    /// <summary>A random share of the area with a random aspect ratio: what the original fine-tunes with.</summary>
    RandomResized,

    /// <summary>1, 0.875, 0.75 or 0.66 of the shorter edge at one of 13 places: what the original pre-trains with.</summary>
    MultiScale,
}
