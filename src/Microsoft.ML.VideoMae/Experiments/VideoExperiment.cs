// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// Tries several ways to tell what videos are, from plain features to transformers, and trains the best on all of them. By its own
/// measure, the loss out of fold, it is never worse than a plain model.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// It is shaped as the experiments of ML.NET's AutoML are.
///
/// Candidates are scored by cross-validation that keeps the videos of a group in one fold, and classes (or fifths of the numbers) in
/// proportion. Five folds are made up to 300 videos, three up to 1000, and two above. A transformer is scored on one fold, or two small
/// ones. Where classes are learned, each candidate gets a temperature, then the log-losses are compared; with numbers, the squared errors.
/// Within one standard error the candidate that comes earlier in the list is taken.
/// An average of two or three is taken only if it is better by more than that.
/// ]]></format>
/// </remarks>
public abstract class VideoExperiment
{
    private readonly IHost _host;
    private readonly VideoExperimentSettings _settings;
    private readonly Func<ExperimentTask> _task;

    private protected VideoExperiment(IHostEnvironment env, VideoExperimentSettings settings, Func<ExperimentTask> task)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(GetType().Name);
        _host.CheckValue(settings, nameof(settings));
        _settings = settings.Checked(_host, task());
        _task = task;
    }

    /// <summary>Looks for the best model.</summary>
    /// <param name="trainData">Labelled videos. Nothing is kept apart: give test videos to the result's model afterwards.</param>
    /// <param name="labelColumnName">The column of labels, of the type that the experiment learns.</param>
    /// <param name="videoColumnName">A column of Video type (LoadVideos makes one).</param>
    /// <param name="groupColumnName">
    /// A text or key column that says which videos belong together, such as those of one recording or camera. Without one, videos that look
    /// alike make the groups, and that is logged.
    /// </param>
    /// <param name="progressHandler">Is told of each candidate that is done.</param>
    /// <returns>What was found, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is nothing to learn: no rows, one class, a class of one video, numbers that are all the same, too many videos that cannot be
    /// read; or no candidate could be scored, for the reasons that the message lists.
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
        var rows = ExperimentRows.Read(_host, channel, trainData, _task(), labelColumnName, videoColumnName, groupColumnName);
        int seed = _settings.Seed ?? ((IHostEnvironmentInternal)_host).Seed ?? 1;
        var context = new ExperimentContext(_host, channel, _settings, rows, seed);
        return new ExperimentRun(context, groupColumnName is not null, progressHandler).Execute();
    }
}

/// <summary>A <see cref="VideoExperiment"/> that learns classes.</summary>
/// <remarks>
/// To create it, use <c>mlContext.MulticlassClassification.CreateVideoExperiment</c>. The label is a key column (MapValueToKey makes one),
/// and models give PredictedLabel and Score.
/// </remarks>
public sealed class VideoClassificationExperiment : VideoExperiment
{
    internal VideoClassificationExperiment(IHostEnvironment env, VideoExperimentSettings settings)
        : base(env, settings, () => new ClassesTask())
    {
    }
}

/// <summary>A <see cref="VideoExperiment"/> that learns yes or no.</summary>
/// <remarks>
/// To create it, use <c>mlContext.BinaryClassification.CreateVideoExperiment</c>. The label is a Boolean column, and models give
/// PredictedLabel, Probability and Score (the logarithm of the odds).
/// </remarks>
public sealed class VideoBinaryExperiment : VideoExperiment
{
    internal VideoBinaryExperiment(IHostEnvironment env, VideoExperimentSettings settings)
        : base(env, settings, () => new BinaryTask())
    {
    }
}

/// <summary>A <see cref="VideoExperiment"/> that learns numbers.</summary>
/// <remarks>
/// To create it, use <c>mlContext.Regression.CreateVideoExperiment</c>. The label is a Single column, and models give Score, in its unit.
/// </remarks>
public sealed class VideoRegressionExperiment : VideoExperiment
{
    internal VideoRegressionExperiment(IHostEnvironment env, VideoExperimentSettings settings)
        : base(env, settings, () => new NumbersTask())
    {
    }
}
