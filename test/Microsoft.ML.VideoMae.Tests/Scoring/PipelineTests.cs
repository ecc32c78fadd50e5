// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>
/// A checkpoint of Python's answers for a file what <c>pipeline("video-classification")</c> of transformers 5.23 answers. Its decoder is
/// torchcodec, ours ffmpeg: colours are converted otherwise, so that pixels differ by some levels.
/// </summary>
[TestClass]
public sealed class PipelineTests
{
    /// <summary>Where ours answers otherwise on purpose, and why.</summary>
    private static readonly Dictionary<string, string> s_others = new()
    {
        ["carphone_qcif_sar.mp4"] = Squeezed,
        ["h263_vfr.3gp"] = Squeezed,
        ["mmaction2_demo_28fps_sar.mp4"] = Squeezed,
        ["mmaction2_test_sar.mp4"] = Squeezed,
        ["one_frame_rotation_90.mp4"] = Short,
        ["one_frame_sar_16_9.mp4"] = Short,
        ["one_pixel_yuv444p_1fps.mp4"] = Short,
        ["rotate_0.mov"] = Short,
        ["rotate_180.mov"] = Short,
        ["rotate_270.mov"] = Short,
        ["rotate_90.mov"] = Short,
        ["unordered_frames.mov"] = Short,
        ["corrupted.mp4"] = "a damaged part: what can be decoded is scored",
        ["nasa_13013_multistream.mp4"] = "several video streams: ours is the first, torchcodec's the largest",
        ["vp8.webm"] = "hidden frames: torchcodec counts them, and never shows them",
        ["hmdb51_RATRACE_wave.avi"] = Earlier,
        ["hmdb51_SchoolRules_wave.avi"] = Earlier,
        ["hmdb51_TrumanShow_wave.avi"] = Earlier,
        ["hmdb51_cartwheel.avi"] = Earlier,
        ["mmaction2_test.avi"] = Earlier,
        ["grid_bbaf2n_mpeg1.mpg"] = "MPEG-1 has its colours between the pixels: converters differ at edges",
    };

    private const string Squeezed = "pixels that are not square: ours are shown in their true shape";
    private const string Short = "fewer frames than the model takes: ours are repeated";
    private const string Earlier = "MPEG-4 in AVI: after a search, torchcodec gives a frame that is one or two before the one asked for";

    [TestMethod]
    public void EveryFile_GetsTheFramesAndScoresOfThePipeline()
    {
        string folder = Transformers5.Folder("pipeline/model");
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(Transformers5.Folder("pipeline/cases.json")));
        using SafetensorsContent pixels = SafetensorsReader.Load(Transformers5.Folder("pipeline/expected.safetensors"));
        var ml = new MLContext();
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.RawMessage);
        using VideoMaeClassificationTransformer classifier = ml.Model.LoadVideoMae(folder);
        Assert.HasCount(1, log.Where(line => line.StartsWith("Frames are sampled as uniform(8,start)", StringComparison.Ordinal)));
        var sampler = new UniformFrameSampler(8, SegmentPoint.Start);
        var processor = VideoMaeImageProcessor.FromPretrained(folder);
        List<string> problems = [];
        int same = 0;
        foreach (JsonElement each in cases.RootElement.EnumerateArray())
        {
            string name = each.GetProperty("file").GetString()!;
            string path = ReferenceFiles.Video(Path.Combine("videos", name));
            string? problem = each.TryGetProperty("error", out _) ? Refused(classifier, path) : Compare(each, path);
            if (s_others.TryGetValue(name, out string? reason) && reason == Earlier)
                Assert.Contains(", scores 0.0", problem ?? "", name); // Nearly the same pictures.
            if (problem is null)
                same++;
            else if (!s_others.ContainsKey(name))
                problems.Add($"{name}: {problem}");
        }

        Assert.IsEmpty(problems, string.Join(Environment.NewLine, problems));
        Assert.AreEqual(53 - s_others.Count, same);

        string? Compare(JsonElement expected, string path)
        {
            MLVideo video = MLVideo.CreateFromFile(path);
            VideoMetadata metadata = VideoReader.Default.Probe(video);
            int[] frames = sampler.Sample(metadata.FrameCount),
                wanted = [.. expected.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32())];
            if (!frames.SequenceEqual(wanted))
                return $"frames {string.Join(' ', frames)} of {metadata.FrameCount} in place of {string.Join(' ', wanted)} of " +
                    $"{expected.GetProperty("frames")}";
            float[] values = processor.Process(VideoReader.Default.Read(video, frames));
            float[] reference = pixels.Tensors[expected.GetProperty("tensor").GetString()!].data<float>().ToArray();
            // One level is 1 / 255 before the division by a deviation of about 0.226.
            float[] levels = [.. values.Zip(reference, (a, b) => Math.Abs(a - b) * 255 * 0.226f).Order()];
            (float median, float most) = (levels[levels.Length / 2], levels[(int)(levels.Length * 0.99)]);
            Dictionary<string, float> scores = classifier.Predict(video).ToDictionary(p => p.Key, p => p.Value);
            float difference = expected.GetProperty("scores").EnumerateObject().Max(s => Math.Abs(s.Value.GetSingle() - scores[s.Name]));
            return median <= 1.02f && most <= 3.05f && difference <= 0.02f ? null
                : FormattableString.Invariant($"median {median:0.00}, 99 % {most:0.00} levels, scores {difference:0.0000}");
        }
    }

    private static string? Refused(VideoMaeClassificationTransformer classifier, string path)
    {
        try
        {
            classifier.Predict(MLVideo.CreateFromFile(path));
            return "answered, and the pipeline refuses it";
        }
        catch (VideoReadException)
        {
            return null;
        }
    }
}
