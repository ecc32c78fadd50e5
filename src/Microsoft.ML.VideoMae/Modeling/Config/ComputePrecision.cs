// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>The numbers that a model's products are computed with. Weights, sums and normalisation stay in 32 bits.</summary>
public enum ComputePrecision
{
    /// <summary>32 bits. The default.</summary>
    Float32,

    /// <summary>
    /// 16 bits with 8 bits of precision. About half the time on processors with instructions for it (AVX512-BF16, AMX), several times the
    /// time on others: there a warning says so.
    /// </summary>
    BFloat16,

    /// <summary>
    /// <see cref="BFloat16"/> on a processor with instructions for it, <see cref="Float32"/> anywhere else, also on a GPU.
    /// </summary>
    Auto,
}

/// <summary>How attention is computed; the results are equal up to rounding.</summary>
public enum AttentionImplementation
{
    /// <summary>The fused scaled-dot-product attention of libtorch. The default.</summary>
    Sdpa,

    /// <summary>Explicit products and softmax: slower, and what attention maps are read from.</summary>
    Eager,
}
