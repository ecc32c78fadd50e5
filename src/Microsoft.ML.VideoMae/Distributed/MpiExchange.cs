// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>Numbers or bytes under way. The thread that talks to MPI calls all but <see cref="Wait"/>.</summary>
internal abstract unsafe class MpiExchange(MpiThread owner) : IPendingExchange
{
    private readonly ManualResetEventSlim _isOver = new(false, spinCount: 0);

    /// <summary>What has to live as long as it is under way, also where nobody waits for it any more.</summary>
    public object? Owned { get; init; }

    /// <inheritdoc/>
    public void Wait()
    {
        owner.Await(_isOver);
        _isOver.Dispose();
    }

    /// <summary>Begins.</summary>
    public abstract void Begin(MpiLibrary mpi, nint group);

    /// <summary>Begins the second part, if there is one and the first is over; false where the first is not over.</summary>
    public virtual bool BeginSecond(MpiLibrary mpi, nint group) => true;

    /// <summary>Drives it on; tells whoever waits for it when it is over.</summary>
    public bool IsOver(MpiLibrary mpi)
    {
        if (!DriveOn(mpi))
            return false;
        _isOver.Set();
        return true;
    }

    /// <summary>Whether all is done.</summary>
    protected abstract bool DriveOn(MpiLibrary mpi);
}

/// <summary>What a library's own all-reduce or broadcast does, in as many pieces as its 32-bit counts need.</summary>
/// <param name="owner">Who talks to MPI.</param>
/// <param name="address">What is replaced.</param>
/// <param name="count">How many.</param>
/// <param name="width">The bytes of each.</param>
internal abstract unsafe class MpiCollective(MpiThread owner, nint address, long count, int width) : MpiExchange(owner)
{
    private const int Most = 1 << 28;

    private readonly nint[] _requests = GC.AllocateArray<nint>((int)((count + Most - 1) / Most), pinned: true);

    /// <inheritdoc/>
    public override void Begin(MpiLibrary mpi, nint group)
    {
        fixed (nint* requests = _requests)
        {
            for (int i = 0; i < _requests.Length; i++)
            {
                nint start = address + (nint)((long)i * Most * width);
                MpiLibrary.Check(Begin(mpi, start, (int)Math.Min(Most, count - (long)i * Most), group, requests + i));
            }
        }
    }

    /// <summary>Begins a piece.</summary>
    protected abstract int Begin(MpiLibrary mpi, nint start, int length, nint group, nint* request);

    /// <inheritdoc/>
    protected override bool DriveOn(MpiLibrary mpi)
    {
        fixed (nint* requests = _requests)
        {
            for (int i = 0; i < _requests.Length; i++)
            {
                if (!mpi.IsOver(requests + i))
                    return false;
            }
        }

        return true;
    }
}

/// <summary>Replaces numbers by their sums over all ranks.</summary>
internal sealed unsafe class MpiSum(MpiThread owner, nint address, long count, bool isDouble)
    : MpiCollective(owner, address, count, isDouble ? sizeof(double) : sizeof(float))
{
    /// <inheritdoc/>
    protected override int Begin(MpiLibrary mpi, nint start, int length, nint group, nint* request) =>
        mpi.Iallreduce(mpi.InPlace, start, length, isDouble ? mpi.Double : mpi.Float, mpi.Sum, group, request);
}

/// <summary>Replaces bytes by those of one rank.</summary>
internal sealed unsafe class MpiBroadcast(MpiThread owner, nint address, long count, int from) : MpiCollective(owner, address, count, 1)
{
    /// <inheritdoc/>
    protected override int Begin(MpiLibrary mpi, nint start, int length, nint group, nint* request) =>
        mpi.Ibcast(start, length, mpi.Byte, from, group, request);
}
