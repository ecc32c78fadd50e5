// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class MultiScaleCropTests
{
    [TestMethod]
    public void Sizes_AreThePairsOfTheOriginal()
    {
        // Shorter edge 256: 256, 224, 192, 168; at most one step apart.
        (int, int)[] expected =
        [
            (256, 256), (256, 224), (224, 256), (224, 224), (224, 192), (192, 224), (192, 192), (192, 168), (168, 192), (168, 168),
        ];
        CollectionAssert.AreEquivalent(expected, MultiScaleCrop.Sizes(256, 340, 224, 224, stretches: false));
        // 0.875 * 258 = 225 is nearly 224 and becomes it.
        Assert.Contains((224, 224), MultiScaleCrop.Sizes(258, 340, 224, 224, stretches: false));
    }

    [TestMethod]
    public void Sizes_Stretched_AreSharesOfTheFrame()
    {
        (int, int)[] expected =
        [
            (256, 340), (256, 297), (224, 340), (224, 297), (224, 255), (192, 297), (192, 255), (192, 224), (168, 255), (168, 224),
        ];
        CollectionAssert.AreEquivalent(expected, MultiScaleCrop.Sizes(256, 340, 224, 224, stretches: true));
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(0.875, 4)]
    [DataRow(0.66, 10)]
    [DataRow((double)0.66f, 10)]
    public void Sizes_BelowTheSmallest_AreLeftOut(double smallest, int count)
    {
        List<(int Height, int Width)> sizes = MultiScaleCrop.Sizes(200, 400, 64, 64, stretches: true, smallest);
        Assert.HasCount(count, sizes);
        Assert.IsTrue(sizes.All(s => s.Height >= (int)(200 * smallest) && s.Width >= (int)(400 * smallest)));
    }

    [TestMethod]
    public void Draw_ThirteenPlacesInsideTheFrame_AllEquallyOften()
    {
        var random = new Random(1);
        var counts = new Dictionary<(int, int), int>();
        const int Draws = 20_000;
        int full = 0;
        for (int i = 0; i < Draws; i++)
        {
            CropWindow crop = MultiScaleCrop.Draw(256, 340, 224, 224, stretches: false, MultiScaleCrop.SmallestScale, random);
            Assert.AreEqual(crop, crop.Inside(256, 340));
            if (crop is not { Height: 192, Width: 192 })
                continue;
            full++;
            counts[(crop.Top, crop.Left)] = counts.GetValueOrDefault((crop.Top, crop.Left)) + 1;
        }

        Assert.AreEqual(0.1, (double)full / Draws, 0.01);
        Assert.HasCount(13, counts);
        Assert.IsTrue(counts.Keys.All(k => k.Item1 % 16 == 0 && k.Item2 % 37 == 0));
        foreach (int count in counts.Values)
            Assert.AreEqual(1.0 / 13, (double)count / full, 0.03);
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 200)]
    [DataRow(223, 500)]
    public void Draw_SmallFrames_StayInside(int height, int width)
    {
        var random = new Random(2);
        for (int i = 0; i < 500; i++)
        {
            CropWindow crop = MultiScaleCrop.Draw(height, width, 224, 224, stretches: false, MultiScaleCrop.SmallestScale, random);
            Assert.AreEqual(crop, crop.Inside(height, width));
            Assert.IsTrue(crop.Height > 0 && crop.Width > 0);
        }
    }
}
