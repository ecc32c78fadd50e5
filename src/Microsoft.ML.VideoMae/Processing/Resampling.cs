// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>
/// How pixels between source pixels are computed. The numbers are Pillow's, as stored in <c>preprocessor_config.json</c>.
/// </summary>
public enum Resampling
{
    /// <summary>The nearest source pixel; no antialiasing.</summary>
    Nearest = 0,

    /// <summary>A windowed sinc over three pixels to each side.</summary>
    Lanczos = 1,

    /// <summary>A triangle over one pixel to each side. The default of VideoMAE's processor.</summary>
    Bilinear = 2,

    /// <summary>A cubic (a = -0.5) over two pixels to each side.</summary>
    Bicubic = 3,
}
