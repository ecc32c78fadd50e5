// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

/// <summary>A property of every operation of RandAugment.</summary>
[TestClass]
public sealed class AugmentOperationTests
{
    private static readonly VideoFrames s_noise = TestClips.Noise(2, 20, 30);

    [TestMethod]
    public void AutoContrast_FillsTheRange_PerChannel()
    {
        byte[] narrow = [.. s_noise.Pixels.ToArray().Select((p, i) => (byte)(50 + i % 3 * 20 + p / 4))];
        byte[] result = Do(new VideoFrames(narrow, 2, 20, 30), AugmentOperation.AutoContrast, 0);
        for (int c = 0; c < 3; c++)
        {
            byte[] channel = [.. result.Take(20 * 30 * 3).Where((_, i) => i % 3 == c)];
            Assert.AreEqual(0, channel.Min());
            Assert.IsGreaterThanOrEqualTo((byte)254, channel.Max());    // truncated, as in Pillow
        }

        AssertMonotone(narrow, result);
        byte[] flat = [.. Enumerable.Repeat((byte)99, 12)];
        CollectionAssert.AreEqual(flat, Do(new VideoFrames(flat, 1, 2, 2), AugmentOperation.AutoContrast, 0));
    }

    [TestMethod]
    public void Equalize_SpreadsLevelsEvenly()
    {
        byte[] dark = [.. TestClips.Noise(1, 150, 200).Pixels.ToArray().Select(p => (byte)(p / 4))];    // crowded near black
        byte[] result = Do(new VideoFrames(dark, 1, 150, 200), AugmentOperation.Equalize, 0);
        AssertMonotone(dark, result);
        Assert.IsLessThan(40.0, dark.Average(p => (double)p));
        Assert.AreEqual(127.5, result.Average(p => (double)p), 4);
        byte[] flat = [.. Enumerable.Repeat((byte)99, 12)];
        CollectionAssert.AreEqual(flat, Do(new VideoFrames(flat, 1, 2, 2), AugmentOperation.Equalize, 0));
    }

    [TestMethod]
    public void Invert_Twice_IsNothing()
    {
        byte[] once = Do(s_noise, AugmentOperation.Invert, 0);
        CollectionAssert.AreEqual(s_noise.Pixels.ToArray().Select(p => (byte)(255 - p)).ToArray(), once);
        CollectionAssert.AreEqual(s_noise.Pixels.ToArray(), Do(new VideoFrames(once, 2, 20, 30), AugmentOperation.Invert, 0));
    }

    [TestMethod]
    public void Posterize_KeepsTheHighestBits()
    {
        CollectionAssert.AreEqual(s_noise.Pixels.ToArray().Select(p => (byte)(p & 0xE0)).ToArray(), Do(s_noise, AugmentOperation.Posterize, 3));
        Assert.IsTrue(Do(s_noise, AugmentOperation.Posterize, 0).All(p => p == 0));
        CollectionAssert.AreEqual(s_noise.Pixels.ToArray(), Do(s_noise, AugmentOperation.Posterize, 8));
    }

    [TestMethod]
    public void Solarize_InvertsFromTheThresholdOn()
    {
        CollectionAssert.AreEqual(
            s_noise.Pixels.ToArray().Select(p => p < 77 ? p : (byte)(255 - p)).ToArray(), Do(s_noise, AugmentOperation.Solarize, 77));
        CollectionAssert.AreEqual(s_noise.Pixels.ToArray(), Do(s_noise, AugmentOperation.Solarize, 256));
    }

    [TestMethod]
    public void SolarizeAdd_LiftsTheDarkHalf() =>
        CollectionAssert.AreEqual(
            s_noise.Pixels.ToArray().Select(p => p < 128 ? (byte)Math.Min(255, p + 77) : p).ToArray(), Do(s_noise, AugmentOperation.SolarizeAdd, 77));

    [TestMethod]
    [DataRow("Color")]
    [DataRow("Contrast")]
    [DataRow("Brightness")]
    [DataRow("Sharpness")]
    public void Enhance_FactorOne_IsNothing(string operation) =>
        CollectionAssert.AreEqual(s_noise.Pixels.ToArray(), Do(s_noise, Enum.Parse<AugmentOperation>(operation), 1));

