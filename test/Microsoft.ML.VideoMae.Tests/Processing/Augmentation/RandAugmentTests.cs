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
public sealed class RandAugmentTests
{
    [TestMethod]
    public void Parse_ReadsTheOriginalsPolicy()
    {
        Assert.AreEqual(new RandAugmentPolicy(7, 4, 0.5, true), RandAugmentPolicy.Parse("rand-m7-n4-mstd0.5-inc1"));
        Assert.AreEqual(new RandAugmentPolicy(10, 2, 0, false), RandAugmentPolicy.Parse("rand"));
        Assert.AreEqual(new RandAugmentPolicy(2.5, 1, 0, false), RandAugmentPolicy.Parse("rand-n1-inc0-m2.5"));
    }

    [TestMethod]
    [DataRow("augmix-m3", "starts with 'augmix'")]
    [DataRow("rand-m11", "'m11'")]
    [DataRow("rand-n0", "'n0'")]
    [DataRow("rand-n1.5", "'n1.5'")]
    [DataRow("rand-inc2", "'inc2'")]
    [DataRow("rand-w0", "'w0'")]
    [DataRow("rand--", "''")]
    [DataRow("rand-mx-q3", "'q3'")]
    public void Parse_Bad_Throws(string text, string part) =>
        Assert.Contains(part, Assert.ThrowsExactly<FormatException>(() => RandAugmentPolicy.Parse(text)).Message);

    [TestMethod]
    [DataRow("Rotate", 21.0, 21.0)]
    [DataRow("ShearX", 0.21, 0.21)]
    [DataRow("ShearY", 0.21, 0.21)]
    [DataRow("TranslateX", 0.315, 0.315)]
    [DataRow("TranslateY", 0.315, 0.315)]
    [DataRow("Posterize", 2.0, 2.0)]        // int(0.7 * 4) = 2, and 4 - 2
    [DataRow("Solarize", 179.0, 77.0)]
    [DataRow("SolarizeAdd", 77.0, 77.0)]
    [DataRow("Color", 1.36, 1.63)]
    [DataRow("Contrast", 1.36, 1.63)]
    [DataRow("Brightness", 1.36, 1.63)]
    [DataRow("Sharpness", 1.36, 1.63)]
    [DataRow("AutoContrast", 0.0, 0.0)]
    [DataRow("Equalize", 0.0, 0.0)]
    [DataRow("Invert", 0.0, 0.0)]
    public void Argument_AtMagnitude7(string name, double expected, double increasing)
    {
        AugmentOperation operation = Enum.Parse<AugmentOperation>(name);
        Assert.AreEqual(expected, AugmentLevels.Argument(operation, 7, false, false), 1e-12);
        Assert.AreEqual(increasing, AugmentLevels.Argument(operation, 7, true, false), 1e-12);
    }

    [TestMethod]
    public void Argument_Negative_GoesTheOtherWay()
    {
        Assert.AreEqual(-21, AugmentLevels.Argument(AugmentOperation.Rotate, 7, true, true), 1e-12);
        Assert.AreEqual(0.37, AugmentLevels.Argument(AugmentOperation.Color, 7, true, true), 1e-12);
        Assert.AreEqual(1.36, AugmentLevels.Argument(AugmentOperation.Color, 7, false, true), 1e-12);
    }

    [TestMethod]
    public void Apply_StillClip_StaysStill()
    {
        byte[] frame = TestClips.Noise(1, 24, 32).Pixels.ToArray();
        var still = new VideoFrames((byte[])[.. frame, .. frame, .. frame], 3, 24, 32);
        var augment = new RandAugment(RandAugmentPolicy.Parse("rand-m7-n4-mstd0.5-inc1"), Resampling.Bicubic);
        int changed = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            using MutableClip clip = MutableClip.Copy(still);
            augment.Apply(clip, new Random(seed));
            byte[] first = clip.Frame(0).ToArray();
            CollectionAssert.AreEqual(first, clip.Frame(2).ToArray());
            changed += first.SequenceEqual(frame) ? 0 : 1;
        }

        Assert.IsInRange(45, 60, changed);    // nothing is done with probability 1/16, and some operations may show nothing
    }

    [TestMethod]
    public void Apply_HalfOfTheDrawnOperationsAreDone()
    {
        // One layer that inverts in 1 of 15 draws, half of the time: seen as 255 - x exactly.
        byte[] frame = [10, 20, 30, 40, 50, 60];
        var augment = new RandAugment(new RandAugmentPolicy(10, 1, 0, true), Resampling.Bilinear);
        var random = new Random(7);
        int inverted = 0;
        for (int i = 0; i < 6000; i++)
        {
            using MutableClip clip = MutableClip.Copy(new VideoFrames(frame, 1, 1, 2));
            augment.Apply(clip, random);
            inverted += clip.Frame(0).SequenceEqual(new byte[] { 245, 235, 225, 215, 205, 195 }) ? 1 : 0;
        }

        // At magnitude 10 'solarize, increasing' has threshold 0, which inverts too: 2 of 15.
        Assert.AreEqual(0.5 * 2 / 15, inverted / 6000.0, 0.012);
    }

    [TestMethod]
    public void Do_EveryOperation_WorksOnTheSmallestFrames()
    {
        foreach (AugmentOperation operation in Enum.GetValues<AugmentOperation>())
        {
            foreach ((int h, int w) in new List<(int, int)> { (1, 1), (1, 7), (5, 1), (2, 2) })
            {
                using MutableClip clip = MutableClip.Copy(TestClips.Noise(2, h, w));
                RandAugment.Do(clip, operation, AugmentLevels.Argument(operation, 9, true, true), Resampling.Bicubic);
                Assert.AreEqual(2 * h * w * 3, clip.View().Pixels.Length);
            }
        }
    }
}
