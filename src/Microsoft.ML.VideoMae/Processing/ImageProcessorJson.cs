// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Between <see cref="VideoMaeImageProcessorOptions"/> and the JSON of Hugging Face's processors.</summary>
internal static class ImageProcessorJson
{
    private const string BackendField = "processor_backend";
    private const string SamplingField = "frame_sampling";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    // The names processors are stored under: the image processor's of old and new releases, and the video processor's.
    private static readonly string[] s_typeFields = ["image_processor_type", "feature_extractor_type", "video_processor_type"];

    private static readonly (string Name, ProcessorBackend Backend)[] s_backends =
    [
        ("pillow", ProcessorBackend.Pillow),
        ("torchvision", ProcessorBackend.Torchvision),
        ("torchvision_round_crop", ProcessorBackend.TorchvisionRoundCrop),
    ];

    /// <summary>Reads settings; absent fields and nulls get the defaults of the reference's class.</summary>
    public static VideoMaeImageProcessorOptions Read(JsonObject json, string source)
    {
        var problems = new ProblemList();
        var reader = new JsonFields(json, problems);
        var defaults = new VideoMaeImageProcessorOptions();
        var options = new VideoMaeImageProcessorOptions
        {
            DoResize = reader.Flag("do_resize", defaults.DoResize),
            Size = Size(reader, "size", FrameSize.Shortest, defaults.Size),
            Resample = (Resampling)reader.Integer("resample", (int)defaults.Resample),
            DoCenterCrop = reader.Flag("do_center_crop", defaults.DoCenterCrop),
            CropSize = Size(reader, "crop_size", edge => FrameSize.Exact(edge, edge), defaults.CropSize),
            DoRescale = reader.Flag("do_rescale", defaults.DoRescale),
            RescaleFactor = reader.Number("rescale_factor", defaults.RescaleFactor),
            DoNormalize = reader.Flag("do_normalize", defaults.DoNormalize),
            ImageMean = Channels(reader, "image_mean", defaults.ImageMean),
            ImageStd = Channels(reader, "image_std", defaults.ImageStd),
            DoSampleFrames = reader.Flag("do_sample_frames", defaults.DoSampleFrames),
            NumFrames = reader.Integer("num_frames"),
            Fps = reader.Number("fps"),
            Backend = Backend(reader, ImpliedBackend(json)),
        };
        ImageProcessorValidation.ThrowIfAny(problems, source);
        options = options with { UnknownFields = [.. reader.Unknown()] };
        ImageProcessorValidation.ThrowIfInvalid(options, source);
        return options;
    }

    private static IReadOnlyList<double> Channels(JsonFields fields, string name, IReadOnlyList<double> otherwise)
    {
        JsonNode? node = fields.Take(name);
        if (node is null)
            return otherwise;
        if (JsonFields.AsNumber(node) is { } one)
            return [one, one, one];
        double?[] values = node is JsonArray array ? [.. array.Select(JsonFields.AsNumber)] : [null];
        return values.All(v => v is not null)
            ? [.. values.Select(v => v!.Value)]
            : fields.Wrong(name, node, "a number or a list of three numbers", otherwise);
    }

    private static FrameSize Size(JsonFields fields, string name, Func<int, FrameSize> fromNumber, FrameSize otherwise)
    {
        JsonNode? node = fields.Take(name);
        FrameSize? size = node switch
        {
            null => otherwise,
            JsonValue when JsonFields.AsInteger(node) is { } edge => fromNumber(edge),
            JsonArray { Count: 2 } pair => Exact(pair[0], pair[1]),
            JsonObject parts => FromObject(parts),
            _ => null,
        };
        return size ?? fields.Wrong(name, node!, """a whole number, {"shortest_edge": n} or {"height": n, "width": n}""", otherwise);
    }

