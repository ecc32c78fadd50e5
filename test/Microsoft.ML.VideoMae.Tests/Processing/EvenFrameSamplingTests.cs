// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class EvenFrameSamplingTests
{
    public static IEnumerable<object[]> Cases =>
        JsonNode.Parse(File.ReadAllText(GoldenTensors.Path("recipe", "frame_sampling.json")))!
            ["hf_video_processor_sample_frames"]!["cases"]!.AsArray()
            .Select(c => new object[] { (int)c!["total"]!, (int)c["num_frames"]!, c["indices"]!.AsArray().Select(i => (int)i!).ToArray() });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Indices_EqualReference(int total, int numFrames, int[] expected) =>
        CollectionAssert.AreEqual(expected, EvenFrameSampling.Indices(Sampling(numFrames), total, 0));

    [TestMethod]
    public void Indices_AnyLength_StayInsideAndAscend()
    {
        for (int total = 1; total < 200; total++)
        {
            for (int count = 1; count <= total; count++)
            {
                int[] indices = EvenFrameSampling.Indices(Sampling(count), total, 0);
                Assert.AreEqual(0, indices[0]);
                Assert.IsTrue(indices.Zip(indices.Skip(1)).All(p => p.First < p.Second) && indices[^1] < total, $"{total} {count}");
            }
        }
    }

    /// <summary>
    /// uniform(N,start) is what pipelines sample with: the same frames as the processor's, also where 32 bits are not exact. There are such
    /// lengths: 16,777,217 frames in 3 parts, for one.
    /// </summary>
    [TestMethod]
    public void UniformSampler_FromTheStart_TakesTheSameFrames()
    {
        int others = 0;
        foreach (int count in (int[])[1, 3, 7, 8, 16, 32, 49])
        {
            var sampler = new UniformFrameSampler(count, SegmentPoint.Start);
            foreach (int total in Enumerable.Range(count, 3000).Concat([100_003, 16_777_217, 33_554_435, 50_000_017]))
            {
                int[] frames = sampler.Sample(total);
                CollectionAssert.AreEqual(EvenFrameSampling.Indices(Sampling(count), total, 0), frames, $"{total} {count}");
                others += frames.Where((frame, i) => frame != (int)((long)i * total / count)).Count();
            }
        }

        Assert.IsGreaterThan(0, others, "Exact division would have given other frames.");
    }

    [TestMethod]
    public void Indices_FramesPerSecond() =>
        CollectionAssert.AreEqual(
            new[] { 0, 12, 25, 37 },
            EvenFrameSampling.Indices(new VideoMaeImageProcessorOptions { DoSampleFrames = true, Fps = 2 }, 50, 25));

    [TestMethod]
    public void Indices_NotAskedFor_AllFrames() =>
        CollectionAssert.AreEqual(
            new[] { 0, 1, 2 }, EvenFrameSampling.Indices(new VideoMaeImageProcessorOptions { NumFrames = 2 }, 3, 0));

    [TestMethod]
    public void Indices_TooFewFrames_Throws() =>
        Assert.Contains(
            "set to take 16 frames, and the video has 15",
            Assert.ThrowsExactly<ArgumentException>(() => EvenFrameSampling.Indices(Sampling(16), 15, 0)).Message);

    [TestMethod]
    public void Indices_FrameRateUnknown_Throws() =>
        Assert.Contains("frame rate is not known", Assert.ThrowsExactly<ArgumentException>(() => EvenFrameSampling.Indices(
            new VideoMaeImageProcessorOptions { DoSampleFrames = true, Fps = 2 }, 15, 0)).Message);

    private static VideoMaeImageProcessorOptions Sampling(int numFrames) => new() { DoSampleFrames = true, NumFrames = numFrames };
}
