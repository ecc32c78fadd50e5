// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A tensor of a checkpoint that is known by type and shape and read when asked for.</summary>
internal sealed class StoredTensor(ScalarType type, long[] shape, Func<Tensor> load)
{
    internal ScalarType Type { get; } = type;

    internal long[] Shape { get; } = shape;

    /// <summary>Reads the values; the tensor belongs to the caller.</summary>
    internal Tensor Load() => load();

    /// <summary>One of <paramref name="count"/> equal parts of the rows.</summary>
    internal StoredTensor Part(int index, int count)
    {
        if (count == 1)
            return this;
        long rows = Shape[0] / count;
        return new StoredTensor(Type, [rows, .. Shape.Skip(1)], () =>
        {
            using Tensor whole = load();
            using Tensor part = whole.narrow(0, index * rows, rows);
            return part.clone();
        });
    }

    public override string ToString() => $"{Type} {ModelInputs.Text(Shape)}";
}
