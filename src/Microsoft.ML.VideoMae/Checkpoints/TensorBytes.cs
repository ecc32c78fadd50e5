// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.VideoMae.Modeling;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Moves the bytes of CPU tensors from and to streams without a copy of the whole.</summary>
internal static class TensorBytes
{
    private const int ChunkElements = 1 << 20;
    private const long TrustedBytes = 64 << 20;

    /// <summary>Writes a tensor's elements, converted to a type, in row-major order.</summary>
    /// <exception cref="ArgumentException">A value is too large for the type; the message names the tensor.</exception>
    internal static void Write(string name, Tensor tensor, ScalarType type, Stream stream)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor values = tensor.detach().to(type).cpu().contiguous();
        if (type == ScalarType.Float16 && tensor.dtype != type
            && !values.isfinite().eq(tensor.detach().cpu().isfinite()).all().item<bool>())
            throw new ArgumentException($"'{name}' has values beyond what Float16 holds; store it as Float32 or BFloat16.", nameof(tensor));
        Write(values, stream);
    }

    /// <summary>Writes a tensor's elements in row-major order.</summary>
    internal static void Write(Tensor values, Stream stream)
    {
        foreach (Tensor chunk in Chunks(values))
        {
            using (chunk)
                stream.Write(chunk.bytes);
        }
    }

    /// <summary>
    /// Reads a tensor. Where the length of the stream is not known, a large tensor is only allocated once its bytes are there, since the
    /// size may be a lie.
    /// </summary>
    internal static Tensor Read(ScalarType type, long[] shape, long bytes, Stream stream, bool lengthKnown)
    {
        using Stream? buffered = lengthKnown || bytes <= TrustedBytes ? null : Buffer(stream, bytes);
        Tensor values = empty(shape, type == ScalarType.Bool ? ScalarType.Byte : type, CPU);
        try
        {
            Fill(values, buffered ?? stream);
            return type == ScalarType.Bool ? ToBool(values) : values;
        }
        catch
        {
            values.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor's elements into the memory it has.</summary>
    internal static void Fill(Tensor values, Stream stream)
    {
        foreach (Tensor chunk in Chunks(values))
        {
            using (chunk)
                stream.ReadExactly(chunk.bytes);
        }
    }

    private static Tensor ToBool(Tensor values)
    {
        using Tensor owned = values;
        using Tensor wrong = owned.IsAbove(1).any();
        return wrong.item<bool>() ? throw new InvalidDataException("a tensor of type BOOL holds bytes other than 0 and 1")
            : owned.to(ScalarType.Bool);
    }

    private static IEnumerable<Tensor> Chunks(Tensor values)
    {
        using Tensor flat = values.view(-1);
        for (long start = 0; start < flat.numel(); start += ChunkElements)
            yield return flat.narrow(0, start, Math.Min(ChunkElements, flat.numel() - start));
    }

    private static FileStream Buffer(Stream stream, long bytes)
    {
        FileStream file = new(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16,
            FileOptions.DeleteOnClose);
        byte[] buffer = new byte[1 << 20];
        for (long left = bytes; left > 0;)
        {
            int count = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
            {
                file.Dispose();
                throw new EndOfStreamException();
            }

            file.Write(buffer, 0, count);
            left -= count;
        }

        file.Position = 0;
        return file;
    }
}

/// <summary>Arithmetic on shapes that come from files and so may be anything.</summary>
internal static class TensorShape
{
    /// <summary>The number of elements; false where a size is negative or the product overflows.</summary>
    internal static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        count = 1;
        bool empty = false;
        foreach (long size in shape)
        {
            if (size < 0)
                return false;
            empty |= size == 0;
            if (size > 0 && count > long.MaxValue / size)
                return false;
            count *= Math.Max(size, 1);
        }

        if (empty)
            count = 0;
        return true;
    }
}
