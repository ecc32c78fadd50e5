// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Processing;

/// <summary>
/// What the three processors of transformers 5.23 make of six small videos under eleven settings: VideoMAEVideoProcessor and
/// VideoMAEImageProcessor, which compute with torchvision, and VideoMAEImageProcessorPil, which computes with Pillow.
/// </summary>
[TestClass]
[TestCategory(InstructionSets.Parity)]
public sealed class ProcessorCasesTests
{
    [TestMethod]
    [DataRow("video_processor", ProcessorBackend.Torchvision)]
    [DataRow("image_processor", ProcessorBackend.Torchvision)]
    [DataRow("image_processor_pil", ProcessorBackend.Pillow)]
    public void EveryCase_GivesThePixelsOfTheReference(string name, ProcessorBackend backend)
    {
        JsonArray cases = JsonNode.Parse(File.ReadAllText(Transformers5.Folder("processors/cases.json")))!.AsArray();
        using SafetensorsContent videos = SafetensorsReader.Load(Transformers5.Folder("processors/videos.safetensors"));
        using SafetensorsContent expected = SafetensorsReader.Load(Transformers5.Folder("processors/expected.safetensors"));
        List<string> problems = [];
        foreach (JsonNode? each in cases)
        {
            JsonObject settings = each!["settings"]!.AsObject(), result = each["results"]![name]!.AsObject();
            string video = (string)each["video"]!;
            string? problem = Compare(settings, videos.Tensors[video], result, expected.Tensors[(string)result["tensor"]!], backend);
            if (problem is not null)
                problems.Add($"{settings.ToJsonString()} {video}: {problem}");
        }

        Assert.HasCount(62, cases);
        Assert.IsEmpty(problems, string.Join(Environment.NewLine, problems));
    }

    private static string? Compare(
        JsonObject settings, torch.Tensor video, JsonObject result, torch.Tensor reference, ProcessorBackend backend)
    {
        VideoMaeImageProcessorOptions options = ImageProcessorJson.Read(settings.DeepClone().AsObject(), "the case") with
        {
            Backend = backend,
        };
        long[] shape = video.shape;
        var frames = new VideoFrames(video.data<byte>().ToArray(), (int)shape[0], (int)shape[1], (int)shape[2]);
        var processor = new VideoMaeImageProcessor(options);
        float[] actual = processor.Process(frames);
        int[] size = [.. result["shape"]!.AsArray().Select(n => (int)n!)];
        if ((size[2], size[3]) != processor.GetOutputSize(frames.Height, frames.Width))
            return $"{size[3]}x{size[2]} in the reference, {processor.GetOutputSize(frames.Height, frames.Width)} here";
        int every = (int?)result["every"] ?? 1, plane = size[2] * size[3];
        float[] values = reference.dtype == torch.ScalarType.Byte
            ? [.. reference.data<byte>().ToArray().Select(b => (float)b)] : reference.data<float>().ToArray();
        double most = 0;
        int others = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int channel = i * every / plane % 3;
            // One level of 255 in what the model gets.
            double level = (options.DoRescale ? options.RescaleFactor : 1) / (options.DoNormalize ? options.ImageStd[channel] : 1);
            double difference = Math.Abs(actual[i * every] - values[i]) / level;
            most = Math.Max(most, difference);
            others += difference > 0.01 ? 1 : 0;
        }

        (double allowed, double share) = Allowed(options, frames);
        return most <= allowed + 0.01 && others <= share * values.Length ? null
            : FormattableString.Invariant($"{most:0.00} levels at most, {others} of {values.Length} differ");
    }

    /// <summary>How many levels a value may differ, and how many values may differ at all.</summary>
    private static (double Levels, double Share) Allowed(VideoMaeImageProcessorOptions options, VideoFrames frames)
    {
        if (!options.DoResize || options.Resample == Resampling.Nearest)
            return (0, 0);
        if (options.Backend == ProcessorBackend.Pillow)
        {
            // Pillow 13, which the reference has, resizes the height first where it shrinks much more than the width. Ours always resizes
            // the width first, as all versions before it: some values are rounded to the next level. With equal scales nothing differs.
            bool isHeightFirst = options.Size.Height is int height
                && (double)frames.Height / height > 1.3 * frames.Width / options.Size.Width!.Value;
            return isHeightFirst ? (1, 0.25) : (0, 0);
        }

        // torchvision of the reference resizes 8-bit tensors in whole numbers, and rounds and cuts off between its two passes, nearly as
        // Pillow does. Ours keeps 32 bits in between, as torchvision did before: up to a level. Where bicubic overshoots at hard edges, what
        // is cut off in between counts as well.
        return options.Resample switch
        {
            Resampling.Bicubic => (3, 0.25),
            Resampling.Lanczos => (1, 0.03),
            _ => (1, 0.25),
        };
    }
}
