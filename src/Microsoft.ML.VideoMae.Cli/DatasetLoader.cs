// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>Reads a data set: a folder of folders, or a CSV list.</summary>
internal static class DatasetLoader
{
    /// <exception cref="FileNotFoundException">There is no such folder or file.</exception>
    public static IDataView Load(MLContext ml, string dataset)
    {
        if (File.Exists(dataset))
            return ml.Data.LoadVideosFromCsv(dataset);
        return Directory.Exists(dataset)
            ? ml.Data.LoadVideosFromDirectory(dataset)
            : throw new FileNotFoundException($"There is no data set '{dataset}'. Give a folder with a folder of videos for each class, or a CSV file with the columns path and label.");
    }

    /// <summary>The parts of a data set with train, val and test folders, or the whole of it to train on.</summary>
    public static (IDataView Train, IDataView? Validation, IDataView? Test) Split(MLContext ml, IDataView data)
    {
        if (data.Schema.GetColumnOrNull("Split") is null)
            return (data, null, null);
        VideoSplits splits = ml.Data.TakeVideoSplits(data);
        return (splits.TrainSet, splits.ValidationSet, splits.TestSet);
    }
}
