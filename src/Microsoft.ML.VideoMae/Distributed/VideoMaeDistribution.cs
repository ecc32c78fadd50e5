// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>Whether the processes that a launcher started together share one run.</summary>
public enum VideoMaeDistribution
{
    /// <summary>Every process trains by itself.</summary>
    None,

    /// <summary>
    /// Processes that <c>mpirun</c>, or a cluster's launcher in its place, started together share the run. It is noticed by their
    /// environment variables; a process that was started alone trains alone.
    /// </summary>
    Auto,

    /// <summary>MPI is used in any case; without an MPI library there is an error.</summary>
    Mpi,
}

/// <summary>What gradients travel as from process to process.</summary>
public enum VideoMaeGradientTransport
{
    /// <summary>32-bit floats. The default.</summary>
    Float32,

    /// <summary>
    /// 16 bits with 8 bits of precision: half the bytes. Gradients are rounded, added up as 32-bit floats, and the sums are rounded once.
    /// All processes get the same sums.
    /// </summary>
    BFloat16,
}
