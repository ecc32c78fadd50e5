// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Between <see cref="VideoMaeImageProcessorOptions"/> and the JSON of Hugging Face's processors.</summary>
internal static class ImageProcessorJson
{
    public const string BackendField = "processor_backend";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    // The names processors are stored under: the image processor's of old and new releases, and the video processor's.
    private static readonly string[] s_typeFields = ["image_processor_type", "feature_extractor_type", "video_processor_type"];

    /// <summary>Reads settings; absent fields and nulls get the defaults of the reference's class.</summary>
    public static VideoMaeImageProcessorOptions Read(JsonObject json, string source)
    {
        var reader = new JsonFields(json);
        var defaults = new VideoMaeImageProcessorOptions();
        var options = new VideoMaeImageProcessorOptions
        {
            DoResize = reader.Boolean("do_resize", defaults.DoResize),
            Size = reader.Size("size", FrameSize.Shortest, defaults.Size),
            Resample = (Resampling)reader.Integer("resample", (int)defaults.Resample)!.Value,
            DoCenterCrop = reader.Boolean("do_center_crop", defaults.DoCenterCrop),
            CropSize = reader.Size("crop_size", edge => FrameSize.Exact(edge, edge), defaults.CropSize),
            DoRescale = reader.Boolean("do_rescale", defaults.DoRescale),
            RescaleFactor = reader.Number("rescale_factor", defaults.RescaleFactor)!.Value,
            DoNormalize = reader.Boolean("do_normalize", defaults.DoNormalize),
            ImageMean = reader.Channels("image_mean", defaults.ImageMean),
            ImageStd = reader.Channels("image_std", defaults.ImageStd),
            DoSampleFrames = reader.Boolean("do_sample_frames", defaults.DoSampleFrames),
            NumFrames = reader.Integer("num_frames", null),
            Fps = reader.Number("fps", null),
            Backend = reader.Backend(BackendField, ImpliedBackend(json)),
        };
        reader.ThrowIfProblems(source);
        options = options with { UnknownFields = reader.Unknown() };
        ImageProcessorValidation.ThrowIfInvalid(options, source);
        return options;
    }

    /// <summary>Writes settings as Hugging Face does: sorted by name, indented by two, unknown fields as they were.</summary>
    public static string Write(VideoMaeImageProcessorOptions options)
    {
        var fields = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["do_resize"] = options.DoResize,
            ["size"] = WriteSize(options.Size),
            ["resample"] = (int)options.Resample,
            ["do_center_crop"] = options.DoCenterCrop,
            ["crop_size"] = WriteSize(options.CropSize),
            ["do_rescale"] = options.DoRescale,
            ["rescale_factor"] = options.RescaleFactor,
            ["do_normalize"] = options.DoNormalize,
            ["image_mean"] = new JsonArray([.. options.ImageMean.Select(x => JsonValue.Create(x))]),
            ["image_std"] = new JsonArray([.. options.ImageStd.Select(x => JsonValue.Create(x))]),
        };
        JsonObject unknown = options.UnknownFields ?? [];
        foreach ((string name, JsonNode? value) in unknown)
            fields[name] = value?.DeepClone();
        if (options.DoSampleFrames)
            fields["do_sample_frames"] = true;
        if (options.NumFrames is { } frames)
            fields["num_frames"] = frames;
        if (options.Fps is { } fps)
            fields["fps"] = fps;
        if (!s_typeFields.Any(fields.ContainsKey))
            fields["image_processor_type"] = "VideoMAEImageProcessor";
        if (options.Backend != ImpliedBackend(unknown))
            fields[BackendField] = JsonFields.BackendName(options.Backend);
        return new JsonObject(fields).ToJsonString(s_indented) + "\n";
    }

    // Hugging Face's video processors and its 'Fast' image processors compute with torchvision, the others with Pillow.
    private static ProcessorBackend ImpliedBackend(JsonObject json)
    {
        bool fast = json["image_processor_type"] is JsonValue type && type.TryGetValue(out string? name)
            && name.EndsWith("Fast", StringComparison.Ordinal);
        return fast || json["video_processor_type"] is JsonValue ? ProcessorBackend.Torchvision : ProcessorBackend.Pillow;
    }

    private static JsonObject WriteSize(FrameSize size) => size.ShortestEdge is { } edge
        ? new JsonObject { ["shortest_edge"] = edge }
        : new JsonObject { ["height"] = size.Height, ["width"] = size.Width };
}