    // Newer releases write all fields a size can have, most of them null.
    private static FrameSize? FromObject(JsonObject json) => json.Count(field => field.Value is not null) switch
    {
        1 when JsonFields.AsInteger(json["shortest_edge"]) is { } edge => FrameSize.Shortest(edge),
        2 when JsonFields.AsInteger(json["shortest_edge"]) is { } edge && JsonFields.AsInteger(json["longest_edge"]) is { } longest =>
            FrameSize.Shortest(edge, longest),
        2 => Exact(json["height"], json["width"]),
        _ => null,
    };

    private static FrameSize? Exact(JsonNode? height, JsonNode? width) =>
        JsonFields.AsInteger(height) is { } h && JsonFields.AsInteger(width) is { } w ? FrameSize.Exact(h, w) : null;

    private static ProcessorBackend Backend(JsonFields fields, ProcessorBackend otherwise)
    {
        if (fields.Take(BackendField) is not { } node)
            return otherwise;
        foreach ((string known, ProcessorBackend backend) in s_backends)
        {
            if (node is JsonValue value && value.TryGetValue(out string? text) && text == known)
                return backend;
        }

        return fields.Wrong(BackendField, node, string.Join(", ", s_backends.Select(b => b.Name)), otherwise);
    }

    /// <summary>The frame sampling that stands beside the settings; null where none does.</summary>
    public static FrameSampler? ReadSampling(VideoMaeImageProcessorOptions options)
    {
        if (options.UnknownFields?[SamplingField] is not JsonNode node)
            return null;
        try
        {
            return FrameSampler.Parse(node is JsonValue value && value.TryGetValue(out string? text) ? text : node.ToJsonString());
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{SamplingField} of the processor's settings: {e.Message}", e);
        }
    }

    public static VideoMaeImageProcessorOptions WithSampling(VideoMaeImageProcessorOptions options, FrameSampler sampler)
    {
        JsonObject unknown = options.UnknownFields?.DeepClone().AsObject() ?? [];
        unknown[SamplingField] = sampler.ToString();
        return options with { UnknownFields = unknown };
    }

    /// <summary>Writes settings as transformers 5 writes those of its video processor, for a model that takes a number of frames.</summary>
    public static string WriteVideo(VideoMaeImageProcessorOptions options)
    {
        JsonObject fields = JsonNode.Parse(Write(options))!.AsObject();
        foreach (string name in s_typeFields)
            fields.Remove(name);
        fields.Remove(BackendField); // Its class computes with torchvision whatever is said here.
        fields["video_processor_type"] = "VideoMAEVideoProcessor";
        fields.TryAdd("do_convert_rgb", true);
        fields.TryAdd("do_sample_frames", false);
        fields.TryAdd("return_metadata", false);
        var sorted = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? value) in fields)
            sorted[name] = value?.DeepClone();
        return new JsonObject(sorted).ToJsonString(s_indented) + "\n";
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
            fields[BackendField] = s_backends.First(b => b.Backend == options.Backend).Name;
        return new JsonObject(fields).ToJsonString(s_indented) + "\n";
    }

    // Hugging Face's video processors and its 'Fast' image processors compute with torchvision, the others with Pillow.
    private static ProcessorBackend ImpliedBackend(JsonObject json)
    {
        bool fast = json["image_processor_type"] is JsonValue type && type.TryGetValue(out string? name)
            && name.EndsWith("Fast", StringComparison.Ordinal);
        return fast || json["video_processor_type"] is JsonValue ? ProcessorBackend.Torchvision : ProcessorBackend.Pillow;
    }

    private static JsonObject WriteSize(FrameSize size) => size switch
    {
        { ShortestEdge: int edge, LongestEdge: int longest } => new JsonObject { ["longest_edge"] = longest, ["shortest_edge"] = edge },
        { ShortestEdge: int edge } => new JsonObject { ["shortest_edge"] = edge },
        _ => new JsonObject { ["height"] = size.Height, ["width"] = size.Width },
    };
}
