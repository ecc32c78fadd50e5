// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Tests.Distributed;
using Microsoft.ML.VideoMae.Tests.Timelines;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Scoring;

namespace Microsoft.ML.VideoMae.Tests.Cli.Scoring;

/// <summary>Videos are shared out, by numbers or by mpirun, and the result is that of one process.</summary>
[TestClass]
public sealed class ShardTests
{
    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("0/3")]
    [DataRow("4/3")]
    [DataRow("1")]
    [DataRow("a/b")]
    public void Parse_NoPart_Throws(string text) =>
        Assert.Contains($"--shard is '{text}'", Assert.ThrowsExactly<ArgumentException>(() => Shard.Parse(text)).Message);

    [TestMethod]
    [DataRow("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=6", 2, 4)]
    [DataRow("JOB_COMPLETION_INDEX=2 VIDEOMAE_SHARDS=8", 2, 8)]
    public void Auto_TakesWhatTheSchedulerSays(string variables, int number, int count) =>
        Assert.AreEqual(new Shard(number, count, HasOwnFile: true), Shard.OfJob(Values(variables)));

    [TestMethod]
    [DataRow("", "neither SLURM_ARRAY_TASK_ID nor")]
    [DataRow("JOB_COMPLETION_INDEX=2", "set it to the job's number of completions")]
    [DataRow("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=5", "have gaps")]
    public void Auto_WithoutEnough_Throws(string variables, string message) =>
        Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(() => Shard.OfJob(Values(variables))).Message);

    [TestMethod]
    public void Parts_MissingTwiceOrDamaged_AreNamed()
    {
        string[] parts = [.. Enumerable.Range(0, 3).Select(Write)];
        (_, PartRow[] rows) = PartFile.ReadAll(parts);
        CollectionAssert.AreEqual(Enumerable.Range(0, 7).ToArray(), rows.Select(r => r.Index).ToArray());
        Assert.AreEqual(0.1f, rows[4].Values![0]);
        Assert.Contains("part 2/3 is missing", Error(parts[0], parts[2]));
        Assert.Contains("part 1/3 is there 2 times", Error([.. parts, parts[0]]));
        File.WriteAllLines(parts[1], File.ReadAllLines(parts[1])[..^1]);
        Assert.Contains("have 6 of 7 videos", Error(parts));
        File.WriteAllText(parts[1], "path,class");
        Assert.Contains($"'{parts[1]}' is no part", Error(parts));
    }

    [TestMethod]
    [TestCategory("Distributed")]
    public void TwoProcesses_PredictAsOne()
    {
        string one = Path.Combine(_folder, "one.csv"), two = Path.Combine(_folder, "two.csv");
        string[] videos = [Tool.Classifier, Path.Combine(TestClips.Animations, "red"), Path.Combine(TestClips.Animations, "blue")];
        Assert.AreEqual(0, Tool.Run(["predict", .. videos, "--output", one]).Code);
        (int code, _, string errors) = MpiRun.Run(MpiRun.OpenMpi, 2, Tool.Program, ["predict", .. videos, "--output", two]);
        Assert.AreEqual(0, code, errors);
        Assert.AreEqual(File.ReadAllText(one), File.ReadAllText(two));
    }

    [TestMethod]
    public void Shards_MergeToTheWhole()
    {
        string one = Path.Combine(_folder, "one.csv"), merged = Path.Combine(_folder, "merged.csv");
        string[] videos = [Tool.Classifier, Path.Combine(TestClips.Animations, "red"), TestClips.Animation("blue", 1)];
        Assert.AreEqual(0, Tool.Run(["predict", .. videos, "--output", one]).Code);
        string[] parts = [.. Enumerable.Range(1, 2).Select(i => Path.Combine(_folder, $"{i}.part"))];
        for (int i = 0; i < parts.Length; i++)
            Assert.AreEqual(0, Tool.Run(["predict", .. videos, "--shard", $"{i + 1}/2", "--output", parts[i]]).Code);
        Assert.AreEqual(1, Tool.Run("merge", parts[0], "--output", merged).Code);
        Assert.IsFalse(File.Exists(merged));
        Assert.AreEqual(0, Tool.Run(["merge", .. parts, "--output", merged]).Code);
        Assert.AreEqual(File.ReadAllText(one), File.ReadAllText(merged));
    }

    /// <summary>Parts know nothing of each other's videos: duplicates across them are found when they are put together.</summary>
    [TestMethod]
    public void ShardsOfValidate_MergeToTheWhole()
    {
        string dataset = Path.Combine(_folder, "dataset");
        foreach (string name in (string[])["red/1.webp", "red/2.webp", "blue/1.webp"])
            Copy(name, name);
        Copy("red/1.webp", "blue/again.webp");
        File.WriteAllBytes(Path.Combine(dataset, "red", "3.webp"), [1, 2, 3]);
        string page = Path.Combine(_folder, "page.html"), mergedPage = Path.Combine(_folder, "merged.html");
        (int code, string output, string errors) = Tool.Run("validate", "--dataset", dataset, "--json", "--page", page);
        Assert.AreEqual(3, code, errors);
        string[] parts = [.. Enumerable.Range(1, 2).Select(i => Path.Combine(_folder, $"{i}.part"))];
        int[] codes = [.. parts.Select((part, i) =>
            Tool.Run("validate", "--dataset", dataset, "--json", "--shard", $"{i + 1}/2", "--output", part).Code)];
        CollectionAssert.AreEquivalent(new[] { 0, 3 }, codes, "The part with the broken video says so.");
        (int codeOfMerge, string merged, string mergeErrors) = Tool.Run(["merge", .. parts, "--page", mergedPage]);
        Assert.AreEqual(3, codeOfMerge, mergeErrors);
        Assert.AreEqual(output, merged);
        Assert.AreEqual(File.ReadAllText(page), File.ReadAllText(mergedPage));
        Assert.Contains("--page shows near duplicates of all videos",
            Tool.Run("validate", "--dataset", dataset, "--shard", "1/2", "--output", parts[0], "--page", page).Errors);

        void Copy(string from, string to)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(dataset, to))!);
            File.Copy(Path.Combine(TestClips.Animations, from), Path.Combine(dataset, to));
        }
    }

    /// <summary>Each process writes the files of its videos, and the first one says what all found, in order.</summary>
    [TestMethod]
    [TestCategory("Distributed")]
    public void TwoProcesses_FindTheTimelinesOfOne()
    {
        string[] videos = [.. ((string[])["first", "second", "third"]).Select(name => Path.Combine(_folder, $"{name}.webm"))];
        TestClips.Ffmpeg([.. Recording.Colours(("red", 2), ("blue", 2)), "-c:v", "libvpx", "-g", "8", videos[0]]);
        TestClips.Ffmpeg([.. Recording.Colours(("blue", 2), ("red", 1)), "-c:v", "libvpx", "-g", "8", videos[2]]);
        File.WriteAllBytes(videos[1], [1, 2, 3]);
        string one = Path.Combine(_folder, "one"), two = Path.Combine(_folder, "two");
        (int code, string output, string errors) = Tool.Run(["timeline", Tool.Classifier, .. videos, "--output", one]);
        (int codeOfTwo, string outputOfTwo, string errorsOfTwo) =
            MpiRun.Run(MpiRun.Mpich, 2, Tool.Program, ["timeline", Tool.Classifier, .. videos, "--output", two]);
        Assert.AreEqual(3, code, errors);
        Assert.AreEqual(code, codeOfTwo, errorsOfTwo);
        Assert.AreEqual(output, outputOfTwo);
        Assert.Contains("second.webm", errorsOfTwo);
        string[] files = [.. Directory.EnumerateFiles(one).Select(file => Path.GetFileName(file)!).Order()];
        Assert.HasCount(10, files);
        CollectionAssert.AreEqual(files, Directory.EnumerateFiles(two).Select(file => Path.GetFileName(file)!).Order().ToArray());
        foreach (string file in files)
            Assert.AreEqual(File.ReadAllText(Path.Combine(one, file)), File.ReadAllText(Path.Combine(two, file)));
        (code, _, errors) = MpiRun.Run(MpiRun.Mpich, 2, Tool.Program, "timeline", Tool.Classifier, videos[0], "--output", two);
        Assert.AreEqual(0, code, errors);
        Assert.Contains("1 video is looked at by as many of the 2 processes", errors);
    }

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("evaluate")]
    [DataRow("features")]
    [DataRow("validate")]
    public void TwoProcesses_DoTheOtherVerbsAsOne(string verb)
    {
        string[] Arguments(string name) => verb switch
        {
            "evaluate" => [verb, Tool.Classifier, "--dataset", TestClips.Animations, "--json"],
            "features" => [verb, Tool.Classifier, Path.Combine(TestClips.Animations, "red"), "-o", Path.Combine(_folder, $"{name}.csv")],
            _ => [verb, "--dataset", TestClips.Animations, "--json"],
        };
        (int code, string output, string errors) = Tool.Run(Arguments("one"));
        (int codeOfTwo, string outputOfTwo, string errorsOfTwo) = MpiRun.Run(MpiRun.Mpich, 2, Tool.Program, Arguments("two"));
        Assert.AreEqual(code, codeOfTwo, $"{errors} {errorsOfTwo}");
        if (verb == "features")
            Assert.AreEqual(File.ReadAllText(Path.Combine(_folder, "one.csv")), File.ReadAllText(Path.Combine(_folder, "two.csv")));
        else
            Assert.AreEqual(output, outputOfTwo);
    }

    private static Func<string, string?> Values(string variables)
    {
        Dictionary<string, string> values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(v => v.Split('=')[0], v => v.Split('=')[1]);
        return name => values.GetValueOrDefault(name);
    }

    private static string Error(params string[] parts) =>
        Assert.ThrowsExactly<InvalidDataException>(() => PartFile.ReadAll(parts)).Message;

    private string Write(int number)
    {
        var shard = new Shard(number, 3, HasOwnFile: true);
        var header = new PartHeader(PartKind.Predictions, "m.zip", 7) { Shard = number + 1, Of = 3, Classes = ["a", "b"] };
        string path = Path.Combine(_folder, $"{number}.part");
        PartFile.Write(path, header, shard.Own(7).Select(i => new PartRow(i, $"{i}.mp4", i == 2 ? null : [0.1f, 0.9f], i == 2 ? "bad" : null)));
        return path;
    }
}