    [TestMethod]
    public void Color_FactorZero_IsGrey_TwoIsGreyer()
    {
        byte[] pixels = [200, 100, 50];
        int luma = (200 * 19595 + 100 * 38470 + 50 * 7471 + 32768) >> 16;    // 124
        CollectionAssert.AreEqual(new[] { (byte)luma, (byte)luma, (byte)luma }, Do(new VideoFrames(pixels, 1, 1, 1), AugmentOperation.Color, 0));
        CollectionAssert.AreEqual(
            new[] { (byte)255, (byte)(2 * 100 - luma), (byte)0 }, Do(new VideoFrames(pixels, 1, 1, 1), AugmentOperation.Color, 2));
    }

    [TestMethod]
    public void Contrast_FactorZero_IsTheMeanOfEachFrame()
    {
        byte[] pixels = [10, 10, 10, 21, 21, 21, 100, 100, 100, 200, 200, 200];
        byte[] result = Do(new VideoFrames(pixels, 2, 1, 2), AugmentOperation.Contrast, 0);
        CollectionAssert.AreEqual(new byte[] { 16, 16, 16, 16, 16, 16, 150, 150, 150, 150, 150, 150 }, result);
        CollectionAssert.AreEqual(
            new byte[] { 4, 4, 4, 26, 26, 26, 50, 50, 50, 250, 250, 250 }, Do(new VideoFrames(pixels, 2, 1, 2), AugmentOperation.Contrast, 2));
    }

    [TestMethod]
    public void Brightness_Scales()
    {
        Assert.IsTrue(Do(s_noise, AugmentOperation.Brightness, 0).All(p => p == 0));
        CollectionAssert.AreEqual(
            s_noise.Pixels.ToArray().Select(p => (byte)Math.Min(255f, p * 1.5f)).ToArray(), Do(s_noise, AugmentOperation.Brightness, 1.5));
    }

    [TestMethod]
    public void Sharpness_FactorZero_Smooths_AndLeavesTheBorder()
    {
        byte[] pixels = [.. Enumerable.Repeat((byte)13, 5 * 5 * 3)];
        pixels[(2 * 5 + 2) * 3] = 130;    // red of the centre
        byte[] result = Do(new VideoFrames(pixels, 1, 5, 5), AugmentOperation.Sharpness, 0);
        Assert.AreEqual((8 * 13 + 5 * 130 + 6) / 13, result[(2 * 5 + 2) * 3]);
        Assert.AreEqual((12 * 13 + 130 + 6) / 13, result[(1 * 5 + 1) * 3]);
        Assert.AreEqual(13, result[(2 * 5 + 2) * 3 + 1]);
        byte[] noise = Do(s_noise, AugmentOperation.Sharpness, 0);
        for (int x = 0; x < 30 * 3; x++)
            Assert.AreEqual(s_noise.Pixels.Span[x], noise[x]);
    }

    [TestMethod]
    [DataRow("Rotate")]
    [DataRow("ShearX")]
    [DataRow("ShearY")]
    [DataRow("TranslateX")]
    [DataRow("TranslateY")]
    public void Affine_Zero_IsNothing(string operation)
    {
        foreach (Resampling resampling in new[] { Resampling.Bilinear, Resampling.Bicubic })
            CollectionAssert.AreEqual(s_noise.Pixels.ToArray(), Do(s_noise, Enum.Parse<AugmentOperation>(operation), 0, resampling));
    }

    [TestMethod]
    [DataRow(3, 0)]
    [DataRow(-4, 0)]
    [DataRow(0, 5)]
    [DataRow(0, -2)]
    public void Translate_WholePixels_MovesAndFillsWithGrey(int right, int down)
    {
        // The shift is of where a pixel comes from, so that a positive one moves the picture to the left or up.
        byte[] result = right != 0
            ? Do(s_noise, AugmentOperation.TranslateX, right / 30.0)
            : Do(s_noise, AugmentOperation.TranslateY, down / 20.0);
        for (int y = 0; y < 20; y++)
        {
            for (int x = 0; x < 30; x++)
            {
                bool inside = x + right is >= 0 and < 30 && y + down is >= 0 and < 20;
                byte expected = inside ? s_noise.Pixels.Span[((y + down) * 30 + x + right) * 3] : (byte)128;
                Assert.AreEqual(expected, result[(y * 30 + x) * 3], $"{x},{y}");
            }
        }
    }

