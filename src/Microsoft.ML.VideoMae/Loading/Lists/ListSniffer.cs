// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>Finds out how a list is laid out, from its first lines and from which files there are.</summary>
/// <param name="list">The path of the list.</param>
/// <param name="text">Its text.</param>
/// <param name="request">What is known already.</param>
internal sealed class ListSniffer(string list, string text, ListRequest request)
{
    private const int MostLines = 200;
    private static readonly char[] s_separators = [',', ';', '\t', '|', ' '];

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(list))!;

    private sealed record Candidate(ListLayout Layout, int Evidence);

    /// <summary>The layout.</summary>
    /// <exception cref="InvalidDataException">It cannot be told, or there is no such column.</exception>
    public ListLayout Find()
    {
        var samples = new Dictionary<char, ListRow[]>();
        Exception? broken = null;
        foreach (char separator in request.Separator is char given ? [given] : s_separators)
        {
            try
            {
                samples[separator] = [.. ListRow.Split(list, text, separator).Take(MostLines)];
            }
            catch (InvalidDataException e)
            {
                broken ??= e;
            }
        }

        if (samples.Values.FirstOrDefault() is not { } first)
            throw broken!;
        if (first.Length == 0)
            throw new InvalidDataException(
                $"The list of videos '{list}' is empty; expected a line for each video, with a header line above them or without.");
        if (request.HasHeader != false && samples.FirstOrDefault(s => IsHeader(s.Value[0].Fields)) is { Value: not null } named)
            return WithHeader(named.Key, named.Value[0].Fields);
        bool isNamed = IsOwnName(request.PathColumn, ListRequest.DefaultPath)
            || request.LabelColumn is string label && IsOwnName(label, ListRequest.DefaultLabel);
        return request.HasHeader ?? isNamed ? Widest(samples) : WithoutHeader(samples, broken);
    }

    /// <summary>
    /// Whether a line names what is looked for: the column of the paths, or that of the labels where the other is given by its number.
    /// </summary>
    private bool IsHeader(string[] fields) =>
        Number(request.PathColumn) is null ? Index(fields, request.PathColumn, ListRequest.DefaultPath) >= 0
        : request.LabelColumn is string label && Number(label) is null && Index(fields, label, ListRequest.DefaultLabel) >= 0;

    /// <summary>Whether the caller gave a name, which a list without a header cannot have.</summary>
    private static bool IsOwnName(string name, string usual) =>
        Number(name) is null && !string.Equals(name, usual, StringComparison.OrdinalIgnoreCase);

    /// <summary>A column by its name, whatever its case; a path column may be called as that of the data view is.</summary>
    private static int Index(string[] header, string name, string usual)
    {
        int index = Array.FindIndex(header, h => string.Equals(h, name, StringComparison.OrdinalIgnoreCase));
        return index >= 0 || !string.Equals(name, usual, StringComparison.OrdinalIgnoreCase) || usual != ListRequest.DefaultPath ? index
            : Array.FindIndex(header, h => string.Equals(h, "VideoPath", StringComparison.OrdinalIgnoreCase));
    }

    private ListLayout WithHeader(char separator, string[] header) => new(separator, header, header.Length,
        Column(header, request.PathColumn, ListRequest.DefaultPath, "paths"),
        request.LabelColumn is string label ? Column(header, label, ListRequest.DefaultLabel, "labels") : -1);

    private int Column(string[] header, string name, string usual, string what)
    {
        int index = Index(header, name, usual);
        return index >= 0 ? index : Number(name) is int number && number < header.Length ? number : throw new InvalidDataException(
            $"The list of videos '{list}' has no column '{name}' for {what}; its header has " +
            $"{string.Join(", ", header)}. Name the column. {ListRequest.Advice}.");
    }

    /// <summary>There is a header without the usual names: columns are given by their numbers, or are not there.</summary>
    private ListLayout Widest(Dictionary<char, ListRow[]> samples)
    {
        (char separator, ListRow[] rows) = samples.MaxBy(s => s.Value[0].Fields.Length);
        return WithHeader(separator, rows[0].Fields);
    }

    private ListLayout WithoutHeader(Dictionary<char, ListRow[]> samples, Exception? broken)
    {
        // One field is the same whatever does not stand in it.
        Candidate[] candidates = [.. samples.SelectMany(s => s.Key == ' ' ? AtSpaces(s.Value) : AtSeparators(s.Key, s.Value))
            .DistinctBy(c => (c.Layout.FieldCount, c.Layout.FieldCount == 1 ? '\n' : c.Layout.Separator))];
        if (candidates.Length == 0 && broken is not null)
            throw broken;
        if (candidates.Length == 0 && request.HasHeader is null && !samples.Values.Any(rows => rows[0].Fields.Any(IsData)))
            return Widest(samples);
        int best = candidates.Select(c => c.Evidence).DefaultIfEmpty().Max();
        Candidate[] found = [.. candidates.Where(c => c.Evidence == best)];
        return found.Length == 1 ? found[0].Layout : throw Unclear(samples, found);
    }

    private InvalidDataException Unclear(Dictionary<char, ListRow[]> samples, Candidate[] found)
    {
        string line = text.Split('\n').First(l => l.Trim().Length > 0 && !ListRow.IsComment(l)).Trim();
        string why = found.Length > 1 ? $"it can be read in {found.Length} ways ({string.Join("; or ", found.Select(c => c.Layout))})"
            : samples.Values.All(rows => rows.All(r => r.Fields.Length == 1)) ? "its lines have one field, and labels are wanted"
            : "no column of it has paths of videos, with the labels in the other one; paths with spaces in a " +
            "list with spaces between fields stand in quotes";
        return new InvalidDataException(
            $"The list of videos '{list}' has no header with '{request.PathColumn}', and it is not clear how it is laid out: {why}. " +
            $"Its first line is: {line}  {ListRequest.Advice}.");
    }

    private IEnumerable<Candidate> AtSeparators(char separator, ListRow[] rows)
    {
        int count = rows[0].Fields.Length;
        if (rows.Any(r => r.Fields.Length != count))
            return [];
        return Try(separator, rows, count) is Candidate candidate ? [candidate] : [];
    }

    /// <summary>
    /// Between spaces, a path may have spaces itself: two and three columns are tried, with what is too much in the first.
    /// </summary>
    private IEnumerable<Candidate> AtSpaces(ListRow[] rows)
    {
        int fewest = rows.Min(r => r.Fields.Length), most = rows.Max(r => r.Fields.Length);
        int[] counts = most == fewest
            ? [.. new[] { 2, 3, most }.Where(c => c <= most).Distinct()]
            : [.. new[] { 2, 3 }.Where(c => c <= fewest)];
        foreach (int count in counts.Where(c => c > 1 || request.LabelColumn is null))
        {
            ListRow[] joined = [.. rows.Select(r => r.Join(count))];
            bool isSure = rows.Zip(joined).All(pair => ReferenceEquals(pair.First, pair.Second) || IsKnown(pair.Second.Fields[0]));
            if (isSure && Try(' ', joined, count) is Candidate candidate)
                yield return candidate;
        }
    }

    private Candidate? Try(char separator, ListRow[] rows, int count)
    {
        int path = IsOwnName(request.PathColumn, ListRequest.DefaultPath) ? -1 : Number(request.PathColumn) ?? PathOf(rows, count);
        int label = request.LabelColumn is not string name || IsOwnName(name, ListRequest.DefaultLabel)
            ? -1
            : Number(name) ?? LabelOf(rows, count, path);
        bool fits = path >= 0 && path < count && label < count && (label >= 0 || request.LabelColumn is null) && label != path;
        return fits && !BeginsWithAHeader(rows, path)
            ? new Candidate(new ListLayout(separator, null, count, path, label), rows.Count(r => IsKnown(r.Fields[path])))
            : null;
    }

    /// <summary>A header may name a folder that is there; the lines below it then look otherwise.</summary>
    private bool BeginsWithAHeader(ListRow[] rows, int path) => request.HasHeader is null && rows.Length > 1
        && !VideoFiles.HasVideoExtension(rows[0].Fields[path]) && rows.Skip(1).All(r => VideoFiles.HasVideoExtension(r.Fields[path]));

    /// <summary>The column in which every line has a path, by preference of files that are there; -1 for none.</summary>
    private int PathOf(ListRow[] rows, int count) => Enumerable.Range(0, count).Where(c => rows.All(r => IsPath(r.Fields[c])))
        .OrderByDescending(c => rows.Count(r => IsKnown(r.Fields[c]))).DefaultIfEmpty(-1).First();

    /// <summary>The other one of two columns; of three, the last one where a number of frames stands between.</summary>
    private static int LabelOf(ListRow[] rows, int count, int path) => count switch
    {
        2 => 1 - path,
        3 when path == 0 && rows.All(r => int.TryParse(r.Fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)) => 2,
        _ => -1,
    };

    private static int? Number(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number - 1 : null;

    private bool IsPath(string field) => IsKnown(field) || field.AsSpan().ContainsAny('/', '\\');

    private bool IsKnown(string field) =>
        field.Length > 0 && (VideoFiles.HasVideoExtension(field) || Path.Exists(Path.Combine(_folder, field)));

    /// <summary>Names of columns are neither numbers nor paths.</summary>
    private bool IsData(string field) => IsPath(field) || double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
