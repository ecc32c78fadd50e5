// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Whose arithmetic the image processor follows. The two differ by one 8-bit level in 10 to 19 % of the pixels.</summary>
public enum ProcessorBackend
{
    /// <summary>
    /// Pillow and numpy: fixed-point resize that rounds to 8 bits between its horizontal and its vertical pass. What published
    /// checkpoints were made with, and the default.
    /// </summary>
    Pillow,

    /// <summary>
    /// torchvision on tensors: resize in float32, rounded once; crop offsets are rounded down; one fused subtraction and division.
    /// </summary>
    Torchvision,

    /// <summary>As <see cref="Torchvision"/>, with the crop rule of its older releases: offsets are rounded half to even.</summary>
    TorchvisionRoundCrop,
}
