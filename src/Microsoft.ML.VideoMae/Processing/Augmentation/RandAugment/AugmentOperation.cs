// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>The operations RandAugment draws from.</summary>
internal enum AugmentOperation
{
    AutoContrast,
    Equalize,
    Invert,
    Rotate,
    Posterize,
    Solarize,
    SolarizeAdd,
    Color,
    Contrast,
    Brightness,
    Sharpness,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
}

/// <summary>From RandAugment's magnitude, 0 to 10, to the argument of an operation: the tables of timm and the original VideoMAE.</summary>
internal static class AugmentLevels
{
    /// <summary>
    /// The argument: degrees, bits, a threshold, an addend, a factor, or a share of the frame. 0 for operations without one.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="magnitude">From 0 to 10.</param>
    /// <param name="increasing">Whether posterize, solarize and the enhancements grow stronger with the magnitude.</param>
    /// <param name="negative">The sign, for operations that have two directions.</param>
    public static double Argument(AugmentOperation operation, double magnitude, bool increasing, bool negative)
    {
        double level = magnitude / RandAugmentPolicy.MaxMagnitude;
        double signed = negative ? -level : level;
        int bits = (int)(level * 4);
        int threshold = (int)(level * 256);
        return operation switch
        {
            AugmentOperation.Rotate => signed * 30,
            AugmentOperation.ShearX or AugmentOperation.ShearY => signed * 0.3,
            AugmentOperation.TranslateX or AugmentOperation.TranslateY => signed * 0.45,
            AugmentOperation.Posterize => increasing ? 4 - bits : bits,
            AugmentOperation.Solarize => increasing ? 256 - threshold : threshold,
            AugmentOperation.SolarizeAdd => (int)(level * 110),
            AugmentOperation.Color or AugmentOperation.Contrast or AugmentOperation.Brightness or AugmentOperation.Sharpness =>
                increasing ? 1 + signed * 0.9 : level * 1.8 + 0.1,
            _ => 0,
        };
    }
}
