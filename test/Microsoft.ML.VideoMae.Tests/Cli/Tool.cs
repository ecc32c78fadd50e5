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

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>Starts the tool as a user does: a process, its output and its exit code.</summary>
internal static class Tool
{
#if DEBUG
    public const string Configuration = "Debug";
#else
    public const string Configuration = "Release";
#endif

    /// <summary>Where the tool runs.</summary>
    public static string Folder { get; } = TestClips.NewFolder();

    private static readonly Lazy<string> s_classifier = new(() =>
    {
        (int code, string output, string errors) = Run(
            "train", "--dataset", TestClips.Folder, "--validation-dataset", TestClips.Folder, "--epochs", "2", "--name", "colours",
            "--output", Path.Combine(Folder, "colours"), "--seed", "1");
        Assert.AreEqual(0, code, errors);
        Assert.Contains("Epoch 2/2", output);
        return Path.Combine(Folder, "colours", "colours.zip");
    });

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    /// <summary>A classifier that <c>videomae train</c> wrote into <see cref="Folder"/> with everything beside it.</summary>
    public static string Classifier => s_classifier.Value;

    /// <summary>The tool itself.</summary>
    public static string Program { get; } = Path.Combine(Root, $"src/Microsoft.ML.VideoMae.Cli/bin/{Configuration}/net10.0/videomae.dll");

    public static (int Code, string Output, string Errors) Run(params string[] arguments) => RunWith(null, null, arguments);

    /// <param name="input">The standard input.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">The command line.</param>
    public static (int Code, string Output, string Errors) RunWith(
        string? input, IReadOnlyDictionary<string, string>? environment,
        params string[] arguments) => RunAt(Program, input, environment, arguments);

    /// <param name="program">A copy of the tool.</param>
    /// <param name="input">The standard input.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">The command line.</param>
    public static (int Code, string Output, string Errors) RunAt(
        string program, string? input, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using Process process = StartAt(program, environment, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        StartAt(Program, environment, arguments);

    private static Process StartAt(string program, IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var start = new ProcessStartInfo(DotNetPath)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Folder,
        };
        foreach (string argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>A full path: it is found even where a test takes the PATH away.</summary>
    private static string DotNetPath { get; } = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")).First(File.Exists);
}
