// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Reflection;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>Starts this program anew, in one process or several of one thread, each on a core of its own.</summary>
internal static class ScaleProcess
{
    /// <summary>Runs to the end; gives the numbers of the line that begins with a word.</summary>
    /// <param name="mpi">The launcher: openmpi or mpich.</param>
    /// <param name="processes">How many.</param>
    /// <param name="word">What the line begins with; launchers may put something before it.</param>
    /// <param name="arguments">What to do, behind the verb <c>scale</c>.</param>
    public static double[] Start(string mpi, int processes, string word, string[] arguments)
    {
        var start = new ProcessStartInfo($"mpirun.{mpi}") { RedirectStandardOutput = true, RedirectStandardInput = true };
        string[] binding = mpi == "openmpi" ? ["--allow-run-as-root", "--bind-to", "core"] : ["-bind-to", "core"];
        foreach (string argument in
            (string[])[.. binding, "-n", $"{processes}", "dotnet", Assembly.GetExecutingAssembly().Location, "scale", .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string line = output.Split('\n').FirstOrDefault(l => l.Contains(word, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"A measurement ended with code {process.ExitCode}: {output}");
        return [.. line[(line.IndexOf(word, StringComparison.Ordinal) + word.Length)..].Trim().Split(' ')
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }
}
