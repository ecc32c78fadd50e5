// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Fits a patch embedding [D, C, t, h, w] to another number of channels, so that an input whose channels all hold the same picture gives
/// about the same tokens as before: one channel gets the sum of the kernels, others their repetition scaled by old / new.
/// </summary>
internal static class ChannelAdaptation
{
    internal static bool Applies(StoredTensor stored, long[] shape) =>
        stored.Shape.Length == 5 && shape.Length == 5 && stored.Shape[1] != shape[1] && stored.Shape[1] > 0
        && stored.Shape.Where((_, i) => i != 1).SequenceEqual(shape.Where((_, i) => i != 1));

    internal static StoredTensor Adapt(StoredTensor stored, long channels) => new(ScalarType.Float32, [stored.Shape[0], channels, .. stored.Shape.Skip(2)], () =>
    {
        using var scope = NewDisposeScope();
        Tensor kernel = stored.Load().to(ScalarType.Float32); // [D, C, t, h, w]
        long old = stored.Shape[1];
        if (channels == 1)
            return kernel.sum([1], keepdim: true).MoveToOuterDisposeScope();
        Tensor index = KeptScalars.Range(channels, CPU).Modulo(old);
        return kernel.index_select(1, index).Times((double)old / channels).MoveToOuterDisposeScope();
    });
}
