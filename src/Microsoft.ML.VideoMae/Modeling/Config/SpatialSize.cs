// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Globalization;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>A height and a width in pixels. A single number stands for a square: <c>SpatialSize size = 224;</c>.</summary>
/// <param name="Height">The height in pixels.</param>
/// <param name="Width">The width in pixels.</param>
public readonly record struct SpatialSize(int Height, int Width)
{
    /// <summary>A square.</summary>
    /// <param name="side">Its height and width in pixels.</param>
    public static implicit operator SpatialSize(int side) => new(side, side);

    /// <summary>Whether height and width are equal.</summary>
    public bool IsSquare => Height == Width;

    /// <summary>Height x width.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");
}
