// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How the clips of a batch are mixed with each other. The defaults are those of the original VideoMAE's fine-tuning.</summary>
internal sealed record MixupOptions
{
    /// <summary>Mixup's alpha: weights are drawn from Beta(alpha, alpha). 0 switches mixup off.</summary>
    /// <value>The default is 0.8.</value>
    public double MixupAlpha { get; init; } = 0.8;

    /// <summary>Cutmix's alpha. 0 switches cutmix off.</summary>
    /// <value>The default is 1.</value>
    public double CutmixAlpha { get; init; } = 1;

    /// <summary>
    /// The smallest and largest share of height and width that cutmix replaces, instead of
    /// drawing the area with <see cref="CutmixAlpha"/>; null for the latter.
    /// </summary>
    /// <value>The default is null.</value>
    public (double Min, double Max)? CutmixMinMax { get; init; }

    /// <summary>How probable it is that anything is mixed.</summary>
    /// <value>The default is 1.</value>
    public double Probability { get; init; } = 1;

    /// <summary>How probable cutmix is where both are on.</summary>
    /// <value>The default is 0.5.</value>
    public double SwitchProbability { get; init; } = 0.5;

    /// <summary>What shares one draw.</summary>
    /// <value>The default is <see cref="MixupMode.Batch"/>.</value>
    public MixupMode Mode { get; init; } = MixupMode.Batch;

    /// <summary>Whether anything is mixed at all.</summary>
    public bool IsActive => (MixupAlpha > 0 || UsesCutmix) && Probability > 0;

    internal bool UsesCutmix => CutmixAlpha > 0 || CutmixMinMax is not null;

    // As in the original, shares take the place of an area and force alpha to 1.
    internal double EffectiveCutmixAlpha => CutmixMinMax is null ? CutmixAlpha : 1;

    internal void ThrowIfInvalid()
    {
        var problems = new ProblemList();
        problems.Require(MixupAlpha is >= 0 and <= 1000, $"MixupAlpha is {MixupAlpha}; it must be from 0 (off) to 1000.");
        problems.Require(CutmixAlpha is >= 0 and <= 1000, $"CutmixAlpha is {CutmixAlpha}; it must be from 0 (off) to 1000.");
        if (CutmixMinMax is (double min, double max))
            problems.Require(
                min >= 0 && min < max && max <= 1, $"CutmixMinMax is {min} to {max}; it must be an increasing range within 0 to 1.");
        problems.Range(nameof(Probability), Probability, 0, 1);
        problems.Range(nameof(SwitchProbability), SwitchProbability, 0, 1);
        problems.Defined(nameof(Mode), Mode);
        problems.ThrowIfAny("The mixup settings are invalid");
    }
}

/// <summary>What shares one draw of mixup or cutmix.</summary>
public enum MixupMode
{
    /// <summary>All clips of a batch.</summary>
    Batch,

    /// <summary>A clip and its partner.</summary>
    Pair,

    /// <summary>Nothing: every clip is mixed in its own way.</summary>
    Element,
}
