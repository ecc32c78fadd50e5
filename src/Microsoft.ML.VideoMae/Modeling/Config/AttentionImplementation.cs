// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>How attention is computed; the results are equal up to rounding.</summary>
public enum AttentionImplementation
{
    /// <summary>The fused scaled-dot-product attention of libtorch. The default.</summary>
    Sdpa,

    /// <summary>Explicit products and softmax: slower, and what attention maps are read from.</summary>
    Eager,
}
