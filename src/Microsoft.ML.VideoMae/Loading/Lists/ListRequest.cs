// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Text;

namespace Microsoft.ML.VideoMae.Loading;

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
