// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Distributed;

/// <summary>One process that dies or hangs ends all, and the run goes on from its last state.</summary>
[TestClass]
public sealed partial class FaultTests
{
    private const int Stop = 19, Kill = 9, Terminate = 15;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow(MpiRun.OpenMpi)]
    [DataRow(MpiRun.Mpich)]
    public void ProcessThatHangs_EndsAllWithItsNameAndHost(string implementation)
    {
        (int code, string errors, TimeSpan took) = Signal(implementation, Stop, Random.Shared.Next(1, 20));
        Assert.AreNotEqual(0, code);
        Assert.IsLessThan(s_limit, took);
        Assert.IsTrue(errors.Contains($"Rank 1 on {Environment.MachineName} has not been heard of", StringComparison.Ordinal), errors);
    }

    /// <summary>
    /// Kills a process at random moments until the run comes to its end, each time with another number of processes, and with the same
    /// number: the same weights then.
    /// </summary>
    [TestMethod]
    [TestCategory("Slow")]
    public void ProcessKilledAtRandomMoments_RunGoesOn()
    {
        string workspace = Path.Combine(_folder, "workspace");
        var random = new Random(1);
        for (int i = 0; i < 4; i++)
        {
            (int code, _, TimeSpan took) = Signal(i % 2 == 0 ? MpiRun.OpenMpi : MpiRun.Mpich, Kill, random.Next(1, 25), workspace, 2 + i % 2);
            Assert.AreNotEqual(0, code);
            Assert.IsLessThan(s_limit, took);
        }

        string[] last = Lines(Run(MpiRun.OpenMpi, 1, workspace));
        Assert.IsGreaterThan(1, int.Parse(last[0].Split(' ')[0]), "The run began anew.");
        Assert.AreEqual(150, int.Parse(last[^1].Split(' ')[0]));
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void GoingOnWithTheSameNumber_GivesTheSameWeights()
    {
        string workspace = Path.Combine(_folder, "workspace");
        string undisturbed = Run(MpiRun.Mpich, 2, Path.Combine(_folder, "other"));
        Signal(MpiRun.Mpich, Kill, 20, workspace);
        string killed = Run(MpiRun.Mpich, 2, workspace);
        CollectionAssert.AreEqual(Weights(undisturbed), Weights(killed));
    }

    /// <summary>Every process gets the signal from MPICH; one of them is enough.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    public void OneProcessToldToStop_AllKeepTheBest()
    {
        (int code, string errors, _) = Signal(MpiRun.Mpich, Terminate, 10, options: "OnCancellation=ReturnBest");
        Assert.AreEqual(0, code, errors);
        string[] folders = [.. Directory.EnumerateFiles(_folder, "model.safetensors", SearchOption.AllDirectories)];
        Assert.HasCount(2, folders);
        CollectionAssert.AreEqual(File.ReadAllBytes(folders[0]), File.ReadAllBytes(folders[1]));
    }

    private static string[] Options(string workspace) =>
    [
        "NumberOfEpochs=50", "Seed=1", "ValidationFraction=0.2", "EmaDecay=0.9", "StateInterval=0:0:0", $"WorkspacePath={workspace}",
    ];

    private static string[] Lines(string output) => File.ReadAllLines(Path.Combine(output, "steps.0.txt"));

    private static byte[] Weights(string output) => File.ReadAllBytes(Path.Combine(output, "rank0", "model.safetensors"));

    private string Run(string implementation, int processes, string workspace)
    {
        string output = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        (int code, _, string errors) = MpiRun.Run(
            implementation, processes, MpiRun.TrainingProgram, ["curve-train", TestClips.Animations, output, .. Options(workspace)]);
        Assert.AreEqual(0, code, errors);
        return output;
    }

    /// <summary>Sends the last process a signal after some steps; gives the time from then to the end of all.</summary>
    private (int Code, string Errors, TimeSpan Took) Signal(
        string implementation, int signal, int afterSteps, string? workspace = null, int processes = 2, params string[] options)
    {
        string output = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        string[] all = ["curve-train", TestClips.Animations, output, .. Options(workspace ?? output), .. options];
        using Process process = MpiRun.Start(implementation, processes, MpiRun.TrainingProgram, all);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        for (int steps = 0; steps < afterSteps && process.StandardOutput.ReadLine() is not null; steps++)
        {
        }

        Thread.Sleep(Random.Shared.Next(20));
        int[] ranks = MpiRun.ProcessesOf(output);
        long start = Stopwatch.GetTimestamp();
        Send(ranks[^1], signal);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors.Result, Stopwatch.GetElapsedTime(start));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
