// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>
/// Counts who uses a model: its transformer, and every cursor and prediction engine made from that. Native memory is freed when
/// the last of them is disposed, so that disposing one engine never takes the weights from another.
/// </summary>
internal sealed class SharedModel : IDisposable
{
    private readonly string _owner;
    private readonly VideoModel _model;
    private readonly Lock _gate = new();
    private int _users = 1;
    private bool _closed;

    /// <param name="owner">The name of the transformer, for messages.</param>
    /// <param name="model">The model, which is this object's from now on.</param>
    public SharedModel(string owner, VideoModel model)
    {
        _owner = owner;
        _model = model;
    }

    /// <summary>The model, kept alive until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The transformer has been disposed.</exception>
    public Lease Rent()
    {
        lock (_gate)
        {
            if (_closed)
                throw new ObjectDisposedException(_owner, $"This {_owner} has been disposed: load or train the model again.");
            _users++;
            return new Lease(this);
        }
    }

    /// <summary>Lets the transformer's own claim go; a second call does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
        }

        Release();
    }

    private void Release()
    {
        bool last;
        lock (_gate)
            last = --_users == 0;
        if (last)
            _model.Dispose();
    }

    /// <summary>One user's claim.</summary>
    /// <remarks>
    /// ML.NET's prediction engines never let go of the row that they read their predictions from, even where they are disposed of. So the
    /// claim of an engine ends when the engine is collected; <see cref="NativeMemory"/> sees to it that this is soon.
    /// </remarks>
    public sealed class Lease(SharedModel owner) : IDisposable
    {
        private int _disposed;

        /// <summary>Lets the claim of a forgotten engine go.</summary>
        ~Lease() => Dispose();

        /// <summary>The model.</summary>
        public VideoModel Value => owner._model;

        /// <summary>Lets the claim go; a second call does nothing.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                owner.Release();
            GC.SuppressFinalize(this);
        }
    }
}

/// <summary>
/// Tells the garbage collector of memory that it does not see. Models that nobody disposes of (those of an engine pool that has loaded a
/// newer one, say) would stay otherwise: the objects that hold them are small.
/// </summary>
internal sealed class NativeMemory : IDisposable
{
    private readonly long _bytes;

    /// <param name="bytes">How much there is, above 0.</param>
    public NativeMemory(long bytes)
    {
        _bytes = bytes;
        GC.AddMemoryPressure(bytes);
    }

    /// <summary>It was freed with the object that held this one.</summary>
    ~NativeMemory() => GC.RemoveMemoryPressure(_bytes);

    /// <summary>It was freed.</summary>
    public void Dispose()
    {
        GC.RemoveMemoryPressure(_bytes);
        GC.SuppressFinalize(this);
    }
}
