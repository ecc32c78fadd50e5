// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Whether the processor multiplies numbers of 16 bits faster than those of 32.</summary>
internal static class BFloat16Support
{
    /// <summary>What is said where a user asks for such numbers and the processor is slow with them.</summary>
    internal const string SlowNote =
        "BFloat16 was asked for, but this processor has no instructions for it (AVX512-BF16 or AMX-BF16): it takes several times as long as Float32. Float32 or Auto is faster here.";

    /// <summary>Whether it has AVX512-BF16 or AMX-BF16, and the operating system lets programs use AVX-512.</summary>
    internal static bool IsFast { get; } = Detect();

    /// <summary>What a wish means here.</summary>
    internal static bool IsChosen(ComputePrecision precision) =>
        precision == ComputePrecision.BFloat16 || (precision == ComputePrecision.Auto && IsFast);

    private static bool Detect()
    {
        if (!Avx512F.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        bool amx = (X86Base.CpuId(7, 0).Edx >> 22 & 1) != 0;
        return amx || (X86Base.CpuId(7, 1).Eax >> 5 & 1) != 0;
    }
}
