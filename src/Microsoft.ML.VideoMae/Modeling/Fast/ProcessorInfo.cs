// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>Names the processor, for messages about what it computes.</summary>
internal static class ProcessorInfo
{
    private const int BrandLeaf = unchecked((int)0x80000002);
    private const int HighestExtendedLeaf = unchecked((int)0x80000000);
    private const int BrandLeaves = 3;

    /// <summary>The name that the processor gives itself, and the instruction sets that matter here.</summary>
    internal static string Description { get; } = $"{Brand()} ({string.Join(", ", InstructionSets())})";

    private static string Brand()
    {
        // 16 characters in each of three leaves, as every x86 processor of this century has them.
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(HighestExtendedLeaf, 0).Eax < unchecked((uint)BrandLeaf) + BrandLeaves - 1)
            return RuntimeInformation.ProcessArchitecture.ToString();
        var text = new StringBuilder();
        for (int leaf = 0; leaf < BrandLeaves; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(BrandLeaf + leaf, 0);
            text.Append(Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([a, b, c, d])));
        }

        return text.ToString().Trim('\0', ' ');
    }

    private static IEnumerable<string> InstructionSets()
    {
        yield return Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2";
        if (BFloat16Support.IsFast)
            yield return "BFloat16";
    }
}
