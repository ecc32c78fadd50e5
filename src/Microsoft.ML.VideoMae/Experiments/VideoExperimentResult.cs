// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Microsoft.ML.VideoMae;

/// <summary>What a <see cref="VideoExperiment"/> found. Models hold native memory: dispose of it, not of them.</summary>
public sealed class VideoExperimentResult : IDisposable
{
    internal VideoExperimentResult(
        IReadOnlyList<VideoExperimentRunDetail> details, VideoExperimentRunDetail best, IReadOnlyList<string> findings,
        IReadOnlyList<VideoSuspectLabel> suspectLabels, int folds, bool wasStopped) =>
        (RunDetails, BestRun, Findings, SuspectLabels, NumberOfFolds, WasStopped) =
            (details, best, findings, suspectLabels, folds, wasStopped);

    /// <summary>All that was tried, in the order of trial; averages of candidates come last.</summary>
    public IReadOnlyList<VideoExperimentRunDetail> RunDetails { get; }

    /// <summary>What was chosen. Its <see cref="VideoExperimentRunDetail.Model"/> is trained on all rows.</summary>
    public VideoExperimentRunDetail BestRun { get; }

    /// <summary>What follows, in sentences: what the classes differ in, and how far the best is ahead of the plainest.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Rows whose labels look wrong to the best run, the most certain first: look at them. None where numbers are learned.</summary>
    public IReadOnlyList<VideoSuspectLabel> SuspectLabels { get; }

    /// <summary>The number of folds of the cross-validation.</summary>
    public int NumberOfFolds { get; }

    /// <summary>Whether it was stopped by its token before all was tried.</summary>
    public bool WasStopped { get; }

    /// <summary>Disposes of all models.</summary>
    public void Dispose()
    {
        foreach (VideoExperimentRunDetail detail in RunDetails)
            (detail.Model as IDisposable)?.Dispose();
    }
}

/// <summary>How one candidate did. All scores are of rows that its models were not trained on.</summary>
public sealed record VideoExperimentRunDetail
{
    /// <summary>The name of the candidate, or those of an average, joined by ' + '.</summary>
    public required string TrainerName { get; init; }

    /// <summary>What it sees and how it learns.</summary>
    public required string Description { get; init; }

    /// <summary>What was chosen for it, such as the strength of the regularisation; empty where nothing was.</summary>
    public string Settings { get; init; } = "";

    /// <summary>
    /// The mean log-loss, after its temperature was fitted. Candidates are chosen by it. Not a number where it failed, or where numbers
    /// are learned.
    /// </summary>
    public double LogLoss { get; init; } = double.NaN;

    /// <summary>The standard deviation of the folds' log-losses.</summary>
    public double LogLossStandardDeviation { get; init; } = double.NaN;

    /// <summary>The share of rows that are right.</summary>
    public double MicroAccuracy { get; init; } = double.NaN;

    /// <summary>The mean over the classes of the share that is right.</summary>
    public double MacroAccuracy { get; init; } = double.NaN;

    /// <summary>
    /// The root of the mean squared error, in the unit of the label. Candidates are chosen by it where numbers are learned. Not a number
    /// elsewhere.
    /// </summary>
    public double RootMeanSquaredError { get; init; } = double.NaN;

    /// <summary>The mean distance from the label, where numbers are learned.</summary>
    public double MeanAbsoluteError { get; init; } = double.NaN;

    /// <summary>The share of the variance of the labels that is explained, where numbers are learned; below 0 where their mean is better.</summary>
    public double RSquared { get; init; } = double.NaN;

    /// <summary>
    /// The probabilities or the number (a vector of one) that the candidate gave to rows its models were not trained on, with its temperature; null for a row that was not
    /// scored. Rows are counted without those that have no label.
    /// </summary>
    public IReadOnlyList<float[]?> OutOfFoldScores { get; init; } = [];

    /// <summary>The number of rows that were scored: a candidate that takes long is scored on some folds only.</summary>
    public int ScoredRows { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public double RuntimeInSeconds { get; init; }

    /// <summary>Videos a second in use, decoding included; not a number where it was not measured.</summary>
    public double ClipsPerSecond { get; init; } = double.NaN;

    /// <summary>The bytes of the model's .zip; null where there is no model.</summary>
    public long? ModelSize { get; init; }

    /// <summary>
    /// The model, trained on all rows: it takes the Video column, and gives the columns of its task. Null where it was not trained.
    /// </summary>
    public ITransformer? Model { get; init; }

    /// <summary>Why it has no scores; null where it has.</summary>
    public string? NotScored { get; init; }

    /// <summary>What went wrong; null where nothing did.</summary>
    public Exception? Exception { get; init; }

    /// <summary>A line with name and scores.</summary>
    public override string ToString() => NotScored is not null
        ? $"{TrainerName}: not scored. {NotScored}"
        : double.IsFinite(RSquared)
            ? string.Create(CultureInfo.InvariantCulture,
                $"{TrainerName}: R squared {RSquared:0.000}, root mean squared error {RootMeanSquaredError:0.###}, {RuntimeInSeconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture,
            $"{TrainerName}: log-loss {LogLoss:0.000} (deviation {LogLossStandardDeviation:0.000}), accuracy {MicroAccuracy:0.000}, " +
            $"{RuntimeInSeconds:0.0} s");
}
