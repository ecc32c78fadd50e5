// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>Runs programs as a user does.</summary>
internal static class DotNet
{
    /// <summary>Runs dotnet, which has to succeed.</summary>
    public static string Run(string folder, params string[] arguments) => Start(folder, "dotnet", succeeds: true, arguments);

    /// <summary>Runs dotnet, which has to fail.</summary>
    public static string Fail(string folder, params string[] arguments) => Start(folder, "dotnet", succeeds: false, arguments);

    /// <summary>Runs a program.</summary>
    /// <returns>All that it says.</returns>
    public static string Start(string folder, string program, bool succeeds, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // Build servers would outlive the test, and hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        Assert.AreEqual(succeeds, process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code " +
            $"{process.ExitCode}{Environment.NewLine}{output}");
        return output;
    }
}