    [TestMethod]
    [DataRow("TranslateX", 0.05)]
    [DataRow("TranslateY", -0.075)]
    [DataRow("ShearX", 0.21)]
    [DataRow("ShearY", -0.13)]
    [DataRow("Rotate", 17.0)]
    public void Affine_APlane_StaysAPlane(string operation, double argument)
    {
        // Bilinear interpolation reproduces linear functions, so inside the frame the result is the function at the mapped place.
        const int Edge = 40;
        var pixels = new byte[Edge * Edge * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(20 + 3 * (i / 3 % Edge) + 2 * (i / 3 / Edge));
        AffineMap map = operation switch
        {
            "TranslateX" => AffineMap.Translate(argument * Edge, 0),
            "TranslateY" => AffineMap.Translate(0, argument * Edge),
            "ShearX" => AffineMap.ShearX(argument),
            "ShearY" => AffineMap.ShearY(argument),
            _ => AffineMap.Rotate(argument, Edge, Edge),
        };
        AssertMapped(pixels, Edge, map, Resampling.Bilinear, argument, operation, (x, y) => 20 + 3 * x + 2 * y);
    }

    [TestMethod]
    [DataRow("TranslateX", 0.0123)]
    [DataRow("ShearY", 0.21)]
    [DataRow("Rotate", -21.0)]
    public void Affine_Bicubic_IsCubicConvolution(string operation, double argument)
    {
        const int Edge = 24;
        byte[] pixels = TestClips.Noise(1, Edge, Edge).Pixels.ToArray();
        AffineMap map = operation switch
        {
            "TranslateX" => AffineMap.Translate(argument * Edge, 0),
            "ShearY" => AffineMap.ShearY(argument),
            _ => AffineMap.Rotate(argument, Edge, Edge),
        };
        AssertMapped(pixels, Edge, map, Resampling.Bicubic, argument, operation, (x, y) =>
        {
            double sum = 0;
            for (int row = (int)Math.Floor(y) - 1; row <= Math.Floor(y) + 2; row++)
            {
                for (int column = (int)Math.Floor(x) - 1; column <= Math.Floor(x) + 2; column++)
                    sum += Kernel(y - row) * Kernel(x - column) * pixels[(row * Edge + column) * 3];
            }

            return Math.Clamp(sum, 0.5, 255.5);    // 0 and 255 after clamping, of which half a level is taken below
        });

        // Keys' kernel with a = -1.
        static double Kernel(double d)
        {
            d = Math.Abs(d);
            return d < 1 ? d * d * d - 2 * d * d + 1 : -d * d * d + 5 * d * d - 8 * d + 4;
        }
    }

    [TestMethod]
    public void Rotate_IsCounterClockwise()
    {
        // A dot right of the centre goes up.
        const int Edge = 21;
        var pixels = new byte[Edge * Edge * 3];
        pixels[(10 * Edge + 18) * 3] = 255;
        byte[] result = Do(new VideoFrames(pixels, 1, Edge, Edge), AugmentOperation.Rotate, 30);
        int brightest = Enumerable.Range(0, Edge * Edge).Where(i => result[i * 3] != 128).MaxBy(i => result[i * 3]);
        Assert.AreEqual((17, 6), (brightest % Edge, brightest / Edge));    // 10 + 8 cos 30, 10 - 8 sin 30
    }

    // Inside the frame the result is a function of the place that is looked at, truncated to whole levels.
    private static void AssertMapped(
        byte[] pixels, int edge, AffineMap map, Resampling resampling, double argument, string operation, Func<double, double, double> expected)
    {
        byte[] result = Do(new VideoFrames(pixels, 1, edge, edge), Enum.Parse<AugmentOperation>(operation), argument, resampling);
        int inside = 0;
        for (int i = 0; i < edge * edge; i++)
        {
            double x = map.A * (i % edge + 0.5) + map.B * (i / edge + 0.5) + map.C - 0.5;
            double y = map.D * (i % edge + 0.5) + map.E * (i / edge + 0.5) + map.F - 0.5;
            if (x < 2 || x > edge - 4 || y < 2 || y > edge - 4)
                continue;
            inside++;
            Assert.AreEqual(expected(x, y) - 0.5, result[i * 3], 0.5001, $"{i % edge},{i / edge}");
        }

        Assert.IsGreaterThan(edge * edge / 3, inside);
    }

    private static byte[] Do(VideoFrames frames, AugmentOperation operation, double argument, Resampling resampling = Resampling.Bicubic)
    {
        using MutableClip clip = MutableClip.Copy(frames);
        RandAugment.Do(clip, operation, argument, resampling);
        return clip.View().Pixels.ToArray();
    }

    // Within one channel of one frame the order of levels is kept.
    private static void AssertMonotone(byte[] before, byte[] after)
    {
        (byte Before, byte After)[] pairs = [.. Enumerable.Range(0, 20 * 30).Select(i => (before[i * 3], after[i * 3])).OrderBy(p => p.Item1)];
        for (int i = 1; i < pairs.Length; i++)
            Assert.IsTrue(pairs[i].After >= pairs[i - 1].After);
    }
}
