// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

/// <summary>Every vector width gives the bits of the plain loops.</summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class SimdLevelTests
{
    [TestMethod]
    [DataRow(57, 83, 32, 32)]
    [DataRow(120, 90, 96, 96)]       // enlarges
    [DataRow(256, 340, 224, 224)]
    [DataRow(300, 700, 64, 60)]      // too many source bytes for one register: dot products
    [DataRow(40, 1900, 40, 17)]
    [DataRow(9, 7, 5, 5)]            // narrower than any vector
    [DataRow(33, 70, 64, 90)]        // pads
    public void Process_IsTheSameAtEveryWidth(int height, int width, int edge, int crop)
    {
        VideoFrames clip = TestClips.Noise(2, height, width);
        foreach (Resampling resampling in Enum.GetValues<Resampling>())
        {
            var processor = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions
            {
                Size = FrameSize.Shortest(edge),
                CropSize = FrameSize.Exact(crop, crop + 3),
                Resample = resampling,
                ImageMean = [0.485, 0.456, 0.406],
                ImageStd = [0.229, 0.224, 0.225],
            });
            var expected = new float[processor.GetOutputLength(clip)];
            processor.Process(clip, expected, SimdLevel.Scalar);
            foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
            {
                var actual = new float[expected.Length];
                processor.Process(clip, actual, level);
                CollectionAssert.AreEqual(expected, actual, $"{resampling} at {level}");
            }
        }
    }

    [TestMethod]
    [DataRow(64, 80, 0, 8, 64, 64)]
    [DataRow(33, 70, 2, 5, 21, 19)]
    public void FramesOfTheWantedSize_AreCutOutAsEveryResizerDoesIt(int height, int width, int top, int left, int rows, int columns)
    {
        VideoFrames clip = TestClips.Noise(2, height, width);
        var window = new CropWindow(top, left, rows, columns);
        foreach (Resampling resampling in Enum.GetValues<Resampling>())
        {
            using var pillow = PillowResizer.Create(height, width, ResizeBox.Whole(height, width), height, width, resampling, window);
            using var torchvision = TorchvisionResizer.Create(height, width, height, width, resampling, window);
            foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
            {
                using var unscaled = new UnscaledResizer(width, window, level);
                byte[] actual = unscaled.Resize(clip).Pixels.ToArray();
                CollectionAssert.AreEqual(pillow.Resize(clip).Pixels.ToArray(), actual, $"{resampling} at {level}");
                CollectionAssert.AreEqual(torchvision.Resize(clip).Pixels.ToArray(), actual, $"{resampling} at {level}");
            }
        }
    }

    [TestMethod]
    [DataRow(7, 5)]
    [DataRow(48, 64)]
    public void WholeFramesOfTheWantedSize_HaveEveryPixelInItsPlace(int height, int width)
    {
        VideoFrames clip = TestClips.Noise(3, height, width);
        foreach (ProcessorBackend backend in Enum.GetValues<ProcessorBackend>())
        {
            var options = new VideoMaeImageProcessorOptions { Backend = backend, DoResize = false, DoCenterCrop = false };
            var (processor, table) = (new VideoMaeImageProcessor(options), new PixelTable(options));
            foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
            {
                var actual = new float[processor.GetOutputLength(clip)];
                processor.Process(clip, actual, level);
                for (int i = 0; i < actual.Length; i++)
                {
                    // [T, 3, H, W] from [T, H, W, 3].
                    int plane = height * width, channel = i / plane % 3;
                    byte pixel = clip.Pixels.Span[(i / (3 * plane) * plane + i % plane) * 3 + channel];
                    Assert.AreEqual(table[channel, pixel], actual[i], $"value {i}, {backend} at {level}");
                }
            }
        }
    }

    [TestMethod]
    public void PixelTable_FormulaIsUsedForTheUsualSettings()
    {
        // The published settings must not fall back to table look-ups, which are several times slower.
        var table = new PixelTable(
            new VideoMaeImageProcessorOptions { ImageMean = [0.485, 0.456, 0.406], ImageStd = [0.229, 0.224, 0.225] });
        for (int c = 0; c < 3; c++)
            Assert.IsTrue(table.IsVectorised(c), $"channel {c}");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(63)]
    [DataRow(64)]
    [DataRow(200)]
    public void Split_PutsEveryPixelInItsPlanes(int pixels)
    {
        byte[] source = TestClips.Noise(1, 1, pixels).Pixels.ToArray();
        int stride = pixels + 5;
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            var planes = new byte[3 * stride];
            PlanarRows.Split(source, pixels, planes, stride, level);
            for (int x = 0; x < pixels; x++)
            {
                for (int c = 0; c < 3; c++)
                    Assert.AreEqual(source[x * 3 + c], planes[c * stride + x]);
            }
        }
    }
}
