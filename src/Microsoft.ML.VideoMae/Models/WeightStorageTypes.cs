// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>What <see cref="WeightStorage"/> means to TorchSharp.</summary>
internal static class WeightStorageTypes
{
    /// <summary>The type to store; null keeps that of the weights.</summary>
    public static ScalarType? Type(this WeightStorage storage) => storage switch
    {
        WeightStorage.Float16 => ScalarType.Float16,
        WeightStorage.BFloat16 => ScalarType.BFloat16,
        _ => null,
    };
}
