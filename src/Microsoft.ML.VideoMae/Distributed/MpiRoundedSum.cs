// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.InteropServices;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>
/// Replaces 32-bit floats by their sums over all ranks, and sends half the bytes for it: numbers travel as BFloat16.
/// </summary>
/// <remarks>
/// Each rank adds up one part of the numbers for all, as 32-bit floats, in the order of ranks, and rounds the sums once: a reduction of
/// BFloat16 by MPI itself would round after every rank. All ranks get the sums of a part from the one that added them up, so that they end
/// with the same bits. An error is at most 2^-8 of each number, and 2^-8 of the sum.
/// </remarks>
internal sealed unsafe class MpiRoundedSum : MpiExchange
{
    private readonly float* _numbers;
    private readonly int _count, _part, _size;
    private readonly nint[] _request = GC.AllocateArray<nint>(1, pinned: true);
    private ushort* _out, _in;
    private bool _isSecond;

    /// <param name="owner">Who talks to MPI.</param>
    /// <param name="address">The numbers.</param>
    /// <param name="count">How many.</param>
    public MpiRoundedSum(MpiThread owner, nint address, int count) : base(owner)
    {
        _numbers = (float*)address;
        _size = owner.Size;
        // Parts are counted in bytes, with 32 bits.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1 << 28);
        (_count, _part) = (count, (count + _size - 1) / _size);
    }

    private int Whole => _part * _size;

    /// <inheritdoc/>
    public override void Begin(MpiLibrary mpi, nint group)
    {
        _out = (ushort*)NativeMemory.Alloc((nuint)Whole, sizeof(ushort));
        _in = (ushort*)NativeMemory.Alloc((nuint)Whole, sizeof(ushort));
        BFloat16Numbers.Round(new ReadOnlySpan<float>(_numbers, _count), new Span<ushort>(_out, _count));
        new Span<ushort>(_out + _count, Whole - _count).Clear();
        int bytes = _part * sizeof(ushort);
        fixed (nint* request = _request)
            MpiLibrary.Check(mpi.Ialltoall((nint)_out, bytes, mpi.Byte, (nint)_in, bytes, mpi.Byte, group, request));
    }

    /// <inheritdoc/>
    public override bool BeginSecond(MpiLibrary mpi, nint group)
    {
        if (_isSecond)
            return true;
        if (!RequestIsOver(mpi))
            return false;
        _isSecond = true;
        AddUp();
        int bytes = _part * sizeof(ushort);
        fixed (nint* request = _request)
            MpiLibrary.Check(mpi.Iallgather((nint)_out, bytes, mpi.Byte, (nint)_in, bytes, mpi.Byte, group, request));
        return true;
    }

    /// <inheritdoc/>
    protected override bool DriveOn(MpiLibrary mpi)
    {
        if (!_isSecond || !RequestIsOver(mpi))
            return false;
        BFloat16Numbers.Widen(new ReadOnlySpan<ushort>(_in, _count), new Span<float>(_numbers, _count));
        NativeMemory.Free(_out);
        NativeMemory.Free(_in);
        return true;
    }

    /// <summary>The sums of this rank's part, at the start of what goes out. The numbers themselves have room for it meanwhile.</summary>
    private void AddUp()
    {
        var sums = new Span<float>(_numbers, _part);
        for (int rank = 0; rank < _size; rank++)
        {
            var own = new ReadOnlySpan<ushort>(_in + (rank * _part), sums.Length);
            if (rank == 0)
                BFloat16Numbers.Widen(own, sums);
            else
                BFloat16Numbers.Add(own, sums);
        }

        BFloat16Numbers.Round(sums, new Span<ushort>(_out, sums.Length));
    }

    private bool RequestIsOver(MpiLibrary mpi)
    {
        fixed (nint* request = _request)
            return mpi.IsOver(request);
    }
}
