// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Training.State;

[TestClass]
public sealed class TrainingStateFileTests
{
    private sealed record Position(int Epoch, double Best, string[] Names);

    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-state").FullName;

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void SaveThenLoad_GivesEverythingBack()
    {
        var file = new TrainingStateFile<Position>(Path.Combine(_folder, "new", "run"));
        Assert.IsNull(file.TryLoad());
        using Tensor weights = arange(6, float32).reshape(2, 3);
        file.Save(new Position(3, 0.25, ["a", "b"]), [("model.weight", weights)]);
        file.Save(new Position(4, 0.125, ["c"]), [("model.weight", weights)]);
        using TrainingStateFile<Position>.Saved saved = file.TryLoad()!;
        Assert.AreEqual(4, saved.Position.Epoch);
        Assert.AreEqual(0.125, saved.Position.Best);
        Assert.AreEqual("c", saved.Position.Names[0]);
        AssertClose(weights, saved["model.weight"], "weight", 0);
        Assert.Contains("no tensor 'other'", Assert.ThrowsExactly<InvalidDataException>(() => saved["other"]).Message);
    }

    [TestMethod]
    public void KilledWhileWriting_KeepsTheStateBefore()
    {
        var file = new TrainingStateFile<Position>(_folder);
        using Tensor weights = ones(3);
        file.Save(new Position(1, 0, []), [("w", weights)]);
        File.WriteAllBytes(file.Path + ".0123.tmp", [1, 2, 3]);
        File.SetLastWriteTimeUtc(file.Path + ".0123.tmp", DateTime.UtcNow.AddHours(-1));
        using (TrainingStateFile<Position>.Saved saved = file.TryLoad()!)
            Assert.AreEqual(1, saved.Position.Epoch);
        file.Save(new Position(2, 0, []), [("w", weights)]);
        Assert.HasCount(1, Directory.GetFiles(_folder), "what the killed process left is removed");
    }

    [TestMethod]
    public void FailureWhileWriting_KeepsTheStateBefore()
    {
        var file = new TrainingStateFile<Position>(_folder);
        using Tensor weights = ones(3);
        file.Save(new Position(1, 0, []), [("w", weights)]);
        Assert.ThrowsExactly<ArgumentException>(() => file.Save(new Position(2, 0, []), [("w", weights), ("w", weights)]));
        using TrainingStateFile<Position>.Saved saved = file.TryLoad()!;
        Assert.AreEqual(1, saved.Position.Epoch);
    }

    [TestMethod]
    public void DamagedFile_IsNamed()
    {
        var file = new TrainingStateFile<Position>(_folder);
        using Tensor weights = ones(300);
        file.Save(new Position(1, 0, []), [("w", weights)]);
        File.WriteAllBytes(file.Path, File.ReadAllBytes(file.Path)[..200]);
        Assert.Contains(file.Path, Assert.ThrowsExactly<InvalidDataException>(() => file.TryLoad()).Message);
    }

    [TestMethod]
    public void Fingerprint_TellsTextsAndTheirBordersApart()
    {
        string name = RunFingerprint.Compute(["ab", "c"]);
        Assert.AreEqual(name, RunFingerprint.Compute(["ab", "c"]));
        Assert.AreNotEqual(name, RunFingerprint.Compute(["a", "bc"]));
        Assert.AreNotEqual(name, RunFingerprint.Compute(["ab", "d"]));
    }
}
