// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using VideoMaeCli.Scoring;
using VideoMaeCli.Training;

namespace VideoMaeCli.Report;

/// <summary>What stands in report.html; the page's script draws it.</summary>
internal sealed record ReportData
{
    public required string Name { get; init; }

    /// <summary>When the report was written, in UTC.</summary>
    public required string Created { get; init; }

    public required bool WasStopped { get; init; }

    /// <summary>What was learned, as the tool's option names it.</summary>
    public required string Task { get; init; }

    /// <summary>What could not be measured, and why.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public required IReadOnlyList<NamedValue> Settings { get; init; }

    /// <summary>Every option of the trainer.</summary>
    public required IReadOnlyList<NamedValue> AllSettings { get; init; }

    public required IReadOnlyList<NamedValue> Model { get; init; }

    public required IReadOnlyList<NamedValue> Speed { get; init; }

    /// <summary>The names of the classes; those of the model come first.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    public required IReadOnlyList<ReportSet> Sets { get; init; }

    /// <summary>The training videos that could not be read, and were left out.</summary>
    public required int Skipped { get; init; }

    public required IReadOnlyList<ReportClip> Examples { get; init; }

    /// <summary>What was tried; empty where one model was trained.</summary>
    public required IReadOnlyList<Trial> Trials { get; init; }

    /// <summary>Training videos whose labels look wrong, with the class that the models give them as the predicted one.</summary>
    public required IReadOnlyList<ReportClip> Suspects { get; init; }

    /// <summary>Videos of the same recording in several parts of the data set.</summary>
    public required IReadOnlyList<ReportTwins> Twins { get; init; }

    /// <summary>How many of them there are; not all are shown.</summary>
    public required int TwinCount { get; init; }

    /// <summary>What follows of it, in sentences.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    public required IReadOnlyList<Epoch> Epochs { get; init; }

    /// <summary>Null where there were no videos to measure on, and for numbers.</summary>
    public required ReportQuality? Quality { get; init; }

    /// <summary>What stands in the place of classes where numbers are learned; null elsewhere.</summary>
    public required ReportNumbers? Numbers { get; init; }

    public required string Code { get; init; }
}

internal sealed record NamedValue(string Name, string Value);

/// <summary>A part of the data set.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Counts">The videos of each class.</param>
internal sealed record ReportSet(string Name, IReadOnlyList<int> Counts);

/// <summary>A video that is shown.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The class it was given; null for training videos.</param>
/// <param name="Top">The most probable classes.</param>
/// <param name="Strip">A few of its frames; null where they are left out.</param>
internal sealed record ReportClip(string Path, int Label, int? Predicted, IReadOnlyList<ClassScore>? Top, ClipStrip? Strip);

/// <summary>Two videos of the same recording.</summary>
/// <param name="First">The first.</param>
/// <param name="Second">The second.</param>
/// <param name="Parts">The parts of the data set that they are in.</param>
/// <param name="Similarity">How alike they are, 1 at most.</param>
/// <param name="IsMirrored">Whether one is the mirror image of the other.</param>
/// <param name="Shift">How much later the second begins, in seconds.</param>
internal sealed record ReportTwins(
    ReportClip First, ReportClip Second, IReadOnlyList<string> Parts, double Similarity, bool IsMirrored, double Shift);

internal sealed record ClassScore(int Class, double Probability);

/// <summary>How good the model is.</summary>
internal sealed record ReportQuality
{
    /// <summary>What it was measured on: test or validation.</summary>
    public required string Set { get; init; }

    public required double Accuracy { get; init; }

    /// <summary>The interval in which the accuracy on new videos of the same kind lies with 95 % confidence.</summary>
    public required IReadOnlyList<double> Interval { get; init; }

    public required double MacroAccuracy { get; init; }

    public required double LogLoss { get; init; }

    public required double CalibrationError { get; init; }

    /// <summary>Of yes or no; null for classes.</summary>
    public required double? AreaUnderRocCurve { get; init; }

    public required IReadOnlyList<double?> Precision { get; init; }

    public required IReadOnlyList<double?> Recall { get; init; }

    public required IReadOnlyList<IReadOnlyList<double>> Confusion { get; init; }

    public required IReadOnlyList<CalibrationBin> Calibration { get; init; }

    /// <summary>Every measured video.</summary>
    public required IReadOnlyList<ReportClip> Clips { get; init; }

    public required IReadOnlyList<string> Unreadable { get; init; }
}
