// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualBasic.FileIO;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Reads a list of videos: a text file with a header, one video a line.</summary>
internal static class VideoCsv
{
    private const int MostListed = 5;

    public static IDataView Load(IHostEnvironment env, string path, string pathColumnName, string? labelColumnName, char separator)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The list of videos '{path}' does not exist.", path);
        IHost host = env.Register(nameof(VideoCsv));
        using IChannel channel = host.Start("Listing");
        using var parser = new TextFieldParser(path) { HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = true };
        parser.SetDelimiters(separator.ToString());
        string[] header = parser.ReadFields() ?? throw host.Except($"The list of videos '{path}' is empty; expected a header line and a line for each video.");
        int pathColumn = Find(host, path, header, pathColumnName, "paths");
        int labelColumn = labelColumnName is null ? -1 : Find(host, path, header, labelColumnName, "labels");
        List<string[]> rows = ReadRows(host, path, parser, header, pathColumn);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (string[] row in rows)
            row[pathColumn] = Path.GetFullPath(row[pathColumn], folder);
        WarnOfMissing(channel, path, [.. rows.Select(r => r[pathColumn])]);
        channel.Info($"{rows.Count} videos are listed in '{path}'.");
        return Build(host, header, rows, pathColumn, labelColumn);
    }

    private static int Find(IHost host, string path, string[] header, string name, string what)
    {
        int index = Array.FindIndex(header, h => string.Equals(h, name, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? index : throw host.Except($"The list of videos '{path}' has no column '{name}' for {what}; its header has {string.Join(", ", header)}. " +
            "Name the column, and the separator if it is not a comma.");
    }

    private static List<string[]> ReadRows(IHost host, string path, TextFieldParser parser, string[] header, int pathColumn)
    {
        var rows = new List<string[]>();
        while (!parser.EndOfData)
        {
            long line = parser.LineNumber;
            string[] fields;
            try
            {
                fields = parser.ReadFields()!;
            }
            catch (MalformedLineException)
            {
                throw host.Except($"Line {parser.ErrorLineNumber} of '{path}' cannot be read: a quote is not closed, or stands in the middle of a field. It is: {parser.ErrorLine}");
            }

            if (fields.Length != header.Length)
                throw host.Except($"Line {line} of '{path}' has {fields.Length} fields, but the header has {header.Length}. Put fields with the separator in them into quotes.");
            if (fields[pathColumn].Length == 0)
                throw host.Except($"Line {line} of '{path}' has no path in column '{header[pathColumn]}'.");
            rows.Add(fields);
        }

        return rows.Count > 0 ? rows : throw host.Except($"The list of videos '{path}' has a header and no lines after it.");
    }

    private static void WarnOfMissing(IChannel channel, string path, string[] videos)
    {
        string[] missing = [.. videos.Where(v => !File.Exists(v) && !Directory.Exists(v))];
        if (missing.Length > 0)
        {
            channel.Warning($"{missing.Length} of the {videos.Length} videos listed in '{path}' do not exist, such as " +
                $"'{string.Join("', '", missing.Take(MostListed))}'. Relative paths start from the folder of the list.");
        }
    }

    /// <summary>VideoPath and Label come first, other columns keep their names.</summary>
    private static IDataView Build(IHost host, string[] header, List<string[]> rows, int pathColumn, int labelColumn)
    {
        var builder = new ArrayDataViewBuilder(host);
        builder.AddColumn("VideoPath", Column(rows, pathColumn));
        if (labelColumn >= 0)
            builder.AddColumn(DefaultColumnNames.Label, Column(rows, labelColumn));
        for (int i = 0; i < header.Length; i++)
        {
            if (i != pathColumn && i != labelColumn)
                builder.AddColumn(header[i], Column(rows, i));
        }

        return builder.GetDataView();
    }

    private static string[] Column(List<string[]> rows, int index) => [.. rows.Select(r => r[index])];
}
