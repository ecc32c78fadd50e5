// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Fast;

/// <summary>
/// What scoring needs of an encoder: tokens of whole clips, without gradients. May be called from several threads at once.
/// </summary>
internal interface IClipEncoder : IDisposable
{
    /// <summary>The encoder's tokens, [B, N, D] in 32 bits, for clips [B, T, C, H, W].</summary>
    /// <param name="pixelValues">The clips.</param>
    /// <param name="blocks">After how many blocks, without what normalises the last; null means after all, with it.</param>
    Tensor Tokens(Tensor pixelValues, int? blocks = null);

    /// <summary>The tokens at several places, each as <see cref="Tokens"/> gives them, at the cost of the last place.</summary>
    /// <param name="pixelValues">The clips.</param>
    /// <param name="blocks">For each place: after how many blocks, or null.</param>
    Tensor[] TokensAt(Tensor pixelValues, IReadOnlyList<int?> blocks);
}

/// <summary>The one place where an implementation of <see cref="IClipEncoder"/> is chosen.</summary>
internal static class ClipEncoder
{
    /// <summary>The fast encoder on a CPU, the model itself elsewhere.</summary>
    /// <param name="model">The model; the encoder shares weights with it, and sees no later changes of others.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="precision">The type of its products.</param>
    /// <param name="warn">Is told, in a sentence, where fast operators are not what they should be on this processor.</param>
    internal static IClipEncoder Create(
        VideoMaeForVideoClassification model, Device device, ComputePrecision precision, Action<string> warn)
    {
        bool isCpu = device.type == TorchSharp.DeviceType.CPU;
        ScalarType type =
            precision == ComputePrecision.BFloat16 || (isCpu && BFloat16Support.IsChosen(precision))
                ? ScalarType.BFloat16
                : ScalarType.Float32;
        if (type == ScalarType.Float32 && (!isCpu || !FastPaths.AreOn))
            return new ModelEncoder(model);
        // Where the processor has no instructions for it, oneDNN refuses 16 bits, and libtorch's ordinary operators do it slowly.
        bool usesOneDnn = isCpu && FastPaths.AreOn && OneDnn.IsWorthwhile && (type == ScalarType.Float32 || BFloat16Support.IsFast);
        return new FastEncoder(model.Encoder, type, usesOneDnn ? new OperatorCheck(warn) : null);
    }
}
