// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>How clips are varied in training. The defaults are those of the original VideoMAE's fine-tuning.</summary>
public sealed record ClipAugmenterOptions
{
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

    /// <summary>How probable it is that a clip is flipped left to right. Use 0 where classes differ in direction.</summary>
    /// <value>The default is 0.5.</value>
    public double FlipProbability { get; init; } = 0.5;

    internal CropRanges Ranges => new(MinScale, MaxScale, MinRatio, MaxRatio);

    internal void ThrowIfInvalid()
    {
        var problems = new List<string>();
        if (!(MinScale > 0 && MinScale <= MaxScale && MaxScale <= 1))
            problems.Add($"the scale is from {MinScale} to {MaxScale}; it must be an increasing range within (0, 1].");
        if (!(MinRatio > 0 && MinRatio <= MaxRatio && double.IsFinite(MaxRatio)))
            problems.Add($"the ratio is from {MinRatio} to {MaxRatio}; it must be an increasing range of positive numbers.");
        if (!(FlipProbability is >= 0 and <= 1))
            problems.Add($"FlipProbability is {FlipProbability}; it must be from 0 to 1.");
        if (problems.Count > 0)
            throw new ArgumentException($"The augmentation settings are invalid:{Environment.NewLine}- {string.Join(Environment.NewLine + "- ", problems)}");
    }
}
