// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Chooses the fastest <see cref="HorizontalKernel"/> for given weights; all give the same bytes.</summary>
internal sealed class HorizontalPass
{
    private readonly HorizontalKernel _kernel;

    /// <param name="weights">The weights of every output.</param>
    /// <param name="firstColumn">The source column that is byte 0 of a plane.</param>
    /// <param name="simd">The widest vectors to use.</param>
    public HorizontalPass(ResampleWeights weights, int firstColumn, SimdLevel simd)
    {
        HorizontalKernel? kernel = null;
        if (simd >= SimdLevel.Vector512 && Avx512Vbmi.IsSupported)
            kernel = PermuteKernel.TryCreate(weights, firstColumn);
        else if (simd >= SimdLevel.Vector128 && Vector128.IsHardwareAccelerated)
            kernel = ShuffleKernel.TryCreate(weights, firstColumn, simd);
        _kernel = kernel ?? new DotKernel(weights, firstColumn, simd);
    }

    /// <inheritdoc cref="HorizontalKernel.Padding"/>
    public int Padding => _kernel.Padding;

    /// <param name="planes">[3, planeStride]: the source row as red, green and blue.</param>
    /// <param name="planeStride">The distance between planes: the needed columns plus <see cref="Padding"/>.</param>
    /// <param name="destination">[3, stride].</param>
    /// <param name="stride">The output width rounded up to 16.</param>
    public void Run(ReadOnlySpan<byte> planes, int planeStride, Span<byte> destination, int stride) =>
        _kernel.Run(planes, planeStride, destination, stride);
}
