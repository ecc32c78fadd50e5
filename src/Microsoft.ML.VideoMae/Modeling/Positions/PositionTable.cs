// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// The fixed positions of a model in the type and on the device they are asked for. Neither a parameter nor a buffer: always worked out in
/// full precision, and no key of any checkpoint.
/// </summary>
internal sealed class PositionTable(VideoMaeConfig config, int size) : IDisposable
{
    private readonly object _lock = new();
    private Tensor? _table;
    private bool _disposed;

    /// <summary>[N, size]; belongs to this object.</summary>
    internal Tensor As(Tensor like)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_table is not null
                && _table.dtype == like.dtype
                && _table.device_type == like.device_type
                && _table.device_index == like.device_index)
                return _table;
            using Tensor exact = SinusoidPositions.Table(config, size);
            Tensor converted = exact.squeeze(0).to(like.dtype, like.device, copy: true).DetachFromDisposeScope();
            _table?.Dispose();
            return _table = converted;
        }
    }

    /// <summary>Takes another model's table, whose memory is shared, for tensors of a type and place.</summary>
    internal void ShareWith(PositionTable other, Tensor like) => _table = other.As(like).alias().DetachFromDisposeScope();

    public void Dispose()
    {
        lock (_lock)
        {
            _table?.Dispose();
            _disposed = true;
        }
    }
}
