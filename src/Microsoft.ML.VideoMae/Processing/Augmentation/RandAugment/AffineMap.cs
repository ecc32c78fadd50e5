// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>From a pixel of the result to its place in the source: x' = A x + B y + C, y' = D x + E y + F.</summary>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F)
{
    public static AffineMap ShearX(double factor) => new(1, factor, 0, 0, 1, 0);

    public static AffineMap ShearY(double factor) => new(1, 0, 0, factor, 1, 0);

    public static AffineMap Translate(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>Counter-clockwise about the centre.</summary>
    public static AffineMap Rotate(double degrees, int height, int width)
    {
        double angle = -degrees * (Math.PI / 180);
        double cos = Math.Round(Math.Cos(angle), 15);
        double sin = Math.Round(Math.Sin(angle), 15);
        double x = width / 2.0;
        double y = height / 2.0;
        return new AffineMap(cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y);
    }
}
