// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>What the program that started this process says of the others, in environment variables.</summary>
internal static class Launcher
{
    /// <summary>The variables with the number of processes: of Open MPI, of MPICH and its relatives, and of Slurm with PMIx.</summary>
    private static readonly string[] s_sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_SIZE"];

    /// <summary>The number of processes that were started together; 1 where nothing says so.</summary>
    public static int Size { get; } = SizeOf(Environment.GetEnvironmentVariable);

    /// <summary>Whether it is Open MPI's.</summary>
    public static bool IsOpenMpi => Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is not null
        || Environment.GetEnvironmentVariable("PMIX_RANK") is not null;

    /// <summary>The number of processes.</summary>
    /// <param name="variable">Gives a variable's value; null where it is not set.</param>
    public static int SizeOf(Func<string, string?> variable)
    {
        int size = s_sizes.Max(name => Number(variable(name)));
        // Slurm sets its own number in every job, also where a program was started without MPI: it counts with PMIx only.
        if (size == 0 && variable("PMIX_RANK") is not null)
            size = Math.Max(Number(variable("SLURM_STEP_NUM_TASKS")), Number(variable("SLURM_NTASKS")));
        return Math.Max(1, size);
    }

    private static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
