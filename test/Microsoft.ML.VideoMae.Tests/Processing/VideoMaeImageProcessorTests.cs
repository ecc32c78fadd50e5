// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class VideoMaeImageProcessorTests
{
    [TestMethod]
    public void FromPretrained_ReferenceFolder_RoundTripsUnknownFields()
    {
        string folder = GoldenTensors.Path("tiny", "classification");
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromPretrained(folder);
        Assert.AreEqual(FrameSize.Shortest(32), processor.Options.Size);
        Assert.AreEqual(0.225, processor.Options.ImageStd[2]);

        string copy = Directory.CreateTempSubdirectory().FullName;
        processor.SavePretrained(copy);
        string[] files = Directory.GetFileSystemEntries(copy);
        JsonNode? expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "preprocessor_config.json")));
        JsonNode? actual = JsonNode.Parse(File.ReadAllText(Path.Combine(copy, "preprocessor_config.json")));
        Directory.Delete(copy, recursive: true);
        Assert.HasCount(1, files);
        Assert.IsTrue(JsonNode.DeepEquals(expected, actual), actual!.ToJsonString());
    }

    [TestMethod]
    [DataRow("""{"size": 256, "crop_size": 192}""", "shortest_edge 256", "192x192")]
    [DataRow("""{"size": {"shortest_edge": 100}, "crop_size": {"height": 5, "width": 6}}""", "shortest_edge 100", "5x6")]
    [DataRow("""{"size": {"width": 30, "height": 20}, "crop_size": [7, 8]}""", "20x30", "7x8")]
    [DataRow(
        """{"size": {"shortest_edge": 9, "longest_edge": null, "height": null}, "crop_size": {"height": 5, "width": 6, "shortest_edge": null}}""",
        "shortest_edge 9", "5x6")]
    [DataRow("""{"size": null}""", "shortest_edge 224", "224x224")]
    public void FromJson_Sizes(string json, string size, string crop)
    {
        VideoMaeImageProcessorOptions options = VideoMaeImageProcessor.FromJson(json).Options;
        Assert.AreEqual(size, options.Size.ToString());
        Assert.AreEqual(crop, options.CropSize.ToString());
    }

    [TestMethod]
    [DataRow("""{"image_processor_type": "VideoMAEImageProcessor"}""", ProcessorBackend.Pillow)]
    [DataRow("""{"image_processor_type": "VideoMAEImageProcessorFast"}""", ProcessorBackend.Torchvision)]
    [DataRow("""{"video_processor_type": "VideoMAEVideoProcessor"}""", ProcessorBackend.Torchvision)]
    [DataRow("""{"processor_backend": "torchvision_round_crop"}""", ProcessorBackend.TorchvisionRoundCrop)]
    public void FromJson_Backend_SurvivesARoundTrip(string json, ProcessorBackend backend)
    {
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromJson(json);
        Assert.AreEqual(backend, processor.Options.Backend);
        Assert.AreEqual(backend, VideoMaeImageProcessor.FromJson(processor.ToJson()).Options.Backend);
    }

    [TestMethod]
    public void FromPretrained_CombinedFile_IsPreferred()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), """{"size": 11}""");
        File.WriteAllText(Path.Combine(folder, "processor_config.json"), """{"image_processor": {"size": 12}}""");
        FrameSize size = VideoMaeImageProcessor.FromPretrained(folder).Options.Size;
        Directory.Delete(folder, recursive: true);
        Assert.AreEqual(FrameSize.Shortest(12), size);
    }

    [TestMethod]
    [DataRow("[]", "must hold a JSON object")]
    [DataRow("{", "is not valid JSON")]
    [DataRow("""{"size": {"shortest_edge": 9, "height": 20}}""", "size is {\"shortest_edge\":9,\"height\":20}")]
    [DataRow(
        """{"do_resize": 1, "size": "big", "image_mean": [1, "x"], "num_frames": 1.5}""", "do_resize is 1", "size is \"big\"",
        "image_mean is [1,\"x\"]", "num_frames is 1.5")]
    [DataRow(
        """{"size": 0, "crop_size": {"height": 3, "width": 99999}, "image_std": [1, 0, 1], "rescale_factor": -1, "resample": 5, "do_sample_frames": true, "num_frames": 4, "fps": 2}""",
        "size is shortest_edge 0", "crop_size is 3x99999", "image_std is [1, 0, 1]", "rescale_factor is -1", "resample is 5",
        "num_frames is 4 and fps is 2")]
    public void FromJson_Invalid_ListsAllProblems(string json, params string[] parts)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => VideoMaeImageProcessor.FromJson(json)).Message;
        foreach (string part in parts)
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void FromPretrained_NoFile_SaysWhatWasLookedFor()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => VideoMaeImageProcessor.FromPretrained(folder)).Message;
        Directory.Delete(folder);
        Assert.Contains("processor_config.json, preprocessor_config.json and video_preprocessor_config.json", message);
    }

    [TestMethod]
    public void Process_Lanczos_IsTheSameWithBothBackEnds()
    {
        VideoFrames clip = TestClips.Noise(2, 60, 60);
        var options = new VideoMaeImageProcessorOptions { Resample = Resampling.Lanczos, DoRescale = false, DoNormalize = false };
        CollectionAssert.AreEqual(new VideoMaeImageProcessor(options).Process(clip),
            new VideoMaeImageProcessor(options with { Backend = ProcessorBackend.Torchvision }).Process(clip));
    }

    [TestMethod]
    public void Process_WrongLength_SaysTheRightOne()
    {
        VideoFrames clip = TestClips.Noise(2, 30, 30);
        string message = Assert.ThrowsExactly<ArgumentException>(() => new VideoMaeImageProcessor().Process(clip, new float[5])).Message;
        Assert.Contains("Room for 5 pixel values was given; 2 frames give 301056 (2 x 3 x 224 x 224).", message);
    }

    [TestMethod]
    public void Options_AreCopied()
    {
        double[] mean = [0, 0, 0];
        var processor = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions { ImageMean = mean });
        mean[0] = 9;
        Assert.AreEqual(0, processor.Options.ImageMean[0]);
    }
}
