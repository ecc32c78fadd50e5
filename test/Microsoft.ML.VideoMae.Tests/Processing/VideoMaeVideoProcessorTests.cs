// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Video;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class VideoMaeVideoProcessorTests
{
    private static readonly VideoMaeImageProcessorOptions s_small = new()
    {
        Size = FrameSize.Shortest(16),
        CropSize = FrameSize.Exact(16, 16),
    };

    [TestMethod]
    public void Process_Batch_IsTheClipsOneAfterTheOther()
    {
        VideoFrames[] clips = [TestClips.Noise(3, 20, 30, seed: 1), TestClips.Noise(3, 40, 25, seed: 2)];
        var processor = new VideoMaeVideoProcessor(s_small);
        VideoPixelValues batch = processor.Process(clips);
        CollectionAssert.AreEqual(new long[] { 2, 3, 3, 16, 16 }, batch.Shape.ToArray());
        for (int i = 0; i < clips.Length; i++)
            CollectionAssert.AreEqual(processor.ImageProcessor.Process(clips[i]), batch.Clip(i).ToArray());
    }

    [TestMethod]
    public void Process_Sampling_TakesTheRulesFrames()
    {
        var processor = new VideoMaeVideoProcessor(
            s_small with
            {
                DoSampleFrames = true,
                NumFrames = 4,
                DoRescale = false,
                DoNormalize = false,
            });
        VideoFrames clip = TestClips.Positions(31, 20, 20); // blue is the frame's number
        float[] expected = [0, 7, 15, 23];
        VideoPixelValues fromClip = processor.Process(clip);
        VideoPixelValues fromVideo = processor.Process([MLVideo.CreateFromFrames(clip)]);
        CollectionAssert.AreEqual(expected, Enumerable.Range(0, 4).Select(t => fromClip.Values[(t * 3 + 2) * 256]).ToArray());
        CollectionAssert.AreEqual(fromClip.Values, fromVideo.Values);
    }

    [TestMethod]
    public void Process_FramesPerSecond_NeedsTheRate()
    {
        var processor = new VideoMaeVideoProcessor(s_small with { DoSampleFrames = true, Fps = 2 });
        Assert.AreEqual(4, processor.Process([TestClips.Noise(50, 16, 16)], framesPerSecond: 25).FramesPerClip);
        Assert.ThrowsExactly<ArgumentException>(() => processor.Process(TestClips.Noise(50, 16, 16)));
    }

    [TestMethod]
    [DataRow(8, null)]
    [DataRow(null, 2.0)]
    public void Process_File_EqualsItsFrames(int? numFrames, double? fps)
    {
        MLVideo video = TestVideos.Video("bbb_180x102_16fps.mp4");
        var processor = new VideoMaeVideoProcessor(s_small with { DoSampleFrames = true, NumFrames = numFrames, Fps = fps });
        VideoFrames all = VideoReader.Default.ReadAll(video);
        VideoPixelValues expected = processor.Process([all], VideoReader.Default.Probe(video).FramesPerSecond);
        VideoPixelValues actual = processor.Process([video]);
        Assert.IsInRange(2, all.Count - 1, expected.FramesPerClip);
        CollectionAssert.AreEqual(expected.Values, actual.Values);
    }

    [TestMethod]
    public void Process_FileWithTooFewFrames_NamesIt()
    {
        MLVideo video = MLVideo.CreateFromFrames(TestClips.Noise(3, 20, 20), "short.mp4");
        var processor = new VideoMaeVideoProcessor(s_small with { DoSampleFrames = true, NumFrames = 4 });
        Assert.Contains("Video 'short.mp4'", Assert.ThrowsExactly<ArgumentException>(() => processor.Process([video])).Message);
    }

    [TestMethod]
    public void Process_ClipsOfDifferentLength_SaysWhich()
    {
        string message = Assert.ThrowsExactly<ArgumentException>(() =>
            new VideoMaeVideoProcessor(s_small).Process(TestClips.Noise(3, 20, 20), TestClips.Noise(4, 20, 20))).Message;
        Assert.Contains("Clip 1 gives 4 frames of 16x16, clip 0 gives 3 of 16x16", message);
    }

    [TestMethod]
    public void Process_NoClips_Throws() =>
        Assert.Contains("at least one", Assert.ThrowsExactly<ArgumentException>(() => new VideoMaeVideoProcessor().Process()).Message);

    [TestMethod]
    public void SavePretrained_FromPretrained_KeepsEverything()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        File.WriteAllText(Path.Combine(folder, "video_preprocessor_config.json"),
            """{"video_processor_type": "VideoMAEVideoProcessor", "do_sample_frames": true, "num_frames": 8, "return_metadata": false, "size": {"shortest_edge": 112}}"""
        );
        File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), """{"size": 5}""");
        VideoMaeVideoProcessor.FromPretrained(folder).SavePretrained(folder);
        VideoMaeVideoProcessor processor = VideoMaeVideoProcessor.FromPretrained(folder);
        string text = File.ReadAllText(Path.Combine(folder, "video_preprocessor_config.json"));
        Directory.Delete(folder, recursive: true);
        Assert.AreEqual((true, 8, ProcessorBackend.Torchvision),
            (processor.Options.DoSampleFrames, processor.Options.NumFrames, processor.Options.Backend));
        Assert.AreEqual(FrameSize.Shortest(112), processor.Options.Size);
        Assert.Contains("\"return_metadata\": false", text);
    }
}
