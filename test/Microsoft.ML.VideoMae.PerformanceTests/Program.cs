// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.ML.VideoMae.PerformanceTests.Peers;
using Microsoft.ML.VideoMae.PerformanceTests.Proofs;
using Microsoft.ML.VideoMae.PerformanceTests.Scale;

namespace Microsoft.ML.VideoMae.PerformanceTests;

/// <summary>
/// Runs the benchmarks named on the command line, for example <c>--filter *Processor*</c>, or a training proof:
/// <c>proof weizmann4 --data FOLDER</c>, or a comparison: <c>peers inference</c>, or several processes: <c>scale</c>.
/// </summary>
internal static class Program
{
    private static void Main(string[] args)
    {
        if (args is ["proof", ..])
        {
            ProofCommand.Run(args[1..]);
            return;
        }

        if (args is ["peers", ..])
        {
            PeersCommand.Run(args[1..]);
            return;
        }

        if (args is ["scale", ..])
        {
            ScaleCommand.Run(args[1..]);
            return;
        }

        // In this process: a generated project would not know which native libtorch to take.
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(15).AsDefault()));
    }
}
