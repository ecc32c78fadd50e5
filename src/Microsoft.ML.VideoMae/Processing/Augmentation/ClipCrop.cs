// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Which part of its frames a training clip shows.</summary>
internal enum ClipCrop
{
    /// <summary>A random share of the area with a random aspect ratio: what the original fine-tunes with.</summary>
    RandomResized,

    /// <summary>1, 0.875, 0.75 or 0.66 of the shorter edge at one of 13 places: what the original pre-trains with.</summary>
    MultiScale,
}
