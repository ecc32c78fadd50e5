// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Training;

/// <summary>The trainer of one transformer for each task.</summary>
internal static class TaskTrainer
{
    /// <summary>The options that it has.</summary>
    public static IReadOnlyList<VideoMaeOption> Table(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => VideoMaeOption.Of<VideoMaeBinaryTrainer.Options>(),
        VideoTask.Regression => VideoMaeOption.Of<VideoMaeRegressionTrainer.Options>(),
        _ => VideoMaeOption.Of<VideoMaeTrainer.Options>(),
    };

    /// <summary>Its options, with the values that were given.</summary>
    public static VideoMaeTrainerOptions Options(VideoTask task, OptionValues given) => task switch
    {
        VideoTask.BinaryClassification => given.ApplyTo(new VideoMaeBinaryTrainer.Options()),
        VideoTask.Regression => given.ApplyTo(new VideoMaeRegressionTrainer.Options()),
        _ => given.ApplyTo(new VideoMaeTrainer.Options()),
    };

    /// <summary>Trains a transformer.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="options">What <see cref="Options"/> made.</param>
    /// <param name="data">Videos with labels of the task.</param>
    public static VideoMaeScoringTransformer Fit(MLContext ml, VideoMaeTrainerOptions options, IDataView data) => options switch
    {
        VideoMaeBinaryTrainer.Options answers => ml.BinaryClassification.Trainers.VideoMae(answers).Fit(data),
        VideoMaeRegressionTrainer.Options numbers => ml.Regression.Trainers.VideoMae(numbers).Fit(data),
        VideoMaeTrainer.Options classes => ml.MulticlassClassification.Trainers.VideoMae(classes).Fit(data),
        _ => throw new NotSupportedException($"There is no trainer for {options.GetType()}."),
    };
}
