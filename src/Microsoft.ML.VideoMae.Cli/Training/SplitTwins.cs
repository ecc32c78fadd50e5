// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Training;

/// <summary>Two videos of the same recording in two parts of a data set.</summary>
/// <param name="First">The file of the first.</param>
/// <param name="Second">That of the second; the same one where a file is in both parts.</param>
/// <param name="Labels">Their classes.</param>
/// <param name="Parts">The parts that they are in.</param>
/// <param name="Similarity">How alike they are; 1 for the same file.</param>
/// <param name="IsMirrored">Whether one is the mirror image of the other.</param>
/// <param name="Shift">How much later the second begins, in seconds.</param>
internal sealed record SplitTwin(string First, string Second, IReadOnlyList<string> Labels, IReadOnlyList<string> Parts, double Similarity,
    bool IsMirrored, double Shift);

/// <summary>Videos of the same recording in several parts of a run's data set: what is measured on them is too good.</summary>
internal static class SplitTwins
{
    /// <summary>More videos than these are not read once more: <c>videomae validate</c> does that on its own.</summary>
    public const int MostVideos = 1000;

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";

        public string Part { get; set; } = "";
    }

    /// <summary>Looks for them; the most alike first.</summary>
    /// <param name="ml">Reads the videos.</param>
    /// <param name="sets">The videos of a run.</param>
    /// <param name="note">Why nothing was looked for, where there is something to look for; null otherwise.</param>
    /// <param name="stop">Ends the search.</param>
    public static SplitTwin[] Find(MLContext ml, VideoSets sets, out string? note, CancellationToken stop)
    {
        note = null;
        Row[] rows = [.. Rows(ml, sets.Train, "training"), .. Rows(ml, sets.Validation, "validation"), .. Rows(ml, sets.Test, "test")];
        if (stop.IsCancellationRequested)
            return [];
        if (rows.Length > MostVideos)
        {
            note = $"No near duplicates across the parts were looked for among {rows.Length} videos: videomae validate --page does that.";
            return [];
        }

        VideoValidationReport report = ml.Data.ValidateVideos(ml.Data.LoadFromEnumerable(rows), splitColumnName: nameof(Row.Part),
            labelColumnName: nameof(Row.Label), cancellationToken: stop);
        IEnumerable<SplitTwin> near = report.NearDuplicates.Where(p => p.IsLeak).Select(p => new SplitTwin(
            p.First, p.Second, p.Labels, p.Splits, p.Similarity, p.IsMirrored, Math.Round(p.Shift.TotalSeconds, 2)));
        return [.. report.Duplicates.Where(d => d.IsLeak).Select(d => OfOneFile(d, rows)), .. near];
    }

    private static SplitTwin OfOneFile(VideoDuplicate duplicate, Row[] rows)
    {
        Row[] same = [.. rows.Where(r => duplicate.Videos.Contains(r.VideoPath))];
        Row first = same[0], second = same.First(r => r.Part != first.Part);
        return new SplitTwin(first.VideoPath, second.VideoPath, [first.Label, second.Label], [first.Part, second.Part], 1, false, 0);
    }

    private static IEnumerable<Row> Rows(MLContext ml, IDataView? data, string part) => data is null ? []
        : ml.Data.CreateEnumerable<VideoInput>(data, reuseRowObject: false, ignoreMissingColumns: true)
            .Select(row => new Row { VideoPath = row.VideoPath, Label = row.Label, Part = part });
}
