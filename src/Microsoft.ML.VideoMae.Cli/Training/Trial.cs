// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.VideoMae;
using Spectre.Console;
using VideoMaeCli.Progress;

namespace VideoMaeCli.Training;

/// <summary>A training video whose label looks wrong to models that were not trained on it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">The class that it has.</param>
/// <param name="Suggested">The class that the models give it.</param>
/// <param name="LabelProbability">The probability of the class that it has.</param>
/// <param name="SuggestedProbability">The probability of the class that the models give it.</param>
internal sealed record SuspectVideo(
    string Path, string Label, string Suggested, float LabelProbability, float SuggestedProbability);

/// <summary>A candidate that was tried, for metrics.json, report.html and the console; what is null was not measured.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="Description">What it sees and how it learns.</param>
/// <param name="Settings">What was chosen for it.</param>
/// <param name="IsBest">Whether it was chosen.</param>
/// <param name="LogLoss">The mean log-loss out of fold.</param>
/// <param name="Deviation">Its deviation over the folds.</param>
/// <param name="Accuracy">The accuracy out of fold.</param>
/// <param name="MacroAccuracy">The mean of the classes.</param>
/// <param name="Videos">How many videos were scored.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="VideosPerSecond">How many videos it reads in use, decoding included.</param>
/// <param name="Bytes">The size of its .zip.</param>
/// <param name="NotScored">Why it has no scores.</param>
internal sealed record Trial(
    string Name, string Description, string Settings, bool IsBest, double? LogLoss, double? Deviation, double? Accuracy,
    double? MacroAccuracy, int Videos, double Seconds, double? VideosPerSecond, long? Bytes, string? NotScored)
{
    /// <summary>The share of the variance that is explained, where numbers are learned.</summary>
    public double? RSquared { get; init; }

    /// <summary>In the unit of the labels, where numbers are learned.</summary>
    public double? RootMeanSquaredError { get; init; }

    /// <summary>In the unit of the labels, where numbers are learned.</summary>
    public double? MeanAbsoluteError { get; init; }

    public static Trial From(VideoExperimentRunDetail detail, bool isBest) =>
        new(detail.TrainerName, detail.Description, detail.Settings, isBest, Json.Finite(detail.LogLoss),
            Json.Finite(detail.LogLossStandardDeviation), Json.Finite(detail.MicroAccuracy), Json.Finite(detail.MacroAccuracy),
            detail.ScoredRows, Math.Round(detail.RuntimeInSeconds, 1), Json.Finite(detail.ClipsPerSecond), detail.ModelSize,
            detail.NotScored)
        {
            RSquared = Json.Finite(detail.RSquared),
            RootMeanSquaredError = Json.Finite(detail.RootMeanSquaredError),
            MeanAbsoluteError = Json.Finite(detail.MeanAbsoluteError),
        };

    /// <summary>Writes trials to the console.</summary>
    /// <param name="trials">What was tried.</param>
    /// <param name="task">What was learned, which says what is told of each.</param>
    public static void Print(IReadOnlyList<Trial> trials, VideoTask task)
    {
        AnsiConsole.Write(TableOf(trials, task, RunDisplay.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii2));
        Console.WriteLine(task == VideoTask.Regression
            ? "* is taken. Scores are of cross-validation; errors are in the unit of the labels."
            : "* is taken. Scores are of cross-validation; the deviation is over its folds.");
        foreach (Trial trial in trials.Where(t => t.NotScored is not null))
            Console.WriteLine($"{trial.Name} was not scored. {trial.NotScored}");
    }

    /// <summary>
    /// Trials in a table that a terminal of 80 columns has place for: names go on in the next line there, and numbers never do.
    /// </summary>
    /// <param name="trials">What was tried.</param>
    /// <param name="task">What was learned.</param>
    /// <param name="border">The lines of the table.</param>
    public static Table TableOf(IReadOnlyList<Trial> trials, VideoTask task, TableBorder border)
    {
        (string Name, Func<Trial, string> Value)[] scores = task == VideoTask.Regression
            ?
            [
                ("R\nsquared", t => Number(t.RSquared, "0.000")), ("RMSE", t => Number(t.RootMeanSquaredError, "G4")),
                ("mean\nerror", t => Number(t.MeanAbsoluteError, "G4")),
            ]
            :
            [
                ("log-loss", t => t.LogLoss is null ? "-" : $"{Number(t.LogLoss, "0.000")} +-{Number(t.Deviation, "0.000")}"),
                ("accuracy", t => Number(t.Accuracy, "0.000")),
            ];
        Table table = new Table { Border = border }.AddColumn("tried");
        foreach (string name in (string[])[.. scores.Select(s => s.Name), "seconds", "videos/s", "MB"])
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        foreach (Trial trial in trials)
        {
            table.AddRow((string[])
            [
                Markup.Escape(trial.IsBest ? $"* {trial.Name}" : trial.Name),
                .. scores.Select(s => s.Value(trial)), Number(trial.Seconds, "0"), Number(trial.VideosPerSecond, "0.0"),
                Number(trial.Bytes / 1048576.0, "0.0"),
            ]);
        }

        return table;
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
