// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>Writes files in one step, as the library does, and makes their folders.</summary>
internal static class OutputFile
{
    public static void Write(string path, Action<string> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteByName(path, write);
    }
}

/// <summary>RFC 4180.</summary>
internal static class Csv
{
    public static string Quote(string text) => text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}

/// <summary>How this tool writes JSON.</summary>
internal static class Json
{
    /// <summary>Indented, camelCase, names for enumerations.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() }
    };

    /// <summary>JSON has no NaN, which the precision of a class is that was never predicted.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Null where the text is no such object.</summary>
    public static T? TryRead<T>(string text)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
