// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>The filter functions of Pillow's <c>Resample.c</c>, and half their width in source pixels.</summary>
internal static class ResampleKernel
{
    public static double Support(Resampling resampling) => resampling switch
    {
        Resampling.Bilinear => 1,
        Resampling.Bicubic => 2,
        Resampling.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Nearest has no kernel."),
    };

    public static double Weight(Resampling resampling, double x) => resampling switch
    {
        Resampling.Bilinear => Triangle(Math.Abs(x)),
        Resampling.Bicubic => Cubic(Math.Abs(x)),
        Resampling.Lanczos => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(resampling), resampling, "Nearest has no kernel."),
    };

    private static double Triangle(double x) => x < 1 ? 1 - x : 0;

    private static double Cubic(double x)
    {
        const double A = -0.5;
        if (x < 1)
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }

    private static double Sinc(double x)
    {
        if (x == 0)
            return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
