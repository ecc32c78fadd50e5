// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>How a list is laid out.</summary>
/// <param name="Separator">What stands between fields.</param>
/// <param name="Header">The names of the columns; null where the first line is a video already.</param>
/// <param name="FieldCount">The number of columns.</param>
/// <param name="PathColumn">The column of the paths, from 0.</param>
/// <param name="LabelColumn">The column of the labels; -1 for none.</param>
internal sealed record ListLayout(char Separator, string[]? Header, int FieldCount, int PathColumn, int LabelColumn)
{
    /// <summary>The name of a column that is neither path nor label.</summary>
    public string NameOf(int column) => Header?[column] ?? $"Column{column + 1}";

    /// <summary>Whether it is laid out as documents say first.</summary>
    public bool IsUsual => Separator == ',' && Header is not null;

    /// <summary>What was taken for what.</summary>
    public override string ToString()
    {
        IEnumerable<string> columns =
            new[] { $"paths in column {PathColumn + 1}", LabelColumn < 0 ? "no labels" : $"labels in column {LabelColumn + 1}" };
        return $"{NameOf(Separator)} between fields, {(Header is null ? "no header" : "a header")}, {string.Join(", ", columns)}" +
            (Header is null && FieldCount > (LabelColumn < 0 ? 1 : 2) ? $"; other columns are called {string.Join(", ", Others())}" : "");
    }

    /// <summary>A separator as people say it.</summary>
    public static string NameOf(char separator) => separator switch
    {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        ' ' => "spaces",
        _ => $"'{separator}'",
    };

    private IEnumerable<string> Others() => Enumerable.Range(0, FieldCount).Where(i => i != PathColumn && i != LabelColumn).Select(NameOf);
}

/// <summary>What a caller says of a list; what is null is found out.</summary>
/// <param name="PathColumn">The column of the paths: a name whatever its case, or a number from 1.</param>
/// <param name="LabelColumn">The column of the labels, in the same way; null for a list without labels.</param>
/// <param name="Separator">What stands between fields.</param>
/// <param name="HasHeader">Whether the first line names the columns.</param>
/// <param name="Encoding">How the bytes are text.</param>
internal sealed record ListRequest(string PathColumn, string? LabelColumn, char? Separator, bool? HasHeader, Encoding? Encoding)
{
    public const string DefaultPath = "path";
    public const string DefaultLabel = "label";

    /// <summary>What to say where something is not clear.</summary>
    public const string Advice =
        "Say how the list is laid out with separator, hasHeader, pathColumnName and labelColumnName, which take numbers from 1 too " +
        "(in the tool: --separator, --header, --path-column, --label-column)";
}
