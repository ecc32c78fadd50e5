// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>Temporary files go where <see cref="MLContext.TempFilePath"/> says, and are gone afterwards.</summary>
[TestClass]
public sealed class TemporaryFilesTests
{
    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType]
        public byte[] Content { get; set; } = [];
    }

    [TestMethod]
    public void FeaturesAndVideosInMemory_GoThere()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(1) { TempFilePath = folder.Path };
        using var watcher = new FileSystemWatcher(folder.Path) { EnableRaisingEvents = true };
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        watcher.Created += (_, e) => seen.Add(e.Name!);
        // MP4 files with their index at the end cannot be read from a pipe.
        IDataView rows = ml.Data.LoadFromEnumerable(((string[])["blue", "red"])
                .SelectMany(label =>
                    Enumerable.Range(1, 3).Select(i => new Row { Label = label, Content = File.ReadAllBytes(TestClips.Clip(label, i)) }))
                .ToArray());
        var keyed = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "Content"))
            .Fit(rows)
            .Transform(rows);
        using VideoMaeClassificationTransformer first = ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)).Fit(keyed);
        VideoMaeTrainer.Options probe = TestClips.Options(1);
        (probe.Config, probe.PretrainedTransformer, probe.FineTuning) = (null, first, FineTuningMode.LinearProbe);
        using VideoMaeClassificationTransformer second = ml.MulticlassClassification.Trainers.VideoMae(probe).Fit(keyed);
        Assert.HasCount(6, second.Transform(keyed).GetColumn<float[]>("Score").ToArray());

        SpinUntil(() => seen.Any(n => n.StartsWith("videomae-features-", StringComparison.Ordinal)));
        Assert.IsTrue(seen.Any(n => n.StartsWith("videomae-features-", StringComparison.Ordinal)), string.Join(", ", seen));
        Assert.IsTrue(seen.Any(n => n.StartsWith("videomae-", StringComparison.Ordinal)
            && !n.StartsWith("videomae-features-", StringComparison.Ordinal)), $"no video: {string.Join(", ", seen)}");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path), "nothing is left behind");
    }

    /// <summary>Notifications come late.</summary>
    private static void SpinUntil(Func<bool> condition) => System.Threading.SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(5));
}
