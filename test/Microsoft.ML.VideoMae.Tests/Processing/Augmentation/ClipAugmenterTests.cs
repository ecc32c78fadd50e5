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
    public void Apply_Stretching_HasTheShapeOfTheFrame()
    {
        VideoFrames clip = TestClips.Noise(2, 60, 240);
        var stretching = new VideoMaeImageProcessor(s_raw.Options with { Size = FrameSize.Exact(32, 24), DoCenterCrop = false });
        var whole = new ClipAugmenterOptions { MinScale = 1, MinRatio = 1, MaxRatio = 1, FlipProbability = 0 };
        CollectionAssert.AreEqual(stretching.Process(clip), View(new ClipAugmenter(stretching, whole), clip, seed: 1));
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
    public void Apply_Shift_MovesTheWholeFrame_AndMirrorsWhatComesIn()
    {
        var still = new VideoFrames(TestClips.Noise(1, 32, 24).Pixels, 1, 32, 24);
        var options = new ClipAugmenterOptions { MinScale = 1, MinRatio = 0.75, MaxRatio = 0.75, FlipProbability = 0 };
        float[] plain = View(new ClipAugmenter(s_raw, options), still, seed: 1);
        var shifted = new ClipAugmenter(s_raw, options with { MaxShift = 0.1 });
        var seen = new System.Collections.Generic.HashSet<(int, int)>();
        for (int seed = 0; seed < 200; seed++)
        {
            float[] view = View(shifted, still, seed);
            (int down, int right) = Enumerable.Range(-3, 7).SelectMany(y => Enumerable.Range(-2, 5).Select(x => (y, x)))
                .Single(s => view.SequenceEqual(Shifted(plain, s.y, s.x)));
            seen.Add((down, right));
        }

        Assert.HasCount(7 * 5, seen, "Every shift of up to 3 rows and 2 columns is drawn.");
    }

    /// <summary>Pixel by pixel: what lies behind an edge is the frame in a mirror, without the edge.</summary>
    private static float[] Shifted(float[] planes, int down, int right) =>
        [.. planes.Select((_, i) => planes[(i / 768 * 768) + (Mirror(i / 24 % 32 - down, 32) * 24) + Mirror(i % 24 - right, 24)])];

    private static int Mirror(int place, int length) => place < 0 ? -place : place >= length ? 2 * length - 2 - place : place;

    [TestMethod]
    public void Apply_Brightness_IsOneLineForAllColours_WhateverTheNormalization()
    {
        VideoFrames clip = TestClips.Noise(2, 32, 24);
        var options = new ClipAugmenterOptions { MinScale = 1, MinRatio = 0.75, MaxRatio = 0.75, FlipProbability = 0 };
        var normalizing = new VideoMaeImageProcessor(s_raw.Options with
        {
            DoRescale = true,
            DoNormalize = true,
            ImageMean = [0.4, 0.5, 0.6],
            ImageStd = [0.2, 0.3, 0.25],
        });
        float[] before = View(new ClipAugmenter(s_raw, options), clip, seed: 1), bytes = View(Jitter(s_raw), clip, seed: 1),
            values = View(Jitter(normalizing), clip, seed: 1);
        double gain = (bytes[1] - bytes[0]) / (before[1] - before[0]), offset = bytes[0] - gain * before[0];
        Assert.IsInRange(0.7, 1.3, gain);
        Assert.IsInRange(-0.1 * 255, 0.1 * 255, offset);
        Assert.AreNotEqual(1, gain, 1e-3);
        for (int i = 0; i < before.Length; i++)
        {
            int channel = i / 768 % 3;
            Assert.AreEqual(gain * before[i] + offset, bytes[i], 1e-2, "One line for all bytes.");
            Assert.AreEqual(
                bytes[i] / 255, values[i] * normalizing.Options.ImageStd[channel] + normalizing.Options.ImageMean[channel], 1e-4,
                "The same colours, normalised.");
        }

        ClipAugmenter Jitter(VideoMaeImageProcessor processor) => new(processor, options with { Brightness = 0.3 });
    }

    [TestMethod]
    public void Draw_BoxesFollowTheRanges()
    {
        var random = new Random(1);
        var ranges = new CropRanges(0.2, 0.6, 0.75, 4.0 / 3);
        double sumLeft = 0;
        for (int i = 0; i < 4000; i++)
        {
            CropWindow crop = RandomResizedCrop.Draw(240, 320, ranges, random);
            Assert.AreEqual(crop, crop.Inside(240, 320));
            Assert.IsInRange(0.2 - 0.01, 0.6 + 0.01, crop.Width * crop.Height / (240.0 * 320));
            Assert.IsInRange(0.75 - 0.02, 4.0 / 3 + 0.02, (double)crop.Width / crop.Height);
            sumLeft += crop.Left / (320.0 - crop.Width);
        }

        Assert.AreEqual(0.5, sumLeft / 4000, 0.03);
    }

    [TestMethod]
    public void Draw_NothingFits_TakesTheCentre() =>
        Assert.AreEqual(
            new CropWindow(0, 43, 10, 13),
            RandomResizedCrop.Draw(10, 100, new CropRanges(1, 1, 0.75, 4.0 / 3), new Random(1)));

    [TestMethod]
    public void Apply_CropIsCutOutBeforeItIsResized()
    {
        // Black inside, white around: were pixels beyond the crop looked at, its edges would be grey.
        var pixels = new byte[40 * 40 * 3];
        Array.Fill(pixels, (byte)255);
        for (int y = 10; y < 30; y++)
            pixels.AsSpan((y * 40 + 10) * 3, 20 * 3).Clear();
        var processor = new VideoMaeImageProcessor(s_raw.Options with { Size = FrameSize.Exact(32, 24), Resample = Resampling.Lanczos });
        var values = new float[3 * 32 * 24];
        processor.ProcessCrop(new VideoFrames(pixels, 1, 40, 40), new CropWindow(10, 10, 20, 20), mirrored: false, values);
        Assert.IsTrue(values.All(v => v == 0));
    }

    [TestMethod]
    public void Apply_WholeRecipe_IsDeterministicAndLeavesTheClipAlone()
    {
        VideoFrames clip = TestClips.Noise(4, 60, 80);
        byte[] before = clip.Pixels.ToArray();
        var augmenter = new ClipAugmenter(
            s_raw, new ClipAugmenterOptions { RandAugment = "rand-m7-n4-mstd0.5-inc1", ErasingProbability = 0.25 });
        for (int seed = 0; seed < 20; seed++)
            CollectionAssert.AreEqual(View(augmenter, clip, seed), View(augmenter, clip, seed));
        CollectionAssert.AreEqual(before, clip.Pixels.ToArray());
    }

    [TestMethod]
    public void Apply_RandAugment_ChangesTheView()
    {
        VideoFrames clip = TestClips.Noise(2, 60, 80);
        // Invert is one of fifteen: in many draws at least one operation shows.
        var whole = new ClipAugmenterOptions { MinScale = 1, FlipProbability = 0 };
        float[] plain = View(new ClipAugmenter(s_raw, whole), clip, seed: 1);
        var augmenter = new ClipAugmenter(s_raw, whole with { RandAugment = "rand-m9-n4" });
        Assert.IsGreaterThan(15, Enumerable.Range(0, 20).Count(seed => !View(augmenter, clip, seed).SequenceEqual(plain)));
    }

    [TestMethod]
    public void Apply_Erasing_LeavesAHoleInEveryFrame()
    {
        var options = new ClipAugmenterOptions { ErasingProbability = 1, ErasingMode = ErasingMode.Constant };
        byte[] white = new byte[3 * 60 * 80 * 3];
        Array.Fill(white, (byte)255);
        float[] view = View(new ClipAugmenter(s_raw, options), new VideoFrames(white, 3, 60, 80), seed: 4);
        int frame = view.Length / 3;
        int holes = view[..frame].Count(v => v == 0);
        Assert.IsInRange(1, frame / 2, holes);
        CollectionAssert.AreEqual(view[..frame], view[(2 * frame)..]);
    }

    [TestMethod]
    public void ProcessView_SpreadsOverTheLongerEdge()
    {
        var processor = new VideoMaeImageProcessor(s_raw.Options with { DoResize = false, CropSize = FrameSize.Exact(20, 20) });
        VideoFrames clip = TestClips.Positions(1, 20, 51);    // red is the column
        int[] left = [.. Enumerable.Range(0, 3).Select(view =>
        {
            var values = new float[3 * 20 * 20];
            processor.ProcessView(clip, view, 3, values);
            return (int)values[0];
        })];
        CollectionAssert.AreEqual(new[] { 0, 15, 31 }, left);

        var centre = new float[3 * 20 * 20];
        processor.ProcessView(clip, 0, 1, centre);
        CollectionAssert.AreEqual(processor.Process(clip), centre);
    }

    [TestMethod]
    public void Options_AllProblemsAreListed()
    {
        var options = new ClipAugmenterOptions
        {
            MinScale = 0,
            MaxRatio = 0.5,
            FlipProbability = 2,
            Crop = (ClipCrop)7,
            RandAugment = "rand-m11",
            RandAugmentResample = Resampling.Nearest,
            ErasingProbability = -1,
            ErasingMode = (ErasingMode)9,
            ErasingCount = 0,
        };
        string message = Assert.ThrowsExactly<ArgumentException>(() => new ClipAugmenter(s_raw, options)).Message;
        foreach (string part in new[]
        {
            "scale is from 0", "ratio is from", "FlipProbability is 2", "Crop is 7", "'m11' is not one of", "RandAugmentResample is " +
            "Nearest",
            "ErasingProbability is -1", "ErasingMode is 9", "ErasingCount is 0",
        })
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void Constructor_SizeDependsOnFrames_Throws()
    {
        var processor = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions { DoCenterCrop = false });
        Assert.Contains(
            "training needs do_center_crop",
            Assert.ThrowsExactly<ArgumentException>(() => new ClipAugmenter(processor)).Message);
    }

    private static float[] View(ClipAugmenter augmenter, VideoFrames clip, int seed)
    {
        var pixelValues = new float[clip.Count * 3 * augmenter.Height * augmenter.Width];
        augmenter.Apply(clip, new Random(seed), pixelValues);
        return pixelValues;
    }
}
