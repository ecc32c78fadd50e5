// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.State;

/// <summary>The same run, started twice at once, or over files that changed.</summary>
[TestClass]
public sealed class SharedWorkspaceTests
{
    private sealed record Position(int Epoch);

    private readonly string _folder = TestClips.NewFolder();

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void StateThatAnotherProcessWrites_IsLeftAlone()
    {
        var file = new TrainingStateFile<Position>(_folder);
        string other = file.Path + ".0123.tmp";
        File.WriteAllBytes(other, [1, 2, 3]);
        using Tensor weights = ones(3);
        file.Save(new Position(1), [("w", weights)]);
        Assert.IsTrue(File.Exists(other));
    }

    [TestMethod]
    public void RunStartedManyTimesAtOnce_HasOneSeed()
    {
        var seeds = new int[16];
        Parallel.For(0, seeds.Length, new ParallelOptions { MaxDegreeOfParallelism = seeds.Length }, i =>
            seeds[i] = new RunFolder(_folder, "run").KeepSeed());
        Assert.AreEqual(1, seeds.Distinct().Count());
        Assert.AreEqual(seeds[0], new RunFolder(_folder, "run").KeepSeed());
        CollectionAssert.AreEqual(
            new[] { "seed.txt" }, Directory.GetFiles(Path.Combine(_folder, "run")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void FileBehindALinkThatChanged_IsAnotherRun()
    {
        string target = Path.Combine(_folder, "target.mp4"), link = Path.Combine(_folder, "link.mp4");
        File.WriteAllText(target, "one");
        File.CreateSymbolicLink(link, target);
        string before = Identity(link);
        Assert.AreEqual(before, Identity(link));
        File.WriteAllText(target, "another");
        Assert.AreNotEqual(before, Identity(link));
    }

    [TestMethod]
    public void FramesThatChanged_AreAnotherRun()
    {
        string clip = Directory.CreateDirectory(Path.Combine(_folder, "clip")).FullName;
        File.WriteAllText(Path.Combine(clip, "0.jpg"), "one");
        string before = Identity(clip);
        Assert.AreEqual(before, Identity(clip));
        File.WriteAllText(Path.Combine(clip, "1.jpg"), "two");
        Assert.AreNotEqual(before, Identity(clip));
    }

    private static string Identity(string path) =>
        RunIdentity.OfRun(new VideoMaeTrainer.Options(), ["a", "b"], [new ClipExample(MLVideo.CreateFromFile(path), 0, null)], []);
}
