// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;

namespace VideoMaeCli.Training;

/// <summary>The videos of a run.</summary>
/// <param name="Train">Those to learn from.</param>
/// <param name="Validation">Those that choose the best epoch; null for none.</param>
/// <param name="Test">Those that nothing is chosen by; null for none.</param>
internal sealed record VideoSets(IDataView Train, IDataView? Validation, IDataView? Test)
{
    /// <summary>The column of the data set that says which row is for what; null where there is none.</summary>
    public string? SplitColumn { get; init; }

    /// <summary>Whether the validation videos are a share of the training videos that this run drew.</summary>
    public bool IsShareDrawn { get; init; }

    /// <summary>What the result is measured on, and what that is called.</summary>
    public (IDataView? Data, string Name) Measured => Test is not null ? (Test, "test") : (Validation, "validation");

    /// <summary>Loads what the settings name, and keeps a share for validation where they name none.</summary>
    public static VideoSets Load(MLContext ml, TrainSettings settings)
    {
        IDataView data = DatasetLoader.Load(ml, settings.Dataset);
        (IDataView train, IDataView? validation, IDataView? test) = DatasetLoader.Split(ml, data);
        var sets = new VideoSets(train, validation, test) { SplitColumn = DatasetLoader.SplitColumn(data) };
        if (settings.ValidationDataset is string path)
            return sets with { Validation = DatasetLoader.Load(ml, path) };
        if (validation is not null || settings.ValidationShare == 0)
            return sets;
        if (settings.GroupColumn is string group && train.Schema.GetColumnOrNull(group) is null)
            throw new ArgumentException($"--group-column is '{group}', which '{settings.Dataset}' does not have.");
        DataOperationsCatalog.TrainTestData parts = ml.Data.TrainTestSplitVideos(train, settings.ValidationShare, groupColumnName: settings.GroupColumn, seed: settings.Seed);
        return sets with { Train = parts.TrainSet, Validation = parts.TestSet, IsShareDrawn = true };
    }
}
