// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Report;

/// <summary>What a report says where numbers are learned.</summary>
/// <param name="Sets">The parts of the data set.</param>
/// <param name="Examples">Training videos from the smallest number to the largest.</param>
/// <param name="Quality">How near the model is; null where there were no videos to measure on.</param>
internal sealed record ReportNumbers(
    IReadOnlyList<ReportNumberSet> Sets, IReadOnlyList<ReportNumber> Examples, ReportNumberQuality? Quality)
{
    private const int MostExamples = 12;
    private const int Worst = 24;

    /// <summary>Tells of a run.</summary>
    /// <param name="sets">The parts of the data set that have videos, with those for training first.</param>
    /// <param name="quality">What was measured; null for nothing.</param>
    /// <param name="measuredOn">What it was measured on.</param>
    public static ReportNumbers Of(IReadOnlyList<(string Name, VideoInput[] Rows)> sets, NumberQuality? quality, string measuredOn)
    {
        (string Path, double Label)[] training =
            [.. sets[0].Rows.Select(r => (Path: r.VideoPath, Label: NumberOf(r))).OrderBy(r => r.Label)];
        int shown = Math.Min(MostExamples, training.Length);
        (string Path, double Label)[] examples =
            [.. Enumerable.Range(0, shown).Select(i => training[i * (training.Length - 1) / Math.Max(1, shown - 1)])];
        ClipStrip?[] pictures = ClipStrip.MakeMany(examples.Select(e => e.Path));
        return new ReportNumbers(
            [.. sets.Select(s => ReportNumberSet.Of(s.Name, [.. s.Rows.Select(NumberOf).Order()]))],
            [.. examples.Zip(pictures, (e, strip) => new ReportNumber(e.Path, e.Label, null, strip))],
            quality is null ? null : QualityOf(quality, measuredOn, training.Average(t => t.Label)));
    }

    private static ReportNumberQuality QualityOf(NumberQuality quality, string set, double mean)
    {
        ClipStrip?[] worst = ClipStrip.MakeMany(quality.Videos.Take(Worst).Select(v => v.Path));
        return new ReportNumberQuality
        {
            Set = set,
            RSquared = Json.Finite(quality.Metrics.RSquared),
            RootMeanSquaredError = quality.Metrics.RootMeanSquaredError,
            MeanAbsoluteError = quality.Metrics.MeanAbsoluteError,
            ErrorOfMean = Math.Sqrt(quality.Videos.Average(v => (v.Label - mean) * (v.Label - mean))),
            Clips = [.. quality.Videos.Select((v, i) => new ReportNumber(v.Path, v.Label, v.Score, i < worst.Length ? worst[i] : null))],
            Unreadable = [.. quality.Unreadable.Select(e => e.Message)],
        };
    }

    private static double NumberOf(VideoInput row) => VideoTasks.Number(row.Label)!.Value;
}

/// <summary>A part of the data set.</summary>
internal sealed record ReportNumberSet(string Name, int Count, double Smallest, double Median, double Largest)
{
    /// <param name="name">What it is called.</param>
    /// <param name="sorted">Its numbers, at least one.</param>
    public static ReportNumberSet Of(string name, double[] sorted) =>
        new(name, sorted.Length, sorted[0], (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[^1]);
}

/// <summary>A video with its number.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">The number that it has.</param>
/// <param name="Predicted">The number that it was given; null for training videos.</param>
/// <param name="Strip">A few of its frames; null where they are left out.</param>
internal sealed record ReportNumber(string Path, double Label, double? Predicted, ClipStrip? Strip);

/// <summary>How near the model is.</summary>
internal sealed record ReportNumberQuality
{
    /// <summary>What it was measured on.</summary>
    public required string Set { get; init; }

    public required double? RSquared { get; init; }

    public required double RootMeanSquaredError { get; init; }

    public required double MeanAbsoluteError { get; init; }

    /// <summary>The root mean squared error of saying the mean of the training videos each time.</summary>
    public required double ErrorOfMean { get; init; }

    /// <summary>Every measured video, the one that is farthest off first.</summary>
    public required IReadOnlyList<ReportNumber> Clips { get; init; }

    public required IReadOnlyList<string> Unreadable { get; init; }
}
