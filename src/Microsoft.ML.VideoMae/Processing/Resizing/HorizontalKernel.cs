// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Every output pixel of a row as the weighted sum of neighbouring source pixels, for red, green and blue alike.</summary>
/// <remarks>
/// Which pixels are needed is the same for every row, so the gathers are prepared once as byte shuffles. Where a group of
/// outputs needs more source bytes than one register holds (a strong reduction), each output is a dot product instead.
/// </remarks>
internal abstract class HorizontalKernel
{
    /// <summary>Bytes that must be readable after the last source pixel of a plane.</summary>
    public abstract int Padding { get; }

    public abstract void Run(ReadOnlySpan<byte> planes, int planeStride, Span<byte> destination, int stride);
}
