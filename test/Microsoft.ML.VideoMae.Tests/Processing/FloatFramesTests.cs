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
[TestCategory(InstructionSets.Parity)]
public sealed class FloatFramesTests
{
    private static readonly VideoMaeImageProcessorOptions s_small = new()
    {
        Size = FrameSize.Shortest(20),
        CropSize = FrameSize.Exact(20, 24),
    };

    [TestMethod]
    [DataRow(ProcessorBackend.Pillow, true)]
    [DataRow(ProcessorBackend.Pillow, false)]
    [DataRow(ProcessorBackend.Torchvision, false)]
    public void Process_UnitFloatsWithoutRescale_EqualsBytesWithRescale(ProcessorBackend backend, bool resize)
    {
        VideoFrames clip = TestClips.Noise(2, 30, 40);
        VideoMaeImageProcessorOptions options = s_small with { Backend = backend, DoResize = resize };
        // A little above k / 255, since the reference truncates.
        float[] unit = [.. clip.Pixels.ToArray().Select(p => Math.Min(1, p / 255f + 1e-6f))];
        float[] expected = new VideoMaeImageProcessor(options).Process(clip);
        float[] actual = new VideoMaeImageProcessor(options with { DoRescale = false }).Process(unit, 2, 30, 40);
        AssertNear(expected, actual, 5e-6f);
    }

    [TestMethod]
    [DataRow(ProcessorBackend.Pillow)]
    [DataRow(ProcessorBackend.TorchvisionRoundCrop)]
    public void Process_WholeNumbers_EqualsBytes(ProcessorBackend backend)
    {
        VideoFrames clip = TestClips.Noise(1, 30, 40);
        VideoMaeImageProcessorOptions options = s_small with { Backend = backend };
        float[] floats = [.. clip.Pixels.ToArray().Select(p => (float)p)];
        // torchvision rounds after resizing 8-bit frames, not after resizing floats.
        float tolerance = backend == ProcessorBackend.Pillow ? 0 : 0.5f / 255 / 0.5f + 1e-6f;
        AssertNear(
            new VideoMaeImageProcessor(options).Process(clip), new VideoMaeImageProcessor(options).Process(floats, 1, 30, 40), tolerance);
    }

    [TestMethod]
    public void Process_ScaledTwice_WarnsOnceAndGoesOn()
    {
        var warnings = new List<string>();
        var processor = new VideoMaeImageProcessor(s_small) { Warning = warnings.Add };
        var half = new float[30 * 40 * 3];
        Array.Fill(half, 0.5f);
        float[] values = processor.Process(half, 1, 30, 40);
        processor.Process(half, 1, 30, 40);
        Assert.HasCount(1, warnings);
        Assert.Contains("set do_rescale to false", warnings[0]);
        // 127 / 255 / 255, then (x - 0.5) / 0.5
        Assert.AreEqual((127 / 255f / 255f - 0.5f) / 0.5f, values[0], 1e-6f);
    }

    [TestMethod]
    public void Process_NotScaledTwice_NoWarning()
    {
        var warnings = new List<string>();
        var processor = new VideoMaeImageProcessor(s_small with { DoRescale = false }) { Warning = warnings.Add };
        processor.Process(new float[30 * 40 * 3], 1, 30, 40);
        Assert.IsEmpty(warnings);
    }

    [TestMethod]
    [DataRow(300f, "from 0 to 1, or whole numbers from 0 to 255")]
    [DataRow(1.5f, "from 0 to 1, or whole numbers from 0 to 255")]
    [DataRow(-0.5f, "from 0 to 1, or whole numbers from 0 to 255")]
    [DataRow(float.NaN, "must be finite")]
    public void Process_ValuesOutOfRange_Throws(float value, string part)
    {
        var frame = new float[30 * 40 * 3];
        frame[77] = value;
        Assert.Contains(
            part,
            Assert.ThrowsExactly<ArgumentException>(() => new VideoMaeImageProcessor(s_small).Process(frame, 1, 30, 40)).Message);
    }

    [TestMethod]
    public void Process_Padding_IsBlackThenNormalised()
    {
        var options = new VideoMaeImageProcessorOptions { DoResize = false, DoRescale = false, CropSize = FrameSize.Exact(4, 3) };
        float[] values = new VideoMaeImageProcessor(options).Process([1f, 1f, 1f], 1, 1, 1);
        CollectionAssert.AreEqual(new[] { -1f, -1, -1, -1, -1, -1, -1, 1, -1, -1, -1, -1 }, values[..12]);
    }

    private static void AssertNear(float[] expected, float[] actual, float tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance, $"value {i}");
    }
}
