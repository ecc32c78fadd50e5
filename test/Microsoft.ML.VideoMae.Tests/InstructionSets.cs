// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Microsoft.ML.VideoMae.Modeling.Fast;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>The instruction sets that the tests of numbers run with: processors of users have fewer, or other ones.</summary>
internal static class InstructionSets
{
    /// <summary>The category of the tests that compare numbers with the reference's.</summary>
    public const string Parity = "Parity";

    /// <summary>Tells a child process which set it was given.</summary>
    public const string Variable = "VIDEOMAE_TEST_INSTRUCTION_SET";

    /// <summary>From the lowest to the highest; the environment holds libtorch, oneDNN, MKL and .NET to a set.</summary>
    public static IReadOnlyList<InstructionSet> All { get; } =
    [
        new("SSE4.1", true, ("ONEDNN_MAX_CPU_ISA", "SSE41"), ("ATEN_CPU_CAPABILITY", "default"), ("MKL_ENABLE_INSTRUCTIONS", "SSE4_2"),
            ("DOTNET_EnableAVX", "0")),
        new("AVX2", Avx2.IsSupported, ("ONEDNN_MAX_CPU_ISA", "AVX2"), ("ATEN_CPU_CAPABILITY", "avx2"), ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
            ("DOTNET_EnableAVX512", "0")),
        new("AVX-512", Avx512F.IsSupported, ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE"), ("ATEN_CPU_CAPABILITY", "avx512")),
        new("AVX-512 with BFloat16", BFloat16Support.IsFast, ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16")),
        new("AMX", HasAmx()),
    ];

    /// <summary>The set that this process runs with: all that the processor has, unless a parent said otherwise.</summary>
    public static InstructionSet Current =>
        All.FirstOrDefault(s => s.Name == Environment.GetEnvironmentVariable(Variable)) ?? All.Last(s => s.IsPresent);

    /// <summary>Those of this processor below its highest.</summary>
    public static IEnumerable<InstructionSet> Lower => All.Where(s => s.IsPresent).SkipLast(1);

    /// <summary>Writes past the test runner, which keeps what passing tests write to itself.</summary>
    public static void Say(string line)
    {
        using System.IO.Stream output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(line + Environment.NewLine));
    }

    /// <summary>Runs the tests of numbers in a process of their own.</summary>
    /// <returns>The exit code, and what the test runner says.</returns>
    public static (int ExitCode, string Output) RunParity(InstructionSet set)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(InstructionSets).Assembly.Location);
        foreach (string argument in (string[])["--filter", $"TestCategory={Parity}", "--no-ansi", "--progress", "off"])
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in set.Environment)
            start.Environment[name] = value;
        start.Environment[Variable] = set.Name;
        using Process process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return (process.ExitCode, output.ToString());

        void Add(string? line)
        {
            lock (output)
                output.AppendLine(line);
        }
    }

    private static bool HasAmx() => X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx >> 24 & 1) != 0;
}

/// <summary>Instructions that a processor may have.</summary>
/// <param name="Name">What people call them.</param>
/// <param name="IsPresent">Whether this processor has them.</param>
/// <param name="Environment">What holds a process to them.</param>
internal sealed record InstructionSet(string Name, bool IsPresent, params (string Name, string Value)[] Environment)
{
    public override string ToString() => Name;
}
