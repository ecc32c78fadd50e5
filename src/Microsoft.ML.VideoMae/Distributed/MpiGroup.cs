// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>The processes that an MPI launcher started together.</summary>
internal sealed unsafe class MpiGroup : ProcessGroup
{
    private readonly MpiThread _thread;
    private readonly string[] _hosts;

    private MpiGroup(MpiThread thread)
    {
        _thread = thread;
        _hosts = [Environment.MachineName];
        _hosts = [.. Gather(Encoding.UTF8.GetBytes(Environment.MachineName)).Select(Encoding.UTF8.GetString)];
        LocalRank = _hosts.Take(Rank).Count(host => host == _hosts[Rank]);
        LocalSize = _hosts.Count(host => host == _hosts[Rank]);
        thread.NameOf = NameOf;
    }

    public override int Rank => _thread.Rank;

    public override int Size => _thread.Size;

    public override int LocalRank { get; }

    public override int LocalSize { get; }

    /// <summary>Starts MPI, once in the life of a process; it ends with the process.</summary>
    /// <exception cref="InvalidOperationException">There is no library, or another one than the launcher's.</exception>
    public static MpiGroup Join()
    {
        var library = MpiLibrary.Load();
        var thread = new MpiThread(library);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => thread.End(Environment.ExitCode);
        if (Launcher.Size > 1 && thread.Size != Launcher.Size)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{Launcher.Size} processes were started together, and '{library.Name}' knows of {thread.Size}: it is the library of " +
                $"another MPI than the launcher's. Name the right file in {MpiLibrary.PathVariable}."));
        return new MpiGroup(thread);
    }

    public override IReadOnlyList<byte[]> Gather(byte[] bytes)
    {
        var lengths = new double[Size];
        lengths[Rank] = bytes.Length;
        Sum(lengths);
        byte[][] all = [.. lengths.Select((length, rank) => rank == Rank ? bytes : new byte[(int)length])];
        for (int rank = 0; rank < Size; rank++)
            Broadcast(all[rank], rank);
        return all;
    }

    internal override string NameOf(int rank) => _hosts.Length > rank ? $"Rank {rank} on {_hosts[rank]}" : $"Rank {rank}";

    internal override void Sum(Span<double> numbers)
    {
        fixed (double* address = numbers)
            _thread.Start(new MpiSum(_thread, (nint)address, numbers.Length, isDouble: true)).Wait();
    }

    internal override IPendingExchange StartSum(float[] numbers, VideoMaeGradientTransport transport)
    {
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(numbers, 0);
        return _thread.Start(transport == VideoMaeGradientTransport.BFloat16
            ? new MpiRoundedSum(_thread, address, numbers.Length) { Owned = numbers }
            : new MpiSum(_thread, address, numbers.Length, isDouble: false) { Owned = numbers });
    }

    internal override void Broadcast(Span<byte> bytes) => Broadcast(bytes, from: 0);

    private void Broadcast(Span<byte> bytes, int from)
    {
        if (bytes.IsEmpty)
            return;
        fixed (byte* address = bytes)
            _thread.Start(new MpiBroadcast(_thread, (nint)address, bytes.Length, from)).Wait();
    }
}
