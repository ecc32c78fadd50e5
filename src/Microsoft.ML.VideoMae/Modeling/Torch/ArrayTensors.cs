// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Tensors over arrays, without a copy: <c>torch.tensor</c> makes one even of a <see cref="Memory{T}"/>, which costs as much as reading the
/// clips.
/// </summary>
internal static class ArrayTensors
{
    /// <summary>
    /// A tensor that shares a part of an array, which is pinned until the last tensor over it is disposed of, and has to stay as it is
    /// until then.
    /// </summary>
    /// <param name="values">The part; it may have room for more than the shape.</param>
    /// <param name="shape">The shape.</param>
    public static Tensor Share(ArraySegment<float> values, params long[] shape)
    {
        long length = 1;
        foreach (long size in shape)
            length *= size;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, values.Count, nameof(shape));
        return frombuffer(values.Array!, ScalarType.Float32, length, values.Offset).view(shape);
    }
}
