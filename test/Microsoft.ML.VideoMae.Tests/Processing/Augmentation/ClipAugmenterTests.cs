// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class ClipAugmenterTests
{
    private static readonly VideoMaeImageProcessor s_raw = new(new VideoMaeImageProcessorOptions
    {
        Size = FrameSize.Shortest(32),
        CropSize = FrameSize.Exact(32, 24),
        DoRescale = false,
        DoNormalize = false,
    });

    [TestMethod]
    public void Apply_SameSeed_SameView()
    {
        VideoFrames clip = TestClips.Noise(3, 60, 80);
        var augmenter = new ClipAugmenter(s_raw);
        CollectionAssert.AreEqual(View(augmenter, clip, seed: 5), View(augmenter, clip, seed: 5));
        CollectionAssert.AreNotEqual(View(augmenter, clip, seed: 5), View(augmenter, clip, seed: 6));
    }

    [TestMethod]
    public void Apply_SameBoxForEveryFrame()
    {
        byte[] still = [.. Enumerable.Repeat(TestClips.Noise(1, 60, 80).Pixels.ToArray(), 4).SelectMany(x => x)];
        float[] view = View(new ClipAugmenter(s_raw), new VideoFrames(still, 4, 60, 80), seed: 3);
        int frame = view.Length / 4;
        for (int t = 1; t < 4; t++)
            CollectionAssert.AreEqual(view[..frame], view[(t * frame)..((t + 1) * frame)]);
    }

    [TestMethod]
    public void Apply_Flip_MirrorsTheSameCrop()
    {
        VideoFrames clip = TestClips.Noise(2, 60, 80);
        float[] straight = View(new ClipAugmenter(s_raw, new ClipAugmenterOptions { FlipProbability = 0 }), clip, seed: 9);
        float[] flipped = View(new ClipAugmenter(s_raw, new ClipAugmenterOptions { FlipProbability = 1 }), clip, seed: 9);
        float[] back = [.. flipped.Chunk(24).SelectMany(row => row.Reverse())];
        CollectionAssert.AreEqual(straight, back);
    }

    [TestMethod]
    public void Apply_WholeFrame_IsAPlainResize()
    {
        VideoFrames clip = TestClips.Noise(2, 64, 48);
        var whole = new ClipAugmenterOptions { MinScale = 1, MinRatio = 0.75, MaxRatio = 0.75, FlipProbability = 0 };
        var resizeOnly = new VideoMaeImageProcessor(s_raw.Options with { Size = FrameSize.Exact(32, 24) });
        CollectionAssert.AreEqual(resizeOnly.Process(clip), View(new ClipAugmenter(s_raw, whole), clip, seed: 1));
    }

    [TestMethod]
    public void Draw_BoxesFollowTheRanges()
    {
        var random = new Random(1);
        var ranges = new CropRanges(0.2, 0.6, 0.75, 4.0 / 3);
        double sumLeft = 0;
        for (int i = 0; i < 4000; i++)
        {
            ResizeBox box = RandomResizedCrop.Draw(240, 320, ranges, random);
            (float w, float h) = (box.Right - box.Left, box.Bottom - box.Top);
            Assert.IsTrue(box.Left >= 0 && box.Top >= 0 && box.Right <= 320 && box.Bottom <= 240, box.ToString());
            Assert.IsInRange(0.2 - 0.01, 0.6 + 0.01, w * h / (240.0 * 320));
            Assert.IsInRange(0.75 - 0.02, 4.0 / 3 + 0.02, w / h);
            sumLeft += box.Left / (320 - w);
        }

        Assert.AreEqual(0.5, sumLeft / 4000, 0.03);
    }

    [TestMethod]
    public void Draw_NothingFits_TakesTheCentre() =>
        Assert.AreEqual(
            ResizeBox.At(0, 43, 10, 13),
            RandomResizedCrop.Draw(10, 100, new CropRanges(1, 1, 0.75, 4.0 / 3), new Random(1)));

    [TestMethod]
    public void Options_AllProblemsAreListed()
    {
        var options = new ClipAugmenterOptions { MinScale = 0, MaxRatio = 0.5, FlipProbability = 2 };
        string message = Assert.ThrowsExactly<ArgumentException>(() => new ClipAugmenter(s_raw, options)).Message;
        foreach (string part in new[] { "scale is from 0", "ratio is from", "FlipProbability is 2" })
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void Constructor_SizeDependsOnFrames_Throws()
    {
        var processor = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions { DoCenterCrop = false });
        Assert.Contains("training needs do_center_crop", Assert.ThrowsExactly<ArgumentException>(() => new ClipAugmenter(processor)).Message);
    }

    private static float[] View(ClipAugmenter augmenter, VideoFrames clip, int seed)
    {
        var pixelValues = new float[clip.Count * 3 * augmenter.Height * augmenter.Width];
        augmenter.Apply(clip, new Random(seed), pixelValues);
        return pixelValues;
    }
}
