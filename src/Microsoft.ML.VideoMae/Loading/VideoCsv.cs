// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Reads a list of videos: a text file with one video a line.</summary>
internal static partial class VideoCsv
{
    /// <summary>The channel of the line that says how a list was read.</summary>
    public const string LayoutChannel = "Layout of a list";
    private const int MostListed = 5;

    public static IDataView Load(IHostEnvironment env, string path, ListRequest request)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The list of videos '{path}' does not exist.", path);
        IHost host = env.Register(nameof(VideoCsv));
        if (VideoFiles.HasVideoExtension(path))
            throw host.Except($"'{path}' is a video, not a list of videos. Give a text file with a line for each video, or a folder.");
        try
        {
            (ListLayout layout, List<string[]> rows) = Read(host, path, request);
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            foreach (string[] row in rows)
                row[layout.PathColumn] = Path.GetFullPath(row[layout.PathColumn], folder);
            using IChannel channel = host.Start("Listing");
            WarnOfMissing(channel, path, [.. rows.Select(r => r[layout.PathColumn])]);
            channel.Info($"{rows.Count} videos are listed in '{path}'.");
            return Build(host, layout, rows);
        }
        catch (InvalidDataException e)
        {
            throw host.Except(e, e.Message);
        }
    }

    private static (ListLayout Layout, List<string[]> Rows) Read(IHost host, string path, ListRequest request)
    {
        ListText content = ListText.Read(path, request.Encoding);
        // Spreadsheets say their separator so; the line stays, empty, so that others keep their numbers.
        string text = content.Text.ReplaceLineEndings("\n");
        if (SeparatorLine().Match(text) is { Success: true } said)
        {
            request = request with { Separator = request.Separator ?? said.Groups[1].Value[0] };
            text = text[said.Length..].Insert(0, "\n");
        }

        ListLayout layout = new ListSniffer(path, text, request).Find();
        List<string[]> rows = ReadRows(path, text, layout);
        int comments = text.Split('\n').Count(ListRow.IsComment);
        if (!layout.IsUsual || !content.IsUsual || comments > 0)
        {
            using IChannel channel = host.Start(LayoutChannel);
            string left = comments > 0 ? $"; {comments} lines that begin with {ListRow.Comment} are comments" : "";
            channel.Info($"'{path}' is read as {content.Encoding} with {layout}{left}.");
        }

        return (layout, rows);
    }

    private static List<string[]> ReadRows(string path, string text, ListLayout layout)
    {
        var rows = new List<string[]>();
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (ListRow row in ListRow.Split(path, text, layout.Separator).Skip(layout.Header is null ? 0 : 1))
        {
            ListRow whole = layout.PathColumn == 0 ? row.Join(layout.FieldCount) : row;
            bool isJoined = !ReferenceEquals(row, whole);

            // What was put together has to be a path, or the line is broken in another way.
            bool isPath = !isJoined || VideoFiles.HasVideoExtension(whole.Fields[0]) || Path.Exists(Path.Combine(folder, whole.Fields[0]));
            if (whole.Fields.Length != layout.FieldCount || !isPath)
            {
                string who = layout.Header is null ? "others have" : "the header has";
                throw new InvalidDataException(
                    $"Line {row.Line} of '{path}' has {row.Fields.Length} fields, but {who} {layout.FieldCount}. " +
                    "Put fields with the separator in them into quotes.");
            }

            if (whole.Fields[layout.PathColumn].Length == 0)
                throw new InvalidDataException($"Line {row.Line} of '{path}' has no path in column '{layout.NameOf(layout.PathColumn)}'.");
            rows.Add(whole.Fields);
        }

        return rows.Count > 0 ? rows : throw new InvalidDataException($"The list of videos '{path}' has a header and no lines after it.");
    }

    private static void WarnOfMissing(IChannel channel, string path, string[] videos)
    {
        string[] missing = [.. videos.Where(v => !File.Exists(v) && !Directory.Exists(v))];
        if (missing.Length == 0)
            return;
        // A list holds a name as UTF-8 or in its own encoding; a file whose name is neither is not found by either.
        bool isAscii = missing.Take(MostListed).All(m => System.Text.Ascii.IsValid(m));
        channel.Warning($"{missing.Length} of the {videos.Length} videos listed in '{path}' do not exist, such as " +
            $"'{string.Join("', '", missing.Take(MostListed))}'. " +
            "Relative paths start from the folder of the list." +
            (isAscii ? "" : " Names of files that are not UTF-8 cannot be opened: rename such files. " +
                "Where letters look wrong, name the encoding of the list (encoding; in the tool --encoding)."));
    }

    /// <summary>VideoPath and Label come first, other columns keep their names.</summary>
    private static IDataView Build(IHost host, ListLayout layout, List<string[]> rows)
    {
        var builder = new ArrayDataViewBuilder(host);
        builder.AddColumn("VideoPath", Column(rows, layout.PathColumn));
        if (layout.LabelColumn >= 0)
            builder.AddColumn(DefaultColumnNames.Label, Column(rows, layout.LabelColumn));
        for (int i = 0; i < layout.FieldCount; i++)
        {
            if (i != layout.PathColumn && i != layout.LabelColumn)
                builder.AddColumn(layout.NameOf(i), Column(rows, i));
        }

        return builder.GetDataView();
    }

    private static string[] Column(List<string[]> rows, int index) => [.. rows.Select(r => r[index])];

    [GeneratedRegex(@"\Asep=(.)[ \t]*(?=\n|\z)", RegexOptions.IgnoreCase)]
    private static partial Regex SeparatorLine();
}
