// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// RandAugment (Cubuk et al., 2019, arXiv:1909.13719) as the original VideoMAE does it: some random operations of random sign and
/// strength, the same ones for all frames of a clip.
/// </summary>
internal sealed class RandAugment(RandAugmentPolicy policy, Resampling resampling)
{
    private const double Probability = 0.5;

    private static readonly AugmentOperation[] s_operations = Enum.GetValues<AugmentOperation>();

    /// <summary>Draws operations and does them.</summary>
    public void Apply(MutableClip clip, Random random)
    {
        // All are drawn before any is done, as in the original; the same one may come more than once.
        var drawn = new AugmentOperation[policy.Layers];
        for (int i = 0; i < drawn.Length; i++)
            drawn[i] = s_operations[random.Next(s_operations.Length)];
        foreach (AugmentOperation operation in drawn)
        {
            if (random.NextDouble() > Probability)
                continue;
            double magnitude = policy.Magnitude + (policy.MagnitudeStd > 0 ? policy.MagnitudeStd * random.Gaussian() : 0);
            double argument = AugmentLevels.Argument(
                operation, Math.Clamp(magnitude, 0, RandAugmentPolicy.MaxMagnitude), policy.Increasing, negative: random.Next(2) == 1);
            Do(clip, operation, argument, resampling);
        }
    }

    /// <summary>Does one operation with an argument of <see cref="AugmentLevels"/>.</summary>
    public static void Do(MutableClip clip, AugmentOperation operation, double argument, Resampling resampling)
    {
        switch (operation)
        {
            case AugmentOperation.AutoContrast: LookupOperations.AutoContrast(clip); break;
            case AugmentOperation.Equalize: LookupOperations.Equalize(clip); break;
            case AugmentOperation.Invert: LookupOperations.Invert(clip); break;
            case AugmentOperation.Posterize: LookupOperations.Posterize(clip, (int)argument); break;
            case AugmentOperation.Solarize: LookupOperations.Solarize(clip, (int)argument); break;
            case AugmentOperation.SolarizeAdd: LookupOperations.SolarizeAdd(clip, (int)argument); break;
            case AugmentOperation.Color: EnhanceOperations.Color(clip, (float)argument); break;
            case AugmentOperation.Contrast: EnhanceOperations.Contrast(clip, (float)argument); break;
            case AugmentOperation.Brightness: EnhanceOperations.Brightness(clip, (float)argument); break;
            case AugmentOperation.Sharpness: EnhanceOperations.Sharpness(clip, (float)argument); break;
            case AugmentOperation.Rotate:
                AffineOperations.Apply(clip, AffineMap.Rotate(argument, clip.Height, clip.Width), resampling);
                break;
            case AugmentOperation.ShearX: AffineOperations.Apply(clip, AffineMap.ShearX(argument), resampling); break;
            case AugmentOperation.ShearY: AffineOperations.Apply(clip, AffineMap.ShearY(argument), resampling); break;
            case AugmentOperation.TranslateX:
                AffineOperations.Apply(clip, AffineMap.Translate(argument * clip.Width, 0), resampling);
                break;
            case AugmentOperation.TranslateY:
                AffineOperations.Apply(clip, AffineMap.Translate(0, argument * clip.Height), resampling);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation.");
        }
    }
}

/// <summary>The settings of RandAugment, in the notation of timm and the original VideoMAE: <c>rand-m7-n4-mstd0.5-inc1</c>.</summary>
/// <param name="Magnitude">How strong operations are, from 0 to 10 (<c>m</c>; default 10).</param>
/// <param name="Layers">How many operations are drawn, each of which is then done with probability 0.5 (<c>n</c>; default 2).</param>
/// <param name="MagnitudeStd">The standard deviation of the magnitude (<c>mstd</c>; default 0).</param>
/// <param name="Increasing">Whether all operations grow stronger with the magnitude (<c>inc</c>; default false).</param>
internal sealed record RandAugmentPolicy(double Magnitude, int Layers, double MagnitudeStd, bool Increasing)
{
    public const double MaxMagnitude = 10;

    /// <exception cref="FormatException">The text is not a policy; the message lists what is wrong.</exception>
    public static RandAugmentPolicy Parse(string text)
    {
        string[] parts = text.Split('-');
        var problems = new List<string>();
        if (parts[0] != "rand")
            problems.Add($"it starts with '{parts[0]}' instead of 'rand'");
        var policy = new RandAugmentPolicy(MaxMagnitude, 2, 0, false);
        foreach (string part in parts.AsSpan(1))
        {
            int digits = part.AsSpan().IndexOfAnyInRange('0', '9');
            string key = digits < 0 ? part : part[..digits];
            bool valid = double.TryParse(part.AsSpan(key.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out double value);
            switch (key)
            {
                case "m" when valid && value <= MaxMagnitude:
                    policy = policy with { Magnitude = value };
                    break;
                case "n" when valid && value is >= 1 and <= 100 && value == Math.Floor(value):
                    policy = policy with { Layers = (int)value };
                    break;
                case "mstd" when valid:
                    policy = policy with { MagnitudeStd = value };
                    break;
                case "inc" when valid && value is 0 or 1:
                    policy = policy with { Increasing = value == 1 };
                    break;
                default:
                    problems.Add($"'{part}' is not one of m0 to m10, n1 to n100, mstd with a number, inc0 or inc1");
                    break;
            }
        }

        return problems.Count == 0 ? policy : throw new FormatException(
            $"'{text}' is not a RandAugment policy: {string.Join("; ", problems)}. An example is rand-m7-n4-mstd0.5-inc1.");
    }
}
