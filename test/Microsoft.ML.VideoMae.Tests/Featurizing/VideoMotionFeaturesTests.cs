// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

[TestClass]
public sealed class VideoMotionFeaturesTests
{
    private const int Half = 162, Cell = 13;

    private readonly MLContext _ml = new(1);

    private float[] Features(MLVideo video, VideoMotionFeaturizingEstimator.Options? options = null) =>
        FeaturizedVideos.Of(_ml, _ml.Transforms.FeaturizeVideoMotion(options ?? new()), video).Single();

    [TestMethod]
    public void FeaturizeVideoMotion_ConformsToMlNet() => EstimatorConformance.Check(
        _ml, _ml.Transforms.FeaturizeVideoMotion("Features", "Video"), FeaturizedVideos.Animations(_ml), TestClips.Load(_ml));

    [TestMethod]
    public void Column_Has324Numbers() =>
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 324), _ml.Transforms.FeaturizeVideoMotion("Features")
                .Fit(FeaturizedVideos.Animations(_ml))
                .GetOutputSchema(FeaturizedVideos.Animations(_ml).Schema)["Features"]
                .Type);

    [TestMethod]
    public void StillClip_AndASingleFrame_GiveZeros()
    {
        Assert.IsTrue(Features(MovingTexture.Clip(20, _ => MovingTexture.Frame())).All(v => v == 0));
        Assert.IsTrue(Features(MovingTexture.Clip(1, _ => MovingTexture.Frame())).All(v => v == 0));
    }

    [TestMethod]
    [DataRow(2, 0, 0)]
    [DataRow(2, 2, 1)]
    [DataRow(0, 2, 2)]
    [DataRow(-2, 2, 3)]
    [DataRow(-2, 0, 4)]
    [DataRow(-2, -2, 5)]
    [DataRow(0, -2, 6)]
    [DataRow(2, -2, 7)]
    public void Direction_StandsInItsPlaceInEveryCellAndHalf(int x, int y, int direction)
    {
        float[] features = Features(MovingTexture.Clip(10, f => MovingTexture.Frame(f * new Vector2(x, y))));
        for (int cell = 0; cell < 12; cell++)
        {
            for (int half = 0; half < 2; half++)
            {
                float[] values = features[((half * Half) + (cell * Cell))..][..Cell];
                Assert.AreEqual(direction, Array.IndexOf(values[..8], values[..8].Max()), $"cell {cell}, half {half}");
            }
        }

        // The middle of the frame, where nothing leaves it: cells 5 and 6. Values are roots with a sign.
        float[] middle = features[(5 * Cell)..][..Cell];
        Assert.AreEqual(x, middle[8] * Math.Abs(middle[8]), 0.15f, "pixels to the right");
        Assert.AreEqual(y, middle[9] * Math.Abs(middle[9]), 0.15f, "pixels down");
        Assert.AreEqual(Math.Sqrt((x * x) + (y * y)), middle[10] * middle[10], 0.15, "length");
        Assert.AreEqual((x * x) + (y * y), middle[11] * middle[11], 0.8, "squared length");
        Assert.AreEqual(1, middle[12], 0.02f, "share that moves");
    }

    [TestMethod]
    public void Halves_AreToldApart()
    {
        float[] features = Features(MovingTexture.Clip(21, f => MovingTexture.Frame(new Vector2(2 * Math.Max(0, f - 10), 0))));
        Assert.IsTrue(features[..Half].All(v => v == 0));
        Assert.IsGreaterThan(1, features[Half + (5 * Cell)]);
    }

    [TestMethod]
    public void TurnAndZoom_StandAtTheEndOfEachHalf()
    {
        float[] features = Features(
            MovingTexture.Clip(9, f => f < 5 ? MovingTexture.Frame(zoom: MathF.Pow(1.05f, f)) : MovingTexture.Frame(turn: 0.06f * f)));
        Assert.AreEqual(0.05f, Square(features[Half - 6]), 0.01f, "growth");
        Assert.AreEqual(0, Square(features[Half - 3]), 0.005f, "no turn");
        float[] turning = Features(MovingTexture.Clip(9, f => MovingTexture.Frame(turn: 0.06f * f)));
        Assert.AreEqual(0.06f, Square(turning[^3]), 0.008f, "turn");
        Assert.AreEqual(0.06f, Square(turning[^2]), 0.008f, "its size");
        Assert.AreEqual(0, Square(turning[^1]), 0.008f, "its deviation");
        Assert.AreEqual(0, Square(turning[^6]), 0.006f, "no growth");
    }

    [TestMethod]
    public void Pairs_AreConsecutiveAndSpread()
    {
        var sampler = new FramePairSampler(3);
        CollectionAssert.AreEqual(new[] { 1, 2, 4, 5, 7, 8 }, sampler.Sample(10));
        CollectionAssert.AreEqual(new[] { 0, 2, 4 }, sampler.First.ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, sampler.Sample(3));
        CollectionAssert.AreEqual(new[] { 0, 1 }, sampler.First.ToArray());
        CollectionAssert.AreEqual(new[] { 0 }, sampler.Sample(1));
        Assert.IsEmpty(sampler.First);
        foreach (int frames in (int[])[2, 48, 49, 50, 97, 98, 254, 100_001])
        {
            var many = new FramePairSampler(48);
            int[] read = many.Sample(frames);
            Assert.HasCount(Math.Min(48, frames - 1), many.First);
            Assert.IsTrue(many.First.All(i => read[i + 1] == read[i] + 1)
                    && read.All(i => i < frames)
                    && read.Zip(read.Skip(1)).All(p => p.First < p.Second),
                $"{frames} frames");
        }
    }

    [TestMethod]
    public void WrongOptions_AreListed()
    {
        string message = Assert
            .Throws<ArgumentOutOfRangeException>(() =>
                _ml.Transforms.FeaturizeVideoMotion(
                    new VideoMotionFeaturizingEstimator.Options
                    {
                        NumFramePairs = 0,
                        ImageHeight = 23,
                        ImageWidth = 2000,
                        InputColumnName = "",
                    }))
            .Message;
        foreach (string part in (string[])
                [
                    "NumFramePairs is 0", "ImageHeight is 23, but has to be from 24 to 1024",
                    "ImageWidth is 2000, but has to be from 32 to 1024", "InputColumnName"])
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void Skip_GivesNoNumbers_ThrowNamesTheVideo() => FeaturizedVideos.CheckErrors(_ml, policy =>
        _ml.Transforms.FeaturizeVideoMotion(new VideoMotionFeaturizingEstimator.Options { OnVideoError = policy }));

    [TestMethod]
    public void Engine_GivesTheSameNumbers() => FeaturizedVideos.CheckEngine(_ml, _ml.Transforms.FeaturizeVideoMotion("Features"));

    private static float Square(float value) => value * Math.Abs(value);
}
