// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.ML;

namespace VideoMaeCli;

/// <summary>How a list of videos is laid out; what is null is found out when it is read.</summary>
internal sealed record ListSettings
{
    /// <summary>A character, or its name.</summary>
    public string? Separator { get; init; }

    public bool? Header { get; init; }

    /// <summary>A name, or a number from 1.</summary>
    public string? PathColumn { get; init; }

    /// <summary>A name, or a number from 1.</summary>
    public string? LabelColumn { get; init; }

    public string? Encoding { get; init; }

    /// <summary>Whether nothing is said.</summary>
    [JsonIgnore]
    public bool IsEmpty => this == new ListSettings();

    /// <summary>Lists the videos.</summary>
    public IDataView Load(MLContext ml, string path) => ml.Data.LoadVideosFromCsv(path, PathColumn ?? "path", LabelColumn ?? "label",
        Separator is string separator ? SeparatorOf(separator) : null, Header, Encoding is string encoding ? EncodingOf(encoding) : null);

    /// <exception cref="ArgumentException">It is none.</exception>
    public static char SeparatorOf(string text) => text.ToLowerInvariant() switch
    {
        "comma" => ',',
        "semicolon" => ';',
        "tab" or "\\t" => '\t',
        "space" => ' ',
        "bar" => '|',
        { Length: 1 } => text[0],
        _ => throw new ArgumentException($"--separator is '{text}'; it has to be one character, or comma, semicolon, tab, space or bar."),
    };

    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static Encoding EncodingOf(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? System.Text.Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            throw new ArgumentException($"--encoding is '{name}', which is not known here; give a name such as utf-8, utf-16, " +
                "windows-1252, windows-1251, shift_jis or gb18030.");
        }
    }
}
