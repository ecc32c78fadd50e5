// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>A search that is stopped before anything was scored ends soon, and says that it was stopped.</summary>
[TestClass]
public sealed class StoppedSearchTests
{
    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private sealed class Given
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    private sealed class Counted
    {
        [VideoType]
        public MLVideo CountedVideo { get; set; } = null!;
    }

    [TestMethod]
    public void Execute_StoppedAtOnce_Throws() => Assert.ThrowsExactly<OperationCanceledException>(
        () => Execute(VideoExperimentCandidate.Pixels, 12, new CancellationToken(canceled: true)));

    /// <summary>Threads that read ahead have 64 videos each. They look at the next one only while nobody has stopped the search.</summary>
    [TestMethod]
    public void Execute_StoppedWhileFeaturesAreComputed_EndsWithTheVideosAtHand()
    {
        const int Videos = 1000;
        using var stop = new CancellationTokenSource();
        int seen = 0;
        void Count(Given given, Counted counted)
        {
            Interlocked.Increment(ref seen);
            stop.Cancel();
            Thread.Sleep(20); // Time for the thread that was first to tell all others.
            counted.CountedVideo = given.Video;
        }

        var candidate = VideoExperimentCandidate.FromFeatures("counted", "counts videos", (catalog, output, _, _) => catalog
            .CustomMapping<Given, Counted>(Count, "counted")
            .Append(catalog.FeaturizeVideoPixels(output, nameof(Counted.CountedVideo))));
        Assert.ThrowsExactly<OperationCanceledException>(() => Execute(candidate, Videos, stop.Token));
        Assert.IsLessThanOrEqualTo((2 * Environment.ProcessorCount) + 8, seen, $"{seen} of {Videos} videos were looked at.");
    }

    /// <summary>Searches with videos of one grey frame, in memory.</summary>
    private static void Execute(VideoExperimentCandidate candidate, int videos, CancellationToken stop)
    {
        var ml = new MLContext(seed: 1);
        IDataView rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, videos).Select(i => new Row
        {
            Video = MLVideo.CreateFromFrames(new VideoFrames(Enumerable.Repeat((byte)i, 3 * 64).ToArray(), 1, 8, 8), $"grey {i}"),
            Label = i % 2 == 0 ? "even" : "odd",
        }).ToArray());
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        ml.MulticlassClassification
            .CreateVideoExperiment(new VideoExperimentSettings { Candidates = [candidate], CancellationToken = stop })
            .Execute(data)
            .Dispose();
    }
}
