// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.VisualBasic.FileIO;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>One line of a list.</summary>
/// <param name="line">Its number.</param>
/// <param name="fields">Its fields.</param>
internal sealed partial class ListRow(long line, string[] fields)
{
    /// <summary>A line that begins so is a comment; a path that does stands in quotes.</summary>
    public const char Comment = '#';

    public long Line { get; } = line;

    public string[] Fields { get; } = fields;

    /// <summary>Where the fields begin in <see cref="_text"/>, where they stand between spaces.</summary>
    private int[] _starts = [];
    private string _text = "";

    /// <summary>Splits a text into lines and fields. Quoted fields may hold separators; empty lines and comments are left out.</summary>
    /// <param name="list">What errors call the list.</param>
    /// <param name="text">The text.</param>
    /// <param name="separator">What stands between fields; a space stands for any number of spaces and tabs.</param>
    /// <exception cref="InvalidDataException">A quote is not closed, or stands in the middle of a field.</exception>
    public static IEnumerable<ListRow> Split(string list, string text, char separator) =>
        separator == ' '
            ? text.Split('\n').Select(AtSpaces).Where(row => row.Fields.Length > 0 && !IsComment(row._text))
            : AtSeparators(list, text, separator);

    /// <summary>Whether a line is a comment.</summary>
    public static bool IsComment(string line) => line.AsSpan().TrimStart().StartsWith([Comment]);

    /// <summary>Puts a path that stands first and has spaces together again, so that there are so many fields.</summary>
    public ListRow Join(int count) => Fields.Length <= count || _text.Length == 0 ? this
        : new ListRow(Line, [_text[.._starts[Fields.Length - count + 1]].Trim(), .. Fields[^(count - 1)..]]);

    private static IEnumerable<ListRow> AtSeparators(string list, string text, char separator)
    {
        using var parser = new TextFieldParser(new StringReader(text))
        {
            HasFieldsEnclosedInQuotes = true,
            TrimWhiteSpace = true,
            CommentTokens = [Comment.ToString()],
            Delimiters = [separator.ToString()],
        };
        while (!parser.EndOfData)
        {
            long line = parser.LineNumber;
            string[]? fields;
            try
            {
                fields = parser.ReadFields();
            }
            catch (MalformedLineException)
            {
                throw new InvalidDataException($"Line {parser.ErrorLineNumber} of '{list}' cannot be read: a quote is not closed, " +
                    $"or stands in the middle of a field. It is: {parser.ErrorLine}");
            }

            if (fields is not null)
                yield return new ListRow(line, fields);
        }
    }

    private static ListRow AtSpaces(string line, int index)
    {
        Match[] words = [.. Word().Matches(line).Cast<Match>()];
        return new ListRow(index + 1, [.. words.Select(m => m.Groups[1].Success ? m.Groups[1].Value : m.Value)])
        {
            _starts = [.. words.Select(m => m.Index)],
            _text = line,
        };
    }

    [GeneratedRegex("\"([^\"]*)\"(?=\\s|$)|\\S+")]
    private static partial Regex Word();
}
