// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Masking;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Masking;

[TestClass]
public sealed class MaskGeneratorTests
{
    private static VideoMaeConfig Config(int frames, int rows, int columns) =>
        new() { NumFrames = frames, TubeletSize = 1, PatchSize = 1, ImageSize = new SpatialSize(rows, columns) };

    private static bool[][] Draw(MaskGenerator generator, int clips)
    {
        using Tensor masks = generator.Next(clips);
        return [.. masks.data<bool>().ToArray().Chunk((int)masks.shape[1])];
    }

    [TestMethod]
    public void Tube_HasTheStructureOfTheReference()
    {
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(PathOf("recipe", "tube_masking.json")));
        foreach (JsonElement expected in reference.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] size = [.. expected.GetProperty("input_size").EnumerateArray().Select(value => value.GetInt32())];
            TubeMaskGenerator generator = new(Config(size[0], size[1], size[2]), expected.GetProperty("mask_ratio").GetDouble(), seed: 3);
            Assert.AreEqual(expected.GetProperty("total_masks").GetInt32(), generator.MaskedPerClip);
            bool[][] masks = Draw(generator, 4);
            foreach (bool[] mask in masks)
            {
                Assert.HasCount(expected.GetProperty("total_patches").GetInt32(), mask);
                bool[][] frames = [.. mask.Chunk(size[1] * size[2])];
                Assert.AreEqual(expected.GetProperty("num_masks_per_frame").GetInt32(), frames[0].Count(hidden => hidden));
                Assert.IsTrue(frames.All(frame => frame.SequenceEqual(frames[0])));
            }
        }
    }

    [TestMethod]
    public void Random_HidesAsManyInEveryClip_AnywhereEquallyOften()
    {
        RandomMaskGenerator generator = new(Config(2, 3, 4), 0.75, seed: 11);
        Assert.AreEqual(18, generator.MaskedPerClip);
        const int Clips = 4000;
        int[] hidden = new int[24];
        bool differs = false;
        foreach (bool[] mask in Draw(generator, Clips))
        {
            Assert.AreEqual(18, mask.Count(value => value));
            differs |= !mask[..12].SequenceEqual(mask[12..]);
            for (int i = 0; i < mask.Length; i++)
                hidden[i] += mask[i] ? 1 : 0;
        }

        Assert.IsTrue(differs, "Random masks are not tubes.");
        foreach (int count in hidden) // 0.75 within five standard deviations
            Assert.AreEqual(0.75, (double)count / Clips, 5 * Math.Sqrt(0.75 * 0.25 / Clips));
    }

    [TestMethod]
    [DataRow(0.25, 1)]
    [DataRow(0.5, 2)]
    [DataRow(0.75, 3)]
    public void RunningCell_MovesOneStepAFrame_AndCoversEveryPlace(double ratio, int perCell)
    {
        RunningCellMaskGenerator generator = new(Config(8, 4, 6), ratio, seed: 5);
        Assert.AreEqual(8 * 24 * perCell / 4, generator.MaskedPerClip);
        HashSet<string> phases = [];
        foreach (bool[] mask in Draw(generator, 100))
        {
            bool[][] frames = [.. mask.Chunk(24)];
            for (int frame = 0; frame < 8; frame++)
            {
                bool[] cell = Cell(frames[frame], 0, 0);
                Assert.AreEqual(perCell, cell.Count(hidden => hidden));
                for (int row = 0; row < 4; row += 2)
                {
                    for (int column = 0; column < 6; column += 2)
                        CollectionAssert.AreEqual(cell, Cell(frames[frame], row, column));
                }

                // The pattern of the next frame is this one, one place on.
                if (frame + 1 < 8)
                    CollectionAssert.AreEqual((bool[])[cell[1], cell[2], cell[3], cell[0]], Cell(frames[frame + 1], 0, 0));
            }

            Assert.IsTrue(Enumerable.Range(0, 24).All(i => frames[..4].Any(frame => !frame[i])), "Every place is reconstructed within " +
                "four frames.");
            phases.Add(string.Join("", frames[0]));
        }

        Assert.HasCount(4, phases);

        static bool[] Cell(bool[] frame, int row, int column) =>
            [frame[row * 6 + column], frame[row * 6 + column + 1], frame[(row + 1) * 6 + column], frame[(row + 1) * 6 + column + 1]];
    }

    [TestMethod]
    public void SameSeed_SameMasks_AndTheStateContinuesThem()
    {
        VideoMaeConfig config = Config(2, 4, 4);
        TubeMaskGenerator first = new(config, 0.5, 9), second = new(config, 0.5, 9), other = new(config, 0.5, 10);
        bool[] one = [.. Draw(first, 8).SelectMany(mask => mask)];
        CollectionAssert.AreEqual(one, Draw(second, 8).SelectMany(mask => mask).ToArray());
        CollectionAssert.AreNotEqual(one, Draw(other, 8).SelectMany(mask => mask).ToArray());
        other.State = first.State;
        CollectionAssert.AreEqual(Draw(first, 8).SelectMany(mask => mask).ToArray(), Draw(other, 8).SelectMany(mask => mask).ToArray());
    }

    [TestMethod]
    public void ImpossibleRatios_AreRefused()
    {
        VideoMaeConfig config = Config(2, 3, 3);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TubeMaskGenerator(config, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TubeMaskGenerator(config, double.NaN));
        Assert.Contains("0 of the 9", Assert.ThrowsExactly<ArgumentException>(() => new TubeMaskGenerator(config, 0.1)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new RandomMaskGenerator(config, 0.05));
        Assert.ThrowsExactly<ArgumentException>(() => new RunningCellMaskGenerator(config, 0.5));
        Assert.ThrowsExactly<ArgumentException>(() => new RunningCellMaskGenerator(Config(2, 4, 4), 0.6));
    }
}
