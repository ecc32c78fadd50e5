// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>The powers of 2 of 16 numbers: exp(x) is that of x / ln 2, where a factor stands before x anyhow.</summary>
internal static class PowerOfTwo
{
    // Below it, a 32-bit number of full precision cannot say what is left.
    private const float Least = -126;
    private const int Bias = 127, FractionBits = 23;

    /// <summary>
    /// 2^x of numbers up to 127, by the polynomial of the Cephes library (Moshier, exp2f): within 2e-7, relatively. What is not a number
    /// stays so.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Of(Vector512<float> x)
    {
        x = Vector512.MaxNative(Vector512.Create(Least), x);
        Vector512<float> n = Vector512.Round(x), r = x - n; // From -0.5 to 0.5.
        Vector512<float> p = Vector512.Create(1.535336188319500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.339887440266574e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(9.618437357674640e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.550332471162809e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.402264791363012e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(6.931472028550421e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        if (Avx512F.IsSupported)
            return Avx512F.Scale(p, n);
        Vector512<int> power = Vector512.ConvertToInt32Native(n) + Vector512.Create(Bias);
        return p * (power << FractionBits).AsSingle();
    }
}
