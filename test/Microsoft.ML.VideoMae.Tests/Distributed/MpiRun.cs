// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Distributed;

/// <summary>Starts processes together, as a user does with mpirun. Without the launcher a test is inconclusive.</summary>
internal static class MpiRun
{
    public const string OpenMpi = "openmpi", Mpich = "mpich";

    /// <summary>The program that trains for tests.</summary>
    public static string TrainingProgram { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace("Microsoft.ML.VideoMae.Tests", "Microsoft.ML.VideoMae.TrainingProcess"),
        "Microsoft.ML.VideoMae.TrainingProcess.dll");

    /// <summary>Starts a program in several processes; in one without a launcher.</summary>
    public static Process Start(string implementation, int processes, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(processes == 1 ? "dotnet" : Launcher(implementation))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (processes > 1 && implementation == OpenMpi)
        {
            foreach (string argument in (string[])["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"])
                start.ArgumentList.Add(argument);
        }

        foreach (string argument in processes == 1 ? [] : (string[])["-n", $"{processes}", "dotnet"])
            start.ArgumentList.Add(argument);
        foreach (string argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        // One thread each: the processes of a test share a machine with other tests.
        start.Environment["OMP_NUM_THREADS"] = "1";
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs to the end.</summary>
    public static (int Code, string Output, string Errors) Run(
        string implementation, int processes, string program, params string[] arguments)
    {
        using Process process = Start(implementation, processes, program, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>The processes of a run that are still there, by their command line.</summary>
    public static int[] ProcessesOf(string argument) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Where(name =>
        {
            try
            {
                string[] words = File.ReadAllText($"/proc/{name}/cmdline").Split('\0');
                return Path.GetFileName(words[0]) == "dotnet" && words.Contains(argument);
            }
            catch (IOException)
            {
                return false;
            }
        }).Select(name => int.Parse(name!)).Order(),
    ];

    private static string Launcher(string implementation)
    {
        string? path = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, $"mpirun.{implementation}")).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Inconclusive($"There is no mpirun.{implementation}: build/ensure-mpi.sh installs it.");
        return path!;
    }
}
