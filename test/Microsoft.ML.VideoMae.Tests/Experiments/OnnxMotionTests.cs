// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Experiments;

/// <summary>Motion as operators: ONNX Runtime gives the numbers of the transformer.</summary>
[TestClass]
public sealed class OnnxMotionTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    private sealed class Clip
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }

    /// <summary>Frames of twice the size, whose means have no rounding, so that grey levels are the same and so are the blocks.</summary>
    [TestMethod]
    [DataRow(48, 48, 64)]
    [DataRow(5, 24, 32)]
    [DataRow(7, 40, 52)]
    public void Numbers_AreThoseOfTheTransformer(int pairs, int height, int width)
    {
        VideoMotionFeaturizingTransformer transformer = Fitted(pairs, height, width);
        using InferenceSession session = Session(transformer);
        foreach (VideoFrames frames in Videos(2 * height, 2 * width))
            AssertClose(Expected(transformer, frames), Run(session, [PairsOf(frames, pairs)]), $"{frames.Count} frames");
    }

    /// <summary>
    /// In frames of any size the mean of an area may be rounded to the next grey level, for a pixel in a hundred thousand. It may change
    /// how a block of it moves.
    /// </summary>
    [TestMethod]
    public void Numbers_OfOddSizes_AreNearlyThose()
    {
        VideoMotionFeaturizingTransformer transformer = Fitted(48, 48, 64);
        using InferenceSession session = Session(transformer);
        foreach ((int height, int width) in ((int, int)[])[(37, 53), (240, 135), (101, 320)])
        {
            foreach (VideoFrames frames in Videos(height, width))
            {
                float[] expected = Expected(transformer, frames), actual = Run(session, [PairsOf(frames, 48)]);
                double difference = expected.Zip(actual).Average(pair => Math.Abs(pair.First - pair.Second));
                Assert.IsLessThan(1e-3, difference, $"{frames.Count} frames of {height}x{width}: {expected.Average(Math.Abs)}");
            }
        }
    }

    /// <summary>Places and angles in which a formula may go wrong: to the left, hardly down or up, and straight along an axis.</summary>
    [TestMethod]
    public void Directions_AreRightAllAround()
    {
        VideoMotionFeaturizingTransformer transformer = Fitted(1, 48, 64);
        using InferenceSession session = Session(transformer);
        for (int y = -4; y <= 4; y++)
        {
            for (int x = -4; x <= 4; x++)
            {
                VideoFrames frames = Waves(2, 48, 64, x, y);
                float[] expected = Expected(transformer, frames);
                Assert.AreEqual(x == 0 && y == 0, expected.All(v => v == 0), $"({x}, {y})");
                AssertClose(expected, Run(session, [PairsOf(frames, 1)]), $"({x}, {y})");
            }
        }
    }

    [TestMethod]
    public void SeveralClips_GoInTogether()
    {
        VideoMotionFeaturizingTransformer transformer = Fitted(6, 48, 64);
        using InferenceSession session = Session(transformer);
        GeneratedVideos generated = s_ml.Data.GenerateVideos(count: 2, seed: 3, numberOfFrames: 8, frameSize: 64);
        VideoFrames[] two = [generated.Create(0).Frames, generated.Create(1).Frames];
        VideoFrames[] pairs = [.. two.Select(frames => PairsOf(frames, 6))];
        float[] together = Run(session, pairs), alone = [.. pairs.SelectMany(clip => Run(session, [clip]))];
        Assert.HasCount(2 * MotionHistogram.Length, together);
        AssertClose(alone, together, "two clips");
    }

    private static float[] Expected(VideoMotionFeaturizingTransformer transformer, VideoFrames frames) => transformer
        .Transform(s_ml.Data.LoadFromEnumerable([new Clip { Video = MLVideo.CreateFromFrames(frames, "clip") }]))
        .GetColumn<float[]>("Features").Single();

    /// <summary>Compares what roots were taken of: near zero a root makes much of a last digit.</summary>
    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            float square = expected[i] * Math.Abs(expected[i]);
            Assert.AreEqual(square, actual[i] * Math.Abs(actual[i]), 2e-6f * (1 + Math.Abs(square)), $"{what}, number {i}: {expected[i]}");
        }
    }

    private static VideoMotionFeaturizingTransformer Fitted(int pairs, int height, int width) => (VideoMotionFeaturizingTransformer)
        s_ml.Transforms.FeaturizeVideoMotion(new VideoMotionFeaturizingEstimator.Options
        {
            OutputColumnName = "Features",
            InputColumnName = "Video",
            NumFramePairs = pairs,
            ImageHeight = height,
            ImageWidth = width,
        }).Fit(s_ml.Data.LoadFromEnumerable(new List<Clip>()));

    private static InferenceSession Session(VideoMotionFeaturizingTransformer transformer)
    {
        var graph = new OnnxGraph();
        var motion = new OnnxMotion(transformer);
        string features = motion.AddTo(graph, motion.OnnxInput.Declare(graph, OnnxModels.Frames));
        graph.Output(graph.Named(features, OnnxModels.Features), "What moves where", "batch", MotionHistogram.Length);
        string path = Path.Combine(TestClips.NewFolder(), "motion.onnx");
        OnnxFile.Write(path, graph, new Dictionary<string, string>());
        return new InferenceSession(path);
    }

    private static float[] Run(InferenceSession session, VideoFrames[] clips)
    {
        int[] shape = [clips.Length, clips[0].Count, clips[0].Height, clips[0].Width, 3];
        byte[] pixels = [.. clips.SelectMany(clip => clip.Pixels.ToArray())];
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxModels.Frames, new DenseTensor<byte>(pixels, shape))]);
        return [.. results[0].AsEnumerable<float>()];
    }

    /// <summary>What goes in, as the documents say: two frames for each pair.</summary>
    private static VideoFrames PairsOf(VideoFrames frames, int most)
    {
        int possible = frames.Count - 1, count = Math.Min(most, possible);
        return PairsOf(frames, [.. Enumerable.Range(0, count).Select(i => ((2 * i) + 1) * possible / (2 * count))]);
    }

    /// <summary>Two frames for each pair; one frame twice where there is no pair.</summary>
    internal static VideoFrames PairsOf(VideoFrames frames, IReadOnlyList<int> first)
    {
        int[] chosen = first.Count == 0 ? [0, 0] : [.. first.SelectMany(start => (int[])[start, start + 1])];
        return new VideoFrames(chosen.SelectMany(i => frames.Frame(i).ToArray()).ToArray(), chosen.Length, frames.Height, frames.Width);
    }

    /// <summary>Waves that move, noise, and clips with few pairs or none.</summary>
    private static IEnumerable<VideoFrames> Videos(int height, int width) =>
    [
        Waves(16, height, width, 1, 2), Waves(60, height, width, -3, 1),
        Noise(20, height, width), Noise(2, height, width), Noise(1, height, width),
    ];

    private static VideoFrames Noise(int count, int height, int width)
    {
        var pixels = new byte[count * height * width * 3];
        new Random(count).NextBytes(pixels);
        return new VideoFrames(pixels, count, height, width);
    }

    /// <summary>Waves that move by so many pixels from frame to frame.</summary>
    private static VideoFrames Waves(int count, int height, int width, int across, int down)
    {
        var pixels = new byte[count * height * width * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            int frame = i / (height * width * 3), x = (i / 3 % width) - (frame * across), y = (i / (3 * width) % height) - (frame * down);
            pixels[i] = (byte)(128 + (60 * Math.Sin(0.9 * x) * Math.Cos(0.7 * y)) + (40 * Math.Sin((0.31 * x) + (0.43 * y))));
        }

        return new VideoFrames(pixels, count, height, width);
    }
}
