// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that trains a VideoMAE classifier on labelled videos.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.MulticlassClassification.Trainers.VideoMae`.
///
/// ### Input and Output Columns
/// The input label column must be of key type (`MapValueToKey` makes one), and the feature column of Video type (`LoadVideos` makes one).
/// This trainer outputs the following columns:
///
/// | Output Column Name | Column Type | Description |
/// | -- | -- | -- |
/// | `PredictedLabel` | key of `System.UInt32` | The most probable class. Its key values are those of the training labels. |
/// | `Score` | vector of `System.Single` | The probability of each class (softmax). Its slot names are the class names. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Multiclass classification |
/// | Is normalization required? | No |
/// | Is caching required? | No |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// A plain vision transformer over tubelets of the clip, mean-pooled, with a linear head, as in
/// [VideoMAE](https://arxiv.org/abs/2203.12602) (Tong et al., 2022), trained with AdamW, a cosine schedule with warm-up and layer-wise
/// learning rate decay.
/// ]]></format>
/// </remarks>
public sealed partial class VideoMaeTrainer : IEstimator<VideoMaeClassificationTransformer>
{
    internal const string LoadName = "VideoMaeTrainer";
    internal const string UserName = "VideoMAE Classifier";
    internal const string ShortName = "VideoMAE";
    internal const string Summary = "Trains a VideoMAE video classifier.";

    private readonly IHost _host;
    private readonly Options _options;

