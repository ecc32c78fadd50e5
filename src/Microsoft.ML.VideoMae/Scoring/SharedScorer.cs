// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// Counts who uses a scorer: its transformer, and every cursor and prediction engine made from that. Native memory is freed when
/// the last of them is disposed, so that disposing one engine never takes the weights from another.
/// </summary>
internal sealed class SharedScorer : IDisposable
{
    private readonly string _owner;
    private readonly ClipScorer _scorer;
    private readonly Lock _gate = new();
    private int _users = 1;
    private bool _closed;

    /// <param name="owner">The name of the transformer, for messages.</param>
    /// <param name="scorer">The scorer, which is this object's from now on.</param>
    public SharedScorer(string owner, ClipScorer scorer)
    {
        _owner = owner;
        _scorer = scorer;
    }

    /// <summary>The scorer, kept alive until the lease is disposed.</summary>
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
            _scorer.Dispose();
    }

    /// <summary>One user's claim.</summary>
    /// <remarks>
    /// ML.NET's prediction engines never let go of the row that they read their predictions from, even where they are disposed of. So the claim of an
    /// engine ends when the engine is collected; <see cref="NativeMemory"/> sees to it that this is soon.
    /// </remarks>
    public sealed class Lease(SharedScorer owner) : IDisposable
    {
        private int _disposed;

        /// <summary>Lets the claim of a forgotten engine go.</summary>
        ~Lease() => Dispose();

        /// <summary>The scorer.</summary>
        public ClipScorer Value => owner._scorer;

        /// <summary>Lets the claim go; a second call does nothing.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                owner.Release();
            GC.SuppressFinalize(this);
        }
    }
}
