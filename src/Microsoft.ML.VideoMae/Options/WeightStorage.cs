// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How the weights are stored in a model's .zip. Models compute in 32 bits whatever they are stored in.</summary>
public enum WeightStorage
{
    /// <summary>32 bits: exactly as trained.</summary>
    Float32,

    /// <summary>16 bits with 11 bits of precision: half the size. Values above 65504 are refused.</summary>
    Float16,

    /// <summary>16 bits with 8 bits of precision and the range of 32 bits: half the size.</summary>
    BFloat16,
}
