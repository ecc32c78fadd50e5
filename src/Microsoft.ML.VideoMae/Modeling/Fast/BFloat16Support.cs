// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Whether the processor multiplies numbers of 16 bits faster than those of 32.</summary>
internal static class BFloat16Support
{
    private const string Lack = "this processor has no instructions for BFloat16 (AVX512-BF16 or AMX-BF16)";

    /// <summary>Whether it has AVX512-BF16 or AMX-BF16, and the operating system lets programs use AVX-512.</summary>
    internal static bool IsFast { get; } = Detect();

    /// <summary>Whether products are computed in BFloat16 on this processor.</summary>
    internal static bool IsChosen(ComputePrecision precision) =>
        precision == ComputePrecision.BFloat16 || (precision == ComputePrecision.Auto && IsFast);

    /// <summary>
    /// What a precision leads to on this processor, in a sentence, and whether it is slow; null for the default.
    /// </summary>
    internal static (string Text, bool IsSlow)? Describe(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Float32 => null,
        _ when IsFast => ("Products are computed in BFloat16.", false),
        ComputePrecision.Auto => ($"Products are computed in Float32: {Lack}.", false),
        _ => ($"BFloat16 was asked for, but {Lack}: it takes several times as long as Float32. Float32 or Auto is faster here.", true),
    };

    private static bool Detect()
    {
        if (!Avx512F.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        bool amx = (X86Base.CpuId(7, 0).Edx >> 22 & 1) != 0;
        return amx || (X86Base.CpuId(7, 1).Eax >> 5 & 1) != 0;
    }
}
