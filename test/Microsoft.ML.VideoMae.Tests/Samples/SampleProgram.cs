// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

/// <summary>Starts samples as a user does: as processes of their own.</summary>
internal static class SampleProgram
{
    /// <summary>Starts a sample; its output and errors are redirected.</summary>
    public static Process Start(string name, params string[] arguments)
    {
#if DEBUG
        const string Configuration = "Debug";
#else
        const string Configuration = "Release";
#endif
        string program = Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, $"../../../../../samples/{name}/bin/{Configuration}/net10.0/{name}.dll"));
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Runs a sample to its end.</summary>
    public static (int Code, string Output, string Errors) TryRun(string name, params string[] arguments)
    {
        using Process process = Start(name, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Runs a sample, which has to succeed.</summary>
    /// <returns>Its output.</returns>
    public static string Run(string name, params string[] arguments)
    {
        (int code, string output, string errors) = TryRun(name, arguments);
        Assert.AreEqual(0, code, errors + output);
        return output;
    }
}
