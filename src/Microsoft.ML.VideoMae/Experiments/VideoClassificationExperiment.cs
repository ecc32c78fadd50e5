// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Tries several ways to classify videos, from plain features to transformers, and trains the best on all of them. It is never worse than
/// a plain model by its own measure, the log-loss out of fold.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.MulticlassClassification.CreateVideoExperiment`. It is shaped as the experiments of ML.NET's AutoML are.
///
/// Candidates are scored by cross-validation that keeps the videos of a group in one fold, and classes in proportion.
/// Five folds are made up to 300 videos, three up to 1000, and two above. A transformer is scored on one fold, or two small ones.
/// Each candidate gets a temperature, then the log-losses are compared.
/// Within one standard error the candidate that comes earlier in the list is taken.
/// An average of two or three is taken only if it is better by more than that.
/// ]]></format>
/// </remarks>
public sealed class VideoClassificationExperiment
{
    private readonly IHost _host;
    private readonly VideoExperimentSettings _settings;

    internal VideoClassificationExperiment(IHostEnvironment env, VideoExperimentSettings settings)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoClassificationExperiment));
        _host.CheckValue(settings, nameof(settings));
        _settings = settings.Checked(_host);
    }

    /// <summary>Looks for the best model.</summary>
    /// <param name="trainData">Labelled videos. Nothing is kept apart: give test videos to the result's model afterwards.</param>
    /// <param name="labelColumnName">A key column (MapValueToKey makes one).</param>
    /// <param name="videoColumnName">A column of Video type (LoadVideos makes one).</param>
    /// <param name="groupColumnName">
    /// A text or key column that says which videos belong together, such as those of one recording or camera. Without one, videos that look
    /// alike make the groups, and that is logged.
    /// </param>
    /// <param name="progressHandler">Is told of each candidate that is done.</param>
    /// <returns>What was found, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is nothing to learn: no rows, one class, a class of one video, too many videos that cannot be read; or no candidate could be
    /// scored, for the reasons that the message lists.
    /// </exception>
    /// <exception cref="VideoReadException">A video cannot be read and the policy is to throw; the message names it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before there was any model.</exception>
    public VideoExperimentResult Execute(
        IDataView trainData, string labelColumnName = DefaultColumnNames.Label,
        string videoColumnName = TrainingDefaults.FeatureColumnName, string? groupColumnName = null,
        IProgress<VideoExperimentRunDetail>? progressHandler = null)
    {
        _host.CheckValue(trainData, nameof(trainData));
        _host.CheckNonWhiteSpace(labelColumnName, nameof(labelColumnName));
        _host.CheckNonWhiteSpace(videoColumnName, nameof(videoColumnName));
        using IChannel channel = _host.Start("Training");
        var rows = ExperimentRows.Read(_host, channel, trainData, labelColumnName, videoColumnName, groupColumnName);
        int seed = _settings.Seed ?? ((IHostEnvironmentInternal)_host).Seed ?? 1;
        var context = new ExperimentContext(_host, channel, _settings, rows, seed);
        return new ExperimentRun(context, groupColumnName is not null, progressHandler).Execute();
    }
}
