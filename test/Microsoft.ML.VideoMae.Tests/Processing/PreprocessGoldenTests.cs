// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class PreprocessGoldenTests
{
    private static readonly JsonObject s_manifest =
        JsonNode.Parse(File.ReadAllText(GoldenTensors.Path("preprocess", "manifest.json")))!.AsObject();

    private static readonly Dictionary<string, GoldenTensors.Golden> s_videos = GoldenTensors.Read("preprocess", "videos.safetensors");

    public static IEnumerable<object[]> Cases =>
        from golden in s_manifest["cases"]!.AsArray()
        from tensor in golden!["tensors"]!.AsObject()
        select new object[] { (string)golden["case"]!, tensor.Key };

    public static IEnumerable<object[]> Sizes =>
        s_manifest["resize_output_size_rule"]!.AsArray().Select(s => new object[]
        {
            (int)s!["h"]!, (int)s["w"]!, (int)s["shortest_edge"]!, (int)s["out_hw"]![0]!, (int)s["out_hw"]![1]!,
        });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Process_EqualsReference(string name, string tensor)
    {
        JsonNode golden = s_manifest["cases"]!.AsArray().Single(c => (string)c!["case"]! == name)!;
        GoldenTensors.Golden expected = GoldenTensors.Read("preprocess", name + ".safetensors")[tensor];
        VideoFrames frames = s_videos[(string)golden["video"]!].Frames((int)golden["frames"]!);
        var processor = VideoMaeImageProcessor.FromJson(WithBackend(golden["processor_kwargs"]!, tensor));

        (int height, int width) = processor.GetOutputSize(frames.Height, frames.Width);
        CollectionAssert.AreEqual(expected.Shape, new[] { frames.Count, 3, height, width });
        float[] actual = processor.Process(frames);
        AssertEqual(expected.Floats(), actual, $"{name}/{tensor}");
    }

    [TestMethod]
    [DynamicData(nameof(Sizes))]
    public void Resolve_EqualsReference(int height, int width, int shortestEdge, int expectedHeight, int expectedWidth) =>
        Assert.AreEqual((expectedHeight, expectedWidth), FrameSize.Shortest(shortestEdge).Resolve(height, width));

    [TestMethod]
    [DataRow("landscape_57x83", "pil_bilinear_shortest_224", 224, ProcessorBackend.Pillow)]
    [DataRow("landscape_57x83", "pil_bilinear_shortest_32", 32, ProcessorBackend.Pillow)]
    [DataRow("portrait_120x90", "pil_bilinear_shortest_32", 32, ProcessorBackend.Pillow)]
    [DataRow("portrait_83x57", "pil_bilinear_shortest_32", 32, ProcessorBackend.Pillow)]
    [DataRow("landscape_57x83", "torchvision_bilinear_antialias_shortest_32", 32, ProcessorBackend.Torchvision)]
    [DataRow("portrait_120x90", "torchvision_bilinear_antialias_shortest_32", 32, ProcessorBackend.Torchvision)]
    [DataRow("portrait_83x57", "torchvision_bilinear_antialias_shortest_32", 32, ProcessorBackend.Torchvision)]
    public void Resize_EqualsReferenceImages(string video, string image, int shortestEdge, ProcessorBackend backend)
    {
        GoldenTensors.Golden expected = GoldenTensors.Read("preprocess", "resized_uint8_hwc.safetensors")[$"{video}.{image}"];
        VideoFrames source = s_videos[video].Frames(1);
        (int height, int width) = FrameSize.Shortest(shortestEdge).Resolve(source.Height, source.Width);
        using FrameResizer resizer = backend == ProcessorBackend.Pillow
            ? PillowResizer.Create(
                source.Height, source.Width, ResizeBox.Whole(source.Height, source.Width), height, width, Resampling.Bilinear)
            : TorchvisionResizer.Create(source.Height, source.Width, height, width, Resampling.Bilinear);

        VideoFrames actual = resizer.Resize(source);
        CollectionAssert.AreEqual(expected.Shape, new[] { actual.Height, actual.Width, 3 });
        CollectionAssert.AreEqual(expected.Bytes, actual.Pixels.ToArray());
    }

    private static string WithBackend(JsonNode settings, string tensor)
    {
        JsonObject copy = settings.DeepClone().AsObject();
        copy["processor_backend"] = tensor == "pil" ? "pillow" : tensor;
        return copy.ToJsonString();
    }

    // To the bit, after scaling too: no tolerance hides a level that is off where values are large.
    private static void AssertEqual(float[] expected, float[] actual, string name)
    {
        Assert.HasCount(expected.Length, actual, name);
        int different = 0;
        float largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            float difference = MathF.Abs(expected[i] - actual[i]);
            largest = MathF.Max(largest, difference);
            if (difference != 0)
                different++;
        }

        Assert.AreEqual(0, different, $"{name}: {different} of {expected.Length} differ, at most by {largest}.");
    }
}
