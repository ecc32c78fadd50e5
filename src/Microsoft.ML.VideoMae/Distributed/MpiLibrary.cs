// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>
/// MPI's C interface, as far as it is needed. There is no common binary interface before MPI 5: Open MPI's handles are the addresses of
/// exported symbols, those of MPICH, Intel MPI and MS-MPI are numbers, and those of the standard interface are other numbers.
/// </summary>
/// <remarks>
/// A handle is passed as a whole register, of which implementations with 32-bit handles read the lower half. Handles that come back are
/// written into zeroed memory.
/// </remarks>
internal sealed unsafe class MpiLibrary
{
    /// <summary>The variable that names a library.</summary>
    public const string PathVariable = "VIDEOMAE_MPI_LIBRARY";

    private const string OpenMpi = "libmpi.so.40", Abi = "libmpi_abi.so.0";

    private static readonly string[] s_mpich = ["libmpich.so.12", "libmpi.so.12"];

    private readonly nint _library;

    private MpiLibrary(nint library, string path)
    {
        _library = library;
        Name = path;
        bool isOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out nint world);
        bool isAbi = !isOpenMpi && Path.GetFileName(path).Contains("mpi_abi", StringComparison.Ordinal);
        nint Handle(string symbol, nint abi, nint mpich) =>
            isOpenMpi ? NativeLibrary.GetExport(library, symbol) : isAbi ? abi : mpich;

        World = isOpenMpi ? world : isAbi ? 0x101 : 0x44000000;
        Float = Handle("ompi_mpi_float", 0x210, 0x4c00040a);
        Double = Handle("ompi_mpi_double", 0x214, 0x4c00080b);
        Byte = Handle("ompi_mpi_byte", 0x247, 0x4c00010d);
        Sum = Handle("ompi_mpi_op_sum", 0x21, 0x58000003);
        InPlace = isOpenMpi || isAbi ? 1 : -1;
        IgnoreStatus = isOpenMpi || isAbi ? 0 : 1;
        Funneled = isAbi ? 1024 : 1;
        InitThread = (delegate* unmanaged[Cdecl]<nint, nint, int, int*, int>)Export("MPI_Init_thread");
        Finalize = (delegate* unmanaged[Cdecl]<int>)Export("MPI_Finalize");
        Abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Export("MPI_Abort");
        CommSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)Export("MPI_Comm_size");
        CommRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Export("MPI_Comm_rank");
        CommDup = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Export("MPI_Comm_dup");
        Iallreduce = (delegate* unmanaged[Cdecl]<nint, nint, int, nint, nint, nint, nint*, int>)Export("MPI_Iallreduce");
        Ialltoall = (delegate* unmanaged[Cdecl]<nint, int, nint, nint, int, nint, nint, nint*, int>)Export("MPI_Ialltoall");
        Iallgather = (delegate* unmanaged[Cdecl]<nint, int, nint, nint, int, nint, nint, nint*, int>)Export("MPI_Iallgather");
        Ibcast = (delegate* unmanaged[Cdecl]<nint, int, nint, int, nint, nint*, int>)Export("MPI_Ibcast");
        Ibarrier = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Export("MPI_Ibarrier");
        Isend = (delegate* unmanaged[Cdecl]<nint, int, nint, int, int, nint, nint*, int>)Export("MPI_Isend");
        Irecv = (delegate* unmanaged[Cdecl]<nint, int, nint, int, int, nint, nint*, int>)Export("MPI_Irecv");
        Cancel = (delegate* unmanaged[Cdecl]<nint*, int>)Export("MPI_Cancel");
        Test = (delegate* unmanaged[Cdecl]<nint*, int*, nint, int>)Export("MPI_Test");
    }

    /// <summary>The file.</summary>
    public string Name { get; }

    public nint World { get; }

    public nint Float { get; }

    public nint Double { get; }

    public nint Byte { get; }

    public nint Sum { get; }

    public nint InPlace { get; }

    public nint IgnoreStatus { get; }

    /// <summary>The level of threads at which one thread makes all calls.</summary>
    public int Funneled { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, int, int*, int> InitThread { get; }

    public delegate* unmanaged[Cdecl]<int> Finalize { get; }

    public delegate* unmanaged[Cdecl]<nint, int, int> Abort { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> CommSize { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> CommRank { get; }

    public delegate* unmanaged[Cdecl]<nint, nint*, int> CommDup { get; }

    /// <summary>From, to, count, type, operation, group, request.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint, int, nint, nint, nint, nint*, int> Iallreduce { get; }

    /// <summary>From, count for each rank, type, to, count of each rank, type, group, request.</summary>
    public delegate* unmanaged[Cdecl]<nint, int, nint, nint, int, nint, nint, nint*, int> Ialltoall { get; }

    /// <inheritdoc cref="Ialltoall"/>
    public delegate* unmanaged[Cdecl]<nint, int, nint, nint, int, nint, nint, nint*, int> Iallgather { get; }

    /// <summary>Address, count, type, root, group, request.</summary>
    public delegate* unmanaged[Cdecl]<nint, int, nint, int, nint, nint*, int> Ibcast { get; }

    public delegate* unmanaged[Cdecl]<nint, nint*, int> Ibarrier { get; }

    /// <summary>Address, count, type, rank, tag, group, request.</summary>
    public delegate* unmanaged[Cdecl]<nint, int, nint, int, int, nint, nint*, int> Isend { get; }

    /// <inheritdoc cref="Isend"/>
    public delegate* unmanaged[Cdecl]<nint, int, nint, int, int, nint, nint*, int> Irecv { get; }

    public delegate* unmanaged[Cdecl]<nint*, int> Cancel { get; }

    public delegate* unmanaged[Cdecl]<nint*, int*, nint, int> Test { get; }

    /// <summary>Loads the library of the launcher, or else any.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message says what to install.</exception>
    public static MpiLibrary Load()
    {
        string[] names = Candidates();
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return new MpiLibrary(library, name);
        }

        throw new InvalidOperationException($"There is no MPI library here ({string.Join(", ", names)}): install one, on Debian and " +
            $"Ubuntu with 'apt-get install openmpi-bin', or name its file in {PathVariable}. Without one, start a single process.");
    }

    /// <summary>MPI itself ends the process at most errors.</summary>
    public static void Check(int code)
    {
        if (code != 0)
            throw new InvalidOperationException($"MPI reported error {code}.");
    }

    /// <summary>Whether a request is over, which then becomes a null request and stays over. Drives all requests on.</summary>
    public bool IsOver(nint* request)
    {
        int flag = 0;
        Check(Test(request, &flag, IgnoreStatus));
        return flag != 0;
    }

    private static string[] Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path)
            return [path];
        if (OperatingSystem.IsWindows())
            return ["msmpi.dll", "impi.dll"];
        if (OperatingSystem.IsMacOS())
            return ["libmpi.40.dylib", "libmpi.12.dylib", "libmpi_abi.0.dylib"];
        return Launcher.IsOpenMpi ? [OpenMpi, Abi, .. s_mpich] : [.. s_mpich, Abi, OpenMpi];
    }

    private nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address)
        ? address
        : throw new InvalidOperationException($"'{Name}' is no MPI library of version 3 or later: it has no {name}.");
}