    internal VideoMaeTrainer(IHostEnvironment env, string labelColumnName, string featureColumnName, string scoreColumnName,
        string predictedLabelColumnName, IDataView? validationSet)
        : this(env, new Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            ValidationSet = validationSet,
        })
    {
    }

    internal VideoMaeTrainer(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(LoadName);
        _host.CheckValue(options, nameof(options));
        _options = options.Copy();
        Check(_options);
    }

    /// <summary>Trains a classifier.</summary>
    /// <param name="input">Labelled videos.</param>
    /// <returns>The trained model, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to learn: no rows, one class only, or too many videos that cannot be read.</exception>
    /// <exception cref="VideoReadException">A video cannot be read and the policy is to throw; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public VideoMaeClassificationTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        TrainingRows.CheckSchema(_host, SchemaShape.Create(input.Schema), _options.LabelColumnName, _options.FeatureColumnName);
        if (_options.ValidationSet is not null)
            TrainingRows.CheckSchema(_host, SchemaShape.Create(_options.ValidationSet.Schema), _options.LabelColumnName, _options.FeatureColumnName);

        using IChannel channel = _host.Start("Training");
        ClassLabels labels = ClassLabels.FromColumn(_host, input.Schema[_options.LabelColumnName]);
        List<ClipExample> training = TrainingRows.Read(_host, channel, input, _options.LabelColumnName, _options.FeatureColumnName);
        TrainingRows.CheckClasses(_host, training, labels, _options.LabelColumnName);
        List<ClipExample> validation = _options.ValidationSet is null ? []
            : TrainingRows.Read(_host, channel, _options.ValidationSet, _options.LabelColumnName, _options.FeatureColumnName);

        ClassifierScorer scorer = Train(channel, training, validation, labels);
        return new VideoMaeClassificationTransformer(_host, _options.LabelColumnName, _options.FeatureColumnName, _options.ScoreColumnName,
            _options.PredictedLabelColumnName, labels, scorer);
    }

    /// <summary>The schema that data has after the trained model has scored it.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        TrainingRows.CheckSchema(_host, inputSchema, _options.LabelColumnName, _options.FeatureColumnName);
        inputSchema.TryFindColumn(_options.LabelColumnName, out SchemaShape.Column label);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        foreach (SchemaShape.Column column in ScoreColumns.Promise(label, _options.PredictedLabelColumnName, _options.ScoreColumnName))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    private ClassifierScorer Train(IChannel channel, List<ClipExample> training, List<ClipExample> validation, ClassLabels labels)
    {
        var environment = (IHostEnvironmentInternal)_host;
        (TorchSharp.torch.Device device, string reason) = TorchDevice.Select(
            _options.GpuDeviceId ?? environment.GpuDeviceId, _options.FallbackToCpu ?? environment.FallbackToCpu);
        channel.Info(reason);

        var streams = new RandomStreams(_options.Seed ?? environment.Seed);
        ClassifierScorer scorer = ClassifierFactory.ForTraining(_options, labels, device, streams, channel);
        try
        {
            var settings = FineTuningSettings.Create(_options, scorer.Config, training.Count, streams);
            channel.Info(settings.ToString());
            using var loop = new FineTuningLoop(_host, channel, scorer, settings, training, validation);
            loop.Run();
            return scorer;
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    private void Check(Options options) => new OptionProblems()
        .Named(nameof(options.LabelColumnName), options.LabelColumnName)
        .Named(nameof(options.FeatureColumnName), options.FeatureColumnName)
        .Named(nameof(options.ScoreColumnName), options.ScoreColumnName)
        .Named(nameof(options.PredictedLabelColumnName), options.PredictedLabelColumnName)
        .Require(options.ScoreColumnName != options.PredictedLabelColumnName, nameof(options.ScoreColumnName), options.ScoreColumnName,
            $"has to differ from {nameof(options.PredictedLabelColumnName)}")
        .Require(options.PretrainedModel is null || options.Config is null, nameof(options.Config), "set",
            $"{nameof(options.PretrainedModel)} brings a configuration of its own: set one of the two")
        .Positive(nameof(options.NumberOfEpochs), options.NumberOfEpochs)
        .Positive(nameof(options.BatchSize), options.BatchSize)
        .Positive(nameof(options.LearningRate), options.LearningRate ?? 1)
        .InRange(nameof(options.FinalLearningRateRatio), options.FinalLearningRateRatio, 0, 1)
        .InRange(nameof(options.WarmupRatio), options.WarmupRatio, 0, 1)
        .Require(options.LayerDecay is null or (> 0 and <= 1), nameof(options.LayerDecay), options.LayerDecay, "has to be above 0 and at most 1")
        .InRange(nameof(options.WeightDecay), options.WeightDecay, 0, float.MaxValue)
        .InRange(nameof(options.GradientClipNorm), options.GradientClipNorm, 0, float.MaxValue)
        .Require(options.LabelSmoothing is >= 0 and < 1, nameof(options.LabelSmoothing), options.LabelSmoothing, "has to be at least 0 and below 1")
        .Require(options.DropPathRate is >= 0 and < 1, nameof(options.DropPathRate), options.DropPathRate, "has to be at least 0 and below 1")
        .Require(options.HeadDropout is >= 0 and < 1, nameof(options.HeadDropout), options.HeadDropout, "has to be at least 0 and below 1")
        .Require(options.MinCropArea is > 0 and <= 1, nameof(options.MinCropArea), options.MinCropArea, "has to be above 0 and at most 1")
        .InRange(nameof(options.MaxCropRatio), options.MaxCropRatio, 1, 10)
        .InRange(nameof(options.RandomErasing), options.RandomErasing, 0, 1)
        .Require(IsPolicy(options.RandAugment, out string problem), nameof(options.RandAugment), options.RandAugment, problem)
        .InRange(nameof(options.FrameCacheMegabytes), options.FrameCacheMegabytes ?? 0, 0, int.MaxValue)
        .InRange(nameof(options.MaxSkippedShare), options.MaxSkippedShare, 0, 1)
        .Positive(nameof(options.DecodingThreads), options.DecodingThreads ?? 1)
        .ThrowIfAny(_host, nameof(options));

    private static bool IsPolicy(string? text, out string problem)
    {
        problem = "";
        try
        {
            if (text is not null)
                RandAugmentPolicy.Parse(text);
            return true;
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return false;
        }
    }
}
