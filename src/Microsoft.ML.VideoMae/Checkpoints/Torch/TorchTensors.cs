// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Lets a function read from the raw values of a storage, from an element on.</summary>
internal delegate Tensor StorageReader(TorchStorage storage, long offset, Func<Stream, Tensor> read);

/// <summary>Checks and reads the tensors a pickle describes.</summary>
internal static class TorchTensors
{
    private const int MaxDimensions = 32;

    /// <summary>The tensor that _rebuild_tensor_v2(storage, offset, size, stride, ...) stands for.</summary>
    internal static TorchTensor Rebuild(object?[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, PickleTuple size, PickleTuple stride, ..])
            throw new InvalidDataException("a tensor is not built from a storage, an offset, a size and strides");
        TorchTensor tensor = new(storage, offset, Numbers(size), Numbers(stride));
        return Fits(tensor)
            ? tensor
            : throw new InvalidDataException($"a tensor of shape [{string.Join(", ", tensor.Shape.Take(MaxDimensions))}] does not fit " +
                $"its storage of {storage.Count} values");
    }

    /// <summary>A tensor whose values are read when asked for.</summary>
    /// <param name="tensor">Its description.</param>
    /// <param name="read">Reads from the raw values of its storage.</param>
    internal static StoredTensor Stored(TorchTensor tensor, StorageReader read) =>
        new(tensor.Storage.Type, tensor.Shape, () => Read(tensor, read));

    private static Tensor Read(TorchTensor tensor, StorageReader read)
    {
        TorchStorage storage = tensor.Storage;
        if (IsContiguous(tensor))
            return read(storage, tensor.Offset, stream => Values(storage, tensor.Shape, Count(tensor), stream));
        using Tensor values = read(storage, 0, stream => Values(storage, [storage.Count], storage.Count, stream));
        using Tensor view = values.as_strided(tensor.Shape, tensor.Strides, tensor.Offset);
        return view.contiguous().clone();
    }

    private static Tensor Values(TorchStorage storage, long[] shape, long count, Stream stream) =>
        TensorBytes.Read(storage.Type, shape, count * storage.ElementSize, stream, lengthKnown: true);

    private static long[] Numbers(PickleTuple tuple) =>
        [.. tuple.Items.Select(item =>
            item is long number ? number : throw new InvalidDataException("a size or stride is no whole number"))];

    private static long Count(TorchTensor tensor) =>
        TensorShape.TryCount(tensor.Shape, out long count) ? count : throw new InvalidDataException("a tensor is too large");

    private static bool Fits(TorchTensor tensor)
    {
        // At most as many elements as the storage has values: a stride of 0 could make a huge tensor of one value.
        if (tensor.Shape.Length != tensor.Strides.Length || tensor.Shape.Length > MaxDimensions || tensor.Offset < 0
            || !TensorShape.TryCount(tensor.Shape, out long count) || count > tensor.Storage.Count)
            return false;
        if (count == 0)
            return tensor.Offset <= tensor.Storage.Count;
        UInt128 last = (UInt128)tensor.Offset;
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            if (tensor.Strides[i] < 0)
                return false;
            last += (UInt128)(tensor.Shape[i] - 1) * (UInt128)tensor.Strides[i];
        }

        return last < (UInt128)tensor.Storage.Count;
    }

    private static bool IsContiguous(TorchTensor tensor)
    {
        long expected = 1;
        for (int i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected)
                return false;
            expected *= Math.Max(tensor.Shape[i], 1);
        }

        return true;
    }
}
