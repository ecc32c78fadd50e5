// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>Reads a data set: a folder of folders, or a CSV list.</summary>
internal static class DatasetLoader
{
    /// <param name="ml">The context.</param>
    /// <param name="dataset">The folder or list.</param>
    /// <param name="list">How a list is laid out.</param>
    /// <exception cref="FileNotFoundException">There is no such folder or file.</exception>
    public static IDataView Load(MLContext ml, string dataset, ListSettings list)
    {
        if (File.Exists(dataset))
            return list.Load(ml, dataset);
        return Directory.Exists(dataset)
            ? ml.Data.LoadVideosFromDirectory(dataset)
            : throw new FileNotFoundException($"There is no data set '{dataset}'. Give a folder with a folder of videos for each class, " +
                "or a CSV file with the columns path and label.");
    }

    /// <summary>The same, or the videos of a folder without class folders, which then have no labels.</summary>
    public static IDataView LoadWithOrWithoutLabels(MLContext ml, string dataset, ListSettings list, Action<string> note)
    {
        try
        {
            return Load(ml, dataset, list);
        }
        catch (InvalidOperationException e) when (Unlabeled(ml, dataset) is IDataView videos)
        {
            // A folder with nothing but videos is what it is; of another one, somebody may have thought that it had classes.
            if (Directory.EnumerateDirectories(dataset).Any(f => !Path.GetFileName(f).StartsWith('.')))
                note($"Warning: {e.Message} The videos are taken without classes.");
            return videos;
        }
    }

    /// <summary>The labels' column, where there is one.</summary>
    public static string? LabelColumn(IDataView data) => data.Schema.GetColumnOrNull(DefaultLabel) is null ? null : DefaultLabel;

    /// <summary>The column that says which rows are for training, validation and test; null where there is none.</summary>
    public static string? SplitColumn(IDataView data) =>
        data.Schema.Select(c => c.Name).FirstOrDefault(name => string.Equals(name, "split", StringComparison.OrdinalIgnoreCase));

    /// <summary>The parts of a data set that says which row is for what, or the whole of it to train on.</summary>
    public static (IDataView Train, IDataView? Validation, IDataView? Test) Split(MLContext ml, IDataView data)
    {
        if (SplitColumn(data) is not string column)
            return (data, null, null);
        VideoSplits splits = ml.Data.TakeVideoSplits(data, column);
        return (splits.TrainSet, splits.ValidationSet, splits.TestSet);
    }

    private const string DefaultLabel = "Label";

    private static IDataView? Unlabeled(MLContext ml, string dataset)
    {
        try
        {
            return Directory.Exists(dataset) ? ml.Data.LoadUnlabeledVideosFromDirectory(dataset) : null;
        }
        catch (InvalidOperationException)
        {
            // It has no videos at all, which the first error says too.
            return null;
        }
    }
}
