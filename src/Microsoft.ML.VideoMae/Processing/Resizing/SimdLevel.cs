// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>The widest vectors a kernel may use. Every level gives the same bits; tests ask for the lower ones.</summary>
/// <remarks>
/// Kernels are compiled in full at once (<c>AggressiveOptimization</c>): a row is too short for the runtime to replace the method
/// meanwhile, and before that the first clips of a process, or its first second, would run code without optimisation, several times slower.
/// </remarks>
internal enum SimdLevel
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}

internal static class Simd
{
    /// <summary>The widest level this machine has. 512 bits need byte permutes across the register (AVX-512 VBMI).</summary>
    public static readonly SimdLevel Best =
        Avx512Vbmi.IsSupported && Avx512BW.IsSupported ? SimdLevel.Vector512
        : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256
        : Vector128.IsHardwareAccelerated ? SimdLevel.Vector128
        : SimdLevel.Scalar;

    /// <summary>The level asked for, or the machine's best where that is lower.</summary>
    public static SimdLevel AtMost(SimdLevel wanted) => wanted < Best ? wanted : Best;
}
