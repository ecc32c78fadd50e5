// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Progress;
using VideoMaeCli.Verbs;

namespace VideoMaeCli.Scoring;

/// <summary>What parts are made of.</summary>
internal enum PartKind
{
    Predictions,
    Features,
    Evaluation,
    Validation,
}

/// <summary>What a part belongs to: parts of one result have the same, but for <see cref="Shard"/>.</summary>
/// <param name="Kind">What it is made of.</param>
/// <param name="Model">The model, or the data set where there is none.</param>
/// <param name="Videos">The number of videos of all parts.</param>
internal sealed record PartHeader(PartKind Kind, string Model, int Videos)
{
    /// <summary>Which part, from 1.</summary>
    public int Shard { get; init; } = 1;

    public int Of { get; init; } = 1;

    /// <summary>What the model was trained for.</summary>
    public VideoTask Task { get; init; }

    /// <summary>The names of its classes; none for numbers.</summary>
    public string[] Classes { get; init; } = [];

    public UnknownLabel[] Unknown { get; init; } = [];

    public string Which { get; init; } = "";

    public int Layer { get; init; }

    public bool Json { get; init; }

    /// <summary>What was said while the data set was read.</summary>
    public string[] Warnings { get; init; } = [];

    /// <summary>Whether videos of the data set are left out.</summary>
    public bool LeavesOutVideos { get; init; }

    /// <summary>All that parts have to have in common, as a text.</summary>
    public string InCommon() => JsonSerializer.Serialize(this with { Shard = 0 });
}

/// <summary>What is known of a video.</summary>
/// <param name="Index">Its place in the list of all videos.</param>
/// <param name="Path">The video.</param>
/// <param name="Values">Scores or features; null where it cannot be read.</param>
/// <param name="Error">Why it cannot.</param>
internal sealed record PartRow(int Index, string Path, float[]? Values, string? Error)
{
    public string? Label { get; init; }

    public VideoReadError ErrorKind { get; init; }

    /// <summary>What was found in the video, a <see cref="VideoFinding"/> in the library's words.</summary>
    public JsonElement? Finding { get; init; }

    [JsonIgnore]
    public bool IsRead => Error is null && (Values is not null || Finding is not null);
}

/// <summary>Parts on disk: a line of JSON that says what they belong to, and a line for each video.</summary>
internal static class PartFile
{
    private static readonly JsonSerializerOptions s_line =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true };

    public static void Write(string path, PartHeader header, IEnumerable<PartRow> rows)
    {
        using var writer = new StreamWriter(path);
        writer.WriteLine(JsonSerializer.Serialize(header, s_line));
        foreach (PartRow row in rows)
            writer.WriteLine(JsonSerializer.Serialize(row, s_line));
    }

    /// <summary>Reads parts, and makes sure that they are all of one result.</summary>
    /// <exception cref="InvalidDataException">A file is no part, or parts are missing, there twice, or of several results.</exception>
    public static (PartHeader Header, PartRow[] Rows) ReadAll(IReadOnlyList<string> paths)
    {
        (string Path, PartHeader Header, PartRow[] Rows)[] parts = [.. paths.Select(Read)];
        PartHeader first = parts[0].Header;
        foreach ((string path, PartHeader header, _) in parts)
        {
            if (header.InCommon() != first.InCommon())
                throw new InvalidDataException($"'{path}' and '{parts[0].Path}' are parts of different results: they have another model, " +
                    "other videos, other options or another number of parts.");
        }

        string[] problems =
        [
            .. Enumerable.Range(1, first.Of).Where(number => parts.All(p => p.Header.Shard != number))
                .Select(number => $"part {number}/{first.Of} is missing"),
            .. parts.GroupBy(p => p.Header.Shard).Where(same => same.Count() > 1)
                .Select(same => $"part {same.Key}/{first.Of} is there {same.Count()} times ({string.Join(", ", same.Select(p => p.Path))})"),
        ];
        if (problems.Length > 0)
            throw new InvalidDataException($"The parts make no whole: {string.Join("; ", problems)}.");
        PartRow[] rows = [.. parts.SelectMany(p => p.Rows).OrderBy(row => row.Index)];
        // A file that was cut off has too few lines.
        if (!rows.Select(row => row.Index).SequenceEqual(Enumerable.Range(0, first.Videos)))
            throw new InvalidDataException($"The parts have {rows.Select(r => r.Index).Distinct().Count()} of {first.Videos} videos, on " +
                $"{rows.Length} lines: a part is damaged. Make it again.");
        return (first, rows);
    }

    private static (string Path, PartHeader Header, PartRow[] Rows) Read(string path)
    {
        try
        {
            string[] lines = File.ReadAllLines(path);
            PartHeader header = JsonSerializer.Deserialize<PartHeader>(lines[0], s_line)!;
            return header.Shard >= 1 && header.Shard <= header.Of
                ? (path, header, [.. lines.Skip(1).Select(line => JsonSerializer.Deserialize<PartRow>(line, s_line)!)])
                : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}' is no part of a result that --shard wrote, or it is damaged.");
        }
    }
}

/// <summary>The result of all videos, written as a single process writes it.</summary>
internal static class WholeResult
{
    public static int Write(PartHeader header, PartRow[] rows, FileInfo? output)
    {
        if (header.Kind == PartKind.Evaluation)
            return EvaluateVerb.Report(new MLContext(), header, rows, new PlainDisplay(saysEpochs: false));
        if (header.Kind == PartKind.Features)
            return FeaturesVerb.WriteAsync(rows, output!.FullName, CancellationToken.None).GetAwaiter().GetResult();
        if (output is null)
            Write(header, rows, Console.Out);
        else
            OutputFile.Write(output.FullName, path =>
            {
                using var writer = new StreamWriter(path);
                Write(header, rows, writer);
            });
        return rows.All(row => row.IsRead) ? ExitCode.Done : ExitCode.SomethingWrong;
    }

    private static void Write(PartHeader header, PartRow[] rows, TextWriter target)
    {
        var writer = new PredictionWriter(target, header.Task, header.Classes, header.Json);
        foreach (PartRow row in rows)
        {
            if (row.Error is not null)
                Console.Error.WriteLine(row.Error);
            writer.Write(row.Path, row.Values, row.Error);
        }
    }
}
