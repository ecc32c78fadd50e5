// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.ML;

namespace VideoMaeCli;

/// <summary>The options of verbs that read lists of videos, for those that cannot be told by looking at them.</summary>
internal sealed class ListOptions
{
    private readonly Option<string?> _separator = new("--separator")
    {
        Description = "What stands between the fields of a list: a character, or comma, semicolon, tab, space or bar."
    };
    private readonly Option<bool?> _header =
        new("--header") { Description = "Whether the first line of a list names its columns: true or false." };
    private readonly Option<string?> _path = new("--path-column") { Description = "The column of the paths: a name, or a number from 1." };
    private readonly Option<string?> _label =
        new("--label-column") { Description = "The column of the labels: a name, or a number from 1." };
    private readonly Option<string?> _encoding =
        new("--encoding") { Description = "How a list is text, such as utf-8, windows-1252 or shift_jis." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_separator, _header, _path, _label, _encoding])
            command.Options.Add(option);
        _separator.CompletionSources.Add("comma", "semicolon", "tab", "space", "bar");
        Check(_separator, text => ListSettings.SeparatorOf(text));
        Check(_encoding, text => ListSettings.EncodingOf(text));
    }

    /// <summary>What the command line says, and else what was said before.</summary>
    public ListSettings Read(ParseResult result, ListSettings? before = null) => new()
    {
        Separator = result.GetValue(_separator) ?? before?.Separator,
        Header = result.GetValue(_header) ?? before?.Header,
        PathColumn = result.GetValue(_path) ?? before?.PathColumn,
        LabelColumn = result.GetValue(_label) ?? before?.LabelColumn,
        Encoding = result.GetValue(_encoding) ?? before?.Encoding,
    };

    private static void Check<T>(Option<string?> option, Func<string, T> parse) => option.Validators.Add(result =>
    {
        try
        {
            if (result.Tokens.Count > 0)
                parse(result.Tokens[0].Value);
        }
        catch (ArgumentException e)
        {
            result.AddError(e.Message);
        }
    });
}

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
