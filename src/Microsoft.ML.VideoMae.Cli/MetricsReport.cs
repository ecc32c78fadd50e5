// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using VideoMaeCli.Comparing;
using VideoMaeCli.Progress;
using VideoMaeCli.Scoring;

namespace VideoMaeCli;

/// <summary>Says how good a classifier is.</summary>
internal static class MetricsReport
{
    /// <summary>Confusion tables of more classes do not fit a terminal.</summary>
    private const int MostClasses = 20;

    public static void Print(ClassifierQuality quality)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        Console.WriteLine(string.Create(invariant,
            $"  accuracy {quality.Metrics.MicroAccuracy:0.000}, mean of the classes {quality.Metrics.MacroAccuracy:0.000}, log-loss " +
            $"{quality.Metrics.LogLoss:0.000}, calibration error {quality.CalibrationError:0.000}"));
        if (quality.Answers is { } answers)
            Console.WriteLine(string.Create(invariant,
                $"  area under the ROC curve {answers.AreaUnderRocCurve:0.000}, F1 of {bool.TrueString} {answers.F1Score:0.000}"));
        foreach (string message in quality.Scored.Unreadable.Select(e => e.Message))
            Console.Error.WriteLine($"Warning: not measured: {message}");
        Table table = new Table { Border = RunDisplay.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii2 }
            .AddColumn("class").AddColumn(new TableColumn("videos").RightAligned()).AddColumn(new TableColumn("precision").RightAligned())
            .AddColumn(new TableColumn("recall").RightAligned());
        for (int i = 0; i < quality.Classes.Length; i++)
        {
            double videos = quality.Confusion[i].Sum();
            table.AddRow(Markup.Escape(quality.Classes[i]), videos.ToString(invariant),
                Share(quality.Metrics.ConfusionMatrix.PerClassPrecision[i]),
                videos == 0 ? "-" : Share(quality.Metrics.ConfusionMatrix.PerClassRecall[i]));
        }

        AnsiConsole.Write(table);
        if (quality.Classes.Length <= MostClasses)
            Console.WriteLine(quality.Metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }

    public static JsonObject ToJson(ClassifierQuality quality, string which) => (JsonObject)JsonSerializer.SerializeToNode(
        new
        {
            data = which,
            task = VideoTasks.NameOf(quality.Task),
            videos = quality.Scored.Videos.Count,
            unreadable = quality.Scored.Unreadable.Select(e => e.Video),
            unknownLabels = quality.Scored.Unknown,
            classes = quality.Classes,
            accuracy = quality.Metrics.MicroAccuracy,
            macroAccuracy = quality.Metrics.MacroAccuracy,
            logLoss = quality.Metrics.LogLoss,
            calibrationError = quality.CalibrationError,
            areaUnderRocCurve = quality.Answers?.AreaUnderRocCurve,
            areaUnderPrecisionRecallCurve = quality.Answers?.AreaUnderPrecisionRecallCurve,
            f1Score = quality.Answers is null ? null : Json.Finite(quality.Answers.F1Score),
            perClassPrecision = quality.Metrics.ConfusionMatrix.PerClassPrecision.Select(Json.Finite),
            perClassRecall = quality.Metrics.ConfusionMatrix.PerClassRecall.Select(Json.Finite),
            confusion = quality.Confusion,
            clips = quality.Scored.Videos.Select(v => new ClipResult(
                v.Path, quality.Classes[v.Label], quality.Classes[v.Predicted], Rounded(v.Confidence), Rounded(v.Scores[v.Label]))),
        },
        Json.Options)!;

    private static double Rounded(float probability) => Math.Round(probability, 6);

    private static string Share(double value) => double.IsFinite(value) ? value.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
