// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace VideoMaeCli;

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
