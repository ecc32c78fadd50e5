// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training.State;

[TestClass]
public sealed class KillTests
{
    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    /// <summary>States are written after every step, so that many kills hit one that is being written.</summary>
    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("train")]
    [DataRow("pretrain")]
    public void ProcessKilledAtRandomMoments_EndsWithTheSameWeights(string what)
    {
        Assert.AreEqual(0, Run(what, "undisturbed", killAfterSteps: null).ExitCode);
        var random = new Random(1);
        int kills = 0, last = 0;
        while (true)
        {
            (int exitCode, int first, int reached) = Run(what, "killed", random.Next(1, 40));
            Assert.IsTrue(first == 0 || first > last - 2, $"step {first} came after step {last}: more than the last step was lost");
            last = Math.Max(last, reached);
            if (exitCode == 0)
                break;
            kills++;
            Assert.IsLessThan(200, kills);
        }

        Assert.IsGreaterThan(5, kills);
        CollectionAssert.AreEqual(Weights("undisturbed"), Weights("killed"));
    }

    private byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder, name, "model", "model.safetensors"));

    /// <summary>
    /// Runs the program; kills it some random time after a number of reports, which are steps of training and epochs of pre-training.
    /// </summary>
    private (int ExitCode, int First, int Last) Run(string what, string name, int? killAfterSteps)
    {
        string program = Path.Combine(
            AppContext.BaseDirectory.Replace("Microsoft.ML.VideoMae.Tests", "Microsoft.ML.VideoMae.TrainingProcess"),
            "Microsoft.ML.VideoMae.TrainingProcess.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])
                [program, what, TestClips.Folder, Path.Combine(_folder, name, "workspace"), Path.Combine(_folder, name, "model")])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        int first = 0, last = 0, steps = 0;
        while (process.StandardOutput.ReadLine() is string line)
        {
            last = int.Parse(line);
            first = first == 0 ? last : first;
            if (++steps != killAfterSteps)
                continue;
            Thread.Sleep(Random.Shared.Next(20));
            process.Kill();
        }

        process.WaitForExit();
        return (process.ExitCode, first, last);
    }
}
