// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Training;

/// <summary>The videos of a run.</summary>
/// <param name="Train">Those to learn from.</param>
/// <param name="Validation">Those that choose the best epoch; null for none.</param>
/// <param name="Test">Those that nothing is chosen by; null for none.</param>
internal sealed record VideoSets(IDataView Train, IDataView? Validation, IDataView? Test)
{
    private sealed class LabelRow
    {
        public string Label { get; set; } = "";
    }

    /// <summary>The column of the data set that says which row is for what; null where there is none.</summary>
    public string? SplitColumn { get; init; }

    /// <summary>Whether the validation videos are a share of the training videos that this run drew.</summary>
    public bool IsShareDrawn { get; init; }

    /// <summary>What of the videos cannot be measured, and why.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the result is measured on, and what that is called.</summary>
    public (IDataView? Data, string Name) Measured => Test is not null ? (Test, "test") : (Validation, "validation");

    /// <summary>Loads what the settings name, and keeps a share for validation where they name none.</summary>
    /// <exception cref="InvalidOperationException">Nothing can be kept, and there is nothing else to measure on.</exception>
    public static VideoSets Load(MLContext ml, TrainSettings settings)
    {
        IDataView data = DatasetLoader.Load(ml, settings.Dataset, settings.List);
        (IDataView train, IDataView? validation, IDataView? test) = DatasetLoader.Split(ml, data);
        if (settings.GroupColumn is string group && train.Schema.GetColumnOrNull(group) is null)
            throw new ArgumentException($"--group-column is '{group}', which '{settings.Dataset}' does not have.");
        var notes = new List<string>();
        IDataView? Checked(IDataView? part, string dataset) =>
            part is null ? null : TaskLabels.Check(ml, part, settings.Task, dataset, notes.Add);
        var sets = new VideoSets(
            Checked(train, settings.Dataset)!, Checked(validation, settings.Dataset), Checked(test, settings.Dataset))
        {
            SplitColumn = DatasetLoader.SplitColumn(data),
        };
        if (settings.TestDataset is string tested)
            sets = sets with { Test = Checked(DatasetLoader.Load(ml, tested, settings.List), tested) };
        if (settings.ValidationDataset is string path)
            sets = sets with { Validation = Checked(DatasetLoader.Load(ml, path, settings.List), path) };
        // An experiment scores by cross-validation, and needs no share of its own.
        else if (validation is null && settings.ValidationShare > 0 && settings.TrainTime is null)
            sets = sets.WithShare(ml, settings);
        if (settings.Task == VideoTask.Classification && TaskLabels.HintOf([.. train.GetColumn<string>("Label")]) is string hint)
            notes.Add(hint);
        sets = sets with { Notes = [.. notes, .. sets.Notes] };
        if (settings.Task != VideoTask.Regression)
            sets = sets.WithoutUnknownClasses(ml);
        return settings.ToOptions().EarlyStoppingPatience is null || sets.Validation is not null ? sets
            : throw new ArgumentException("--patience needs videos to validate on, and there are none: " +
                "give --validation-dataset or --validation-share, or leave --patience out.");
    }

    private VideoSets WithShare(MLContext ml, TrainSettings settings)
    {
        try
        {
            // Numbers are no classes: a share of all videos is drawn, not of those of each number.
            DataOperationsCatalog.TrainTestData parts = ml.Data.TrainTestSplitVideos(Train, settings.ValidationShare,
                settings.Task == VideoTask.Regression ? null : "Label", settings.GroupColumn, seed: settings.Seed);
            return this with { Train = parts.TrainSet, Validation = parts.TestSet, IsShareDrawn = true };
        }
        catch (InvalidOperationException e) when (Test is null)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"--validation-share is {settings.ValidationShare:0.##}, but: {e.Message} ") +
                "Or give --validation-dataset, or --validation-share 0, which trains on all and measures nothing.", e);
        }
        catch (InvalidOperationException e)
        {
            return this with { Notes = [.. Notes, $"No videos are kept for validation, so the last epoch is taken. {e.Message}"] };
        }
    }

    /// <summary>
    /// A class that training does not have cannot be predicted: its videos are left out of validation and test, which is said.
    /// </summary>
    private VideoSets WithoutUnknownClasses(MLContext ml)
    {
        HashSet<string> known = [.. Train.GetColumn<string>("Label")];
        var notes = new List<string>(Notes);
        IDataView? Known(IDataView? data, string name)
        {
            if (data is null)
                return null;
            string[] labels = [.. data.GetColumn<string>("Label")];
            UnknownLabel[] unknown = UnknownLabel.Tally(labels.Where(l => !known.Contains(l)));
            if (unknown.Length == 0)
                return data;
            int count = unknown.Sum(u => u.Count);
            notes.Add($"{count} of {labels.Length} {name} videos are of classes that no training video has, and are not measured: " +
                $"{UnknownLabel.Describe(unknown)}. " +
                $"The classes of the training videos are: {string.Join(", ", known)}.");
            return count == labels.Length ? null : ml.Data.FilterByCustomPredicate<LabelRow>(data, row => !known.Contains(row.Label));
        }

        VideoSets sets = this with { Validation = Known(Validation, "validation"), Test = Known(Test, "test") };
        return sets with { Notes = notes };
    }
}
