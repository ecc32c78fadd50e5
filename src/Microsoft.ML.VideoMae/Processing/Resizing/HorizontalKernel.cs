// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <param name="planes">[3, planeStride]: the source row as red, green and blue.</param>
    /// <param name="planeStride">The distance between planes: the needed columns plus <see cref="Padding"/>.</param>
    /// <param name="destination">[3, stride].</param>
    /// <param name="stride">The output width rounded up to 16.</param>
    public abstract void Run(ReadOnlySpan<byte> planes, int planeStride, Span<byte> destination, int stride);

    /// <summary>The fastest kernel for given weights; all give the same bytes.</summary>
    /// <param name="weights">The weights of every output.</param>
    /// <param name="firstColumn">The source column that is byte 0 of a plane.</param>
    /// <param name="simd">The widest vectors to use.</param>
    public static HorizontalKernel Create(ResampleWeights weights, int firstColumn, SimdLevel simd)
    {
        HorizontalKernel? kernel = null;
        if (simd >= SimdLevel.Vector512 && Avx512Vbmi.IsSupported)
            kernel = PermuteKernel.TryCreate(weights, firstColumn);
        else if (simd >= SimdLevel.Vector128 && Vector128.IsHardwareAccelerated)
            kernel = ShuffleKernel.TryCreate(weights, firstColumn, simd);
        return kernel ?? new DotKernel(weights, firstColumn, simd);
    }
}
