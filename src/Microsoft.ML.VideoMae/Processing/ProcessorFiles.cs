// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Finds, reads and writes the files processors are stored in.</summary>
internal static class ProcessorFiles
{
    private const string VideoFileName = VideoMaeVideoProcessor.FileName;
    private const string CombinedFileName = "processor_config.json";
    private const string ImagePart = "image_processor";
    private const string VideoPart = "video_processor";

    // A processor's file has a few hundred bytes; what is larger is something else.
    private const long MaxBytes = 4 << 20;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    public static VideoMaeImageProcessorOptions Read(string path, bool preferVideo)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            JsonObject file = ReadObject(path);
            return ImageProcessorJson.Read(Part(file, preferVideo) ?? file, path);
        }

        string combined = Path.Combine(path, CombinedFileName);
        if (File.Exists(combined) && Part(ReadObject(combined), preferVideo) is { } part)
            return ImageProcessorJson.Read(part, combined);
        string[] names = preferVideo
            ? [VideoFileName, VideoMaeImageProcessor.FileName]
            : [VideoMaeImageProcessor.FileName, VideoFileName];
        foreach (string name in names)
        {
            string candidate = Path.Combine(path, name);
            if (File.Exists(candidate))
                return ImageProcessorJson.Read(ReadObject(candidate), candidate);
        }

        throw new FileNotFoundException(
            $"The folder '{path}' has no processor settings; looked for {CombinedFileName}, {names[0]} and {names[1]}.", path);
    }

    /// <summary>Whether a folder has settings of a processor.</summary>
    public static bool Exist(string folder) =>
        Array.Exists([CombinedFileName, VideoFileName, VideoMaeImageProcessor.FileName], name => File.Exists(Path.Combine(folder, name)));

    public static JsonObject Parse(string json, string source)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: s_strict) as JsonObject
                ?? throw new InvalidDataException($"'{source}' must hold a JSON object with an image processor's settings.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{source}' is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Writes settings, and makes the folder where it is missing.</summary>
    public static void Write(string folder, string name, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, name), text);
    }

    private static JsonObject ReadObject(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"There is no file or folder '{path}' with an image processor's settings.", path);
        if (file.Length > MaxBytes)
            throw new InvalidDataException($"'{path}' has {file.Length} bytes; an image processor's settings have at most {MaxBytes}.");
        return Parse(File.ReadAllText(path), path);
    }

    private static JsonObject? Part(JsonObject json, bool preferVideo) =>
        preferVideo
            ? json[VideoPart] as JsonObject ?? json[ImagePart] as JsonObject
            : json[ImagePart] as JsonObject ?? json[VideoPart] as JsonObject;
}
