// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

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
