// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

[TestClass]
public sealed class TrainingClipsTests
{
    private readonly MLContext _ml = new(1);

    /// <summary>
    /// The files are gone after the first epoch; what the model sees is what it would have seen without memory for frames.
    /// </summary>
    [TestMethod]
    [DataRow("uniform(4)")]
    [DataRow("dense(4,1,repeat)")]
    [DataRow("fps(4,5,repeat)")]
    [DataRow("fps(4,5,wrap)")]
    public void LaterEpochs_ReadNoFile(string sampler)
    {
        double[] decodedAgain = Losses(TestClips.Animations, sampler, cacheMegabytes: 0, deletes: false);
        CollectionAssert.AreEqual(decodedAgain, Losses(TestClips.Animations, sampler, cacheMegabytes: null, deletes: true));
        Assert.AreEqual(3, decodedAgain.Distinct().Count());
    }

    [TestMethod]
    public void DecodingThreads_ChangeNothingButTime() =>
        CollectionAssert.AreEqual(
            Losses(TestClips.Folder, "uniform(4)", null, deletes: false, threads: 1),
            Losses(TestClips.Folder, "uniform(4)", null, deletes: false, threads: 5));

    /// <summary>All frames are read together and kept, or those of each epoch are.</summary>
    [TestMethod]
    [DataRow("uniform(4)")]
    [DataRow("dense(4,1,repeat)")]
    public void FilesThatShareARun_GiveTheSameAsFramesInMemory(string sampler) =>
        CollectionAssert.AreEqual(
            Losses(TestClips.Folder, sampler, cacheMegabytes: 0, deletes: false),
            Losses(TestClips.Folder, sampler, cacheMegabytes: null, deletes: true));

    private double[] Losses(string clips, string sampler, int? cacheMegabytes, bool deletes, int? threads = null)
    {
        string folder = TestClips.NewFolder();
        foreach (string file in Directory.GetFiles(clips, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(clips, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var losses = new List<double>();
        VideoMaeTrainer.Options options = TestClips.Options(3);
        options.Sampler = FrameSampler.Parse(sampler);
        options.FrameCacheMegabytes = cacheMegabytes;
        options.DecodingThreads = threads;
        options.OnVideoError = VideoErrorPolicy.Throw;
        options.MetricsCallback = m =>
        {
            losses.Add(m.Loss);
            if (deletes && m.Epoch == 1)
                Directory.Delete(folder, recursive: true);
        };
        _ml.MulticlassClassification.Trainers.VideoMae(options)
            .Fit(Trainers.VideoMaeTrainerTests.Prepare(_ml, _ml.Data.LoadVideosFromDirectory(folder)))
            .Dispose();
        if (!deletes)
            Directory.Delete(folder, recursive: true);
        return [.. losses];
    }
}
