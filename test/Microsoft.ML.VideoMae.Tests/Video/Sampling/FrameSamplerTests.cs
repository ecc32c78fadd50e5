// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Sampling;

[TestClass]
public sealed class FrameSamplerTests
{
    public static IEnumerable<object[]> Samplers =>
        [
            [new UniformFrameSampler(16)],
            [new UniformFrameSampler(8, SegmentPoint.Start)],
            [new UniformFrameSampler(16, isRegular: true)],
            [new UniformFrameSampler(8, isRegular: true, SegmentPoint.Start)],
            [new DenseFrameSampler(16, 4)],
            [new DenseFrameSampler(8, 1, ShortClipPolicy.Wrap)],
            [new SparseFrameSampler(16)],
            [new SparseFrameSampler(5, ShortClipPolicy.Wrap)],
            [new EveryNthFrameSampler(16, 3)],
            [new FixedRateFrameSampler(16, 7.5)],
            [new FixedRateFrameSampler(4, 2, ShortClipPolicy.Wrap)]];

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Sample_AnyClip_GivesFramesOfTheClipAndTheSameForASeed(FrameSampler sampler)
    {
        for (int count = 1; count < 200; count += count < 20 ? 1 : 7)
        {
            var timeline = new FrameTimeline(count, 25);
            for (int seed = -1; seed < 20; seed++)
            {
                int[] indices = sampler.Sample(timeline, seed < 0 ? null : new Random(seed));
                Assert.AreEqual(sampler.NumFrames, indices.Length);
                Assert.IsTrue(indices.All(i => i >= 0 && i < count), $"{sampler} of {count}: {string.Join(' ', indices)}");
                CollectionAssert.AreEqual(indices, sampler.Sample(timeline, seed < 0 ? null : new Random(seed)));
                if (!sampler.ToString().Contains("wrap", StringComparison.Ordinal))
                    CollectionAssert.AreEqual(indices.Order().ToArray(), indices, $"{sampler} of {count} is not ascending");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Parse_ToString_RoundTrips(FrameSampler sampler)
    {
        FrameSampler copy = FrameSampler.Parse(sampler.ToString());
        Assert.AreEqual(sampler, copy);
        Assert.AreEqual(sampler.GetType(), copy.GetType());
        CollectionAssert.AreEqual(sampler.Sample(new FrameTimeline(77, 25)), copy.Sample(new FrameTimeline(77, 25)));
    }

    [TestMethod]
    [DataRow("uniform(0)")]
    [DataRow("uniform(16")]
    [DataRow("uniform")]
    [DataRow("dense(16,4,never)")]
    [DataRow("dense(16,x,wrap)")]
    [DataRow("fps(16,-1,wrap)")]
    [DataRow("")]
    public void Parse_Nonsense_ListsWhatIsKnown(string text)
    {
        FormatException e = Assert.ThrowsExactly<FormatException>(() => FrameSampler.Parse(text));
        StringAssert.Contains(e.Message, $"'{text}' is not a frame sampler");
        StringAssert.Contains(e.Message, "dense(frames,stride,policy)");
    }

    [TestMethod]
    public void Uniform_Start_MatchesHuggingFaceVideoProcessor()
    {
        foreach (JsonElement c in Cases("hf_video_processor_sample_frames"))
        {
            int total = c.GetProperty("total").GetInt32();
            int frames = c.GetProperty("num_frames").GetInt32();
            if (c.TryGetProperty("indices", out JsonElement indices) && indices.ValueKind == JsonValueKind.Array)
                CollectionAssert.AreEqual(indices.EnumerateArray().Select(i => i.GetInt32()).ToArray(),
                    new UniformFrameSampler(frames, SegmentPoint.Start).Sample(total), $"{frames} of {total}");
        }
    }

    [TestMethod]
    public void Uniform_DocumentedTimeline_Holds()
    {
        CollectionAssert.AreEqual((int[])[1, 4, 7, 10], new UniformFrameSampler(4).Sample(12));
        CollectionAssert.AreEqual((int[])[0, 3, 6, 9], new UniformFrameSampler(4, SegmentPoint.Start).Sample(12));
        CollectionAssert.AreEqual((int[])[0, 0, 1, 2, 2], new UniformFrameSampler(5).Sample(3));
    }

    [TestMethod]
    public void Uniform_Training_ReachesEveryFrame()
    {
        var random = new Random(1);
        var seen = Enumerable.Range(0, 200).SelectMany(_ => new UniformFrameSampler(4).Sample(13, random)).ToHashSet();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 13).ToArray(), seen.ToArray());
    }

    [TestMethod]
    public void UniformRegular_Training_KeepsTheStepsAlike_AndReachesEveryFrame()
    {
        var sampler = new UniformFrameSampler(4, isRegular: true);
        var random = new Random(1);
        var seen = new HashSet<int>();
        for (int i = 0; i < 100; i++)
        {
            int[] indices = sampler.Sample(12, random);
            CollectionAssert.AreEqual((int[])[3, 3, 3], indices.Skip(1).Zip(indices, (next, frame) => next - frame).ToArray());
            seen.UnionWith(indices);
        }

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 12).ToArray(), seen.ToArray());
        CollectionAssert.AreEqual(new UniformFrameSampler(4).Sample(12), sampler.Sample(12), "Scoring is that of the other.");
    }

    [TestMethod]
    public void Dense_DocumentedTimeline_Holds()
    {
        CollectionAssert.AreEqual((int[])[3, 5, 7], new DenseFrameSampler(3, 2).Sample(12));
        CollectionAssert.AreEqual((int[])[0, 4, 8, 9], new DenseFrameSampler(4, 4).Sample(10));
        CollectionAssert.AreEqual((int[])[0, 4, 8, 2], new DenseFrameSampler(4, 4, ShortClipPolicy.Wrap).Sample(10));
        ClipTooShortException e = Assert.ThrowsExactly<ClipTooShortException>(() =>
            new DenseFrameSampler(4, 4, ShortClipPolicy.Error).Sample(10));
        StringAssert.Contains(e.Message, "the clip has 10 frames, and dense(4,4,error) reaches beyond its end");
    }

    [TestMethod]
    public void Dense_Training_StartsAnywhereInTheClip()
    {
        var random = new Random(1);
        var starts = Enumerable.Range(0, 200).Select(_ => new DenseFrameSampler(3, 2).Sample(12, random)[0]).ToHashSet();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 7).ToArray(), starts.ToArray());
    }

    [TestMethod]
    public void Sparse_DocumentedTimeline_Holds()
    {
        CollectionAssert.AreEqual((int[])[1, 4, 7, 10], new SparseFrameSampler(4).Sample(13));
        CollectionAssert.AreEqual((int[])[0, 1, 2, 2, 2], new SparseFrameSampler(5).Sample(3));
        CollectionAssert.AreEqual((int[])[0, 1, 2, 0, 1], new SparseFrameSampler(5, ShortClipPolicy.Wrap).Sample(3));
        Assert.ThrowsExactly<ClipTooShortException>(() => new SparseFrameSampler(5, ShortClipPolicy.Error).Sample(3));
    }

    [TestMethod]
    public void EveryNth_DocumentedTimeline_Holds()
    {
        CollectionAssert.AreEqual((int[])[0, 2, 4, 6], new EveryNthFrameSampler(4, 2).Sample(12));
        var random = new Random(1);
        var starts = Enumerable
            .Range(0, 50)
            .Select(_ => new EveryNthFrameSampler(4, 2, ShortClipPolicy.Error).Sample(12, random)[0])
            .ToHashSet();
        CollectionAssert.AreEquivalent((int[])[0, 1], starts.ToArray());
        CollectionAssert.AreEqual((int[])[0, 2, 4, 6], new EveryNthFrameSampler(4, 2, ShortClipPolicy.Error).Sample(7, random));
    }

    [TestMethod]
    public void FixedRate_DocumentedTimeline_Holds()
        => CollectionAssert.AreEqual((int[])[1, 4, 7], new FixedRateFrameSampler(3, 2).Sample(new FrameTimeline(12, 6)));

    [TestMethod]
    public void FixedRate_VariableRate_FollowsTheTimes()
    {
        // Half a second at 10 frames a second, then 2 frames a second.
        double[] times = [5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 6.0, 6.5];
        var timeline = new FrameTimeline(times, 2);
        Assert.AreEqual(2.0, timeline.Duration, 1e-9);
        CollectionAssert.AreEqual((int[])[0, 5, 6, 7], new FixedRateFrameSampler(4, 2).Sample(timeline));
        CollectionAssert.AreEqual((int[])[0, 5, 6, 7, 7], new FixedRateFrameSampler(5, 2).Sample(timeline));
        CollectionAssert.AreEqual((int[])[0, 5, 6, 7, 0], new FixedRateFrameSampler(5, 2, ShortClipPolicy.Wrap).Sample(timeline));
        Assert.ThrowsExactly<ClipTooShortException>(() => new FixedRateFrameSampler(5, 2, ShortClipPolicy.Error).Sample(timeline));
    }

    [TestMethod]
    public void FixedRate_NoTimes_IsRefused() =>
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => new FixedRateFrameSampler(3, 2).Sample(12)).Message, "no frame rate");

    [TestMethod]
    public void MultiView_Dense_SpreadsFromFirstToLastStart()
    {
        IReadOnlyList<ClipView> views = MultiViewSampling.Views(new DenseFrameSampler(3, 2), new FrameTimeline(12), 2, 3);
        Assert.AreEqual(6, views.Count);
        CollectionAssert.AreEqual((int[])[0, 2, 4], views[2].Indices.ToArray());
        CollectionAssert.AreEqual((int[])[6, 8, 10], views[3].Indices.ToArray());
        CollectionAssert.AreEqual((double[])[0, 0.5, 1], views.Skip(3).Select(v => v.CropPosition).ToArray());
        ClipView one = MultiViewSampling.Views(new DenseFrameSampler(3, 2), new FrameTimeline(12), 1, 1).Single();
        CollectionAssert.AreEqual(new DenseFrameSampler(3, 2).Sample(12), one.Indices.ToArray());
        Assert.AreEqual(0.5, one.CropPosition);
    }

    [TestMethod]
    public void MultiView_Uniform_Interleaves()
    {
        var sampler = new UniformFrameSampler(4);
        IReadOnlyList<ClipView> views = MultiViewSampling.Views(sampler, new FrameTimeline(16), 2, 1);
        CollectionAssert.AreEqual((int[])[1, 5, 9, 13], views[0].Indices.ToArray());
        CollectionAssert.AreEqual((int[])[3, 7, 11, 15], views[1].Indices.ToArray());
        foreach (int count in (int[])[1, 3, 50, 301])
            CollectionAssert.AreEqual(
                sampler.Sample(count), MultiViewSampling.Views(sampler, new FrameTimeline(count), 1, 1)[0].Indices.ToArray());
    }

    private static IEnumerable<JsonElement> Cases(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Reference", "recipe", "frame_sampling.json");
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        JsonElement.ArrayEnumerator cases = root.GetProperty(name).GetProperty("cases").EnumerateArray();
        Assert.IsTrue(cases.Any());
        return cases;
    }
}
