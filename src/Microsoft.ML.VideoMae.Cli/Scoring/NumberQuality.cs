// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Scoring;

/// <summary>A video with the number that it has and the one that it was given.</summary>
internal sealed record ScoredNumber(string Path, float Label, float Score);

/// <summary>How near the numbers of a model are.</summary>
internal sealed class NumberQuality : ModelQuality
{
    private sealed class Row
    {
        public float Label { get; set; }

        public float Score { get; set; }
    }

    private NumberQuality(RegressionMetrics metrics, IReadOnlyList<ScoredNumber> videos, IReadOnlyList<VideoReadException> unreadable,
        IReadOnlyList<UnknownLabel> unknown, TimeSpan elapsed) =>
        (Metrics, Videos, Unreadable, Unknown, Elapsed) = (metrics, videos, unreadable, unknown, elapsed);

    /// <summary>ML.NET's own.</summary>
    public RegressionMetrics Metrics { get; }

    /// <summary>The videos, the one that is farthest off first.</summary>
    public IReadOnlyList<ScoredNumber> Videos { get; }

    public override int Count => Videos.Count;

    public override TimeSpan Elapsed { get; }

    public override IReadOnlyList<VideoReadException> Unreadable { get; }

    public override IReadOnlyList<UnknownLabel> Unknown { get; }

    public override string Known => $"It takes {VideoTasks.Takes(VideoTask.Regression)}.";

    /// <exception cref="InvalidDataException">No video could be read.</exception>
    public static NumberQuality Measure(
        MLContext ml, IReadOnlyList<PartRow> rows, IReadOnlyList<UnknownLabel> unknown, TimeSpan elapsed)
    {
        ScoredNumber[] videos = [.. rows.Where(r => r.Values is not null)
            .Select(r => new ScoredNumber(r.Path, VideoTasks.Number(r.Label!)!.Value, r.Values![0]))
            .OrderByDescending(v => Math.Abs((double)v.Score - v.Label))];
        VideoReadException[] unreadable =
            [.. rows.Where(r => r.Values is null).Select(r => new VideoReadException(r.Path, r.ErrorKind, r.Error ?? ""))];
        if (videos.Length == 0)
        {
            throw new InvalidDataException(unreadable.Length > 0
                ? $"None of the {unreadable.Length} videos can be read. The first: {unreadable[0].Message}"
                : unknown.Count > 0
                ? $"No video has a label that is a number: {UnknownLabel.Describe(unknown)}."
                : "There are no videos to measure on.");
        }

        IDataView data = ml.Data.LoadFromEnumerable(videos.Select(v => new Row { Label = v.Label, Score = v.Score }));
        return new NumberQuality(ml.Regression.Evaluate(data), videos, unreadable, unknown, elapsed);
    }

    public override void Print()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  R squared {Metrics.RSquared:0.000}, root mean squared error {Metrics.RootMeanSquaredError:G4}, mean error " +
            $"{Metrics.MeanAbsoluteError:G4}, {Count} videos"));
        foreach (string message in Unreadable.Select(e => e.Message))
            Console.Error.WriteLine($"Warning: not measured: {message}");
    }

    public override JsonObject ToJson(string which) => (JsonObject)JsonSerializer.SerializeToNode(
        new
        {
            data = which,
            task = VideoTasks.NameOf(VideoTask.Regression),
            videos = Count,
            unreadable = Unreadable.Select(e => e.Video),
            unknownLabels = Unknown,
            rSquared = Json.Finite(Metrics.RSquared),
            rootMeanSquaredError = Metrics.RootMeanSquaredError,
            meanAbsoluteError = Metrics.MeanAbsoluteError,
            clips = Videos.Select(v => new { v.Path, v.Label, v.Score }),
        },
        Json.Options)!;
}
