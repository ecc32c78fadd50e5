// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Processing;
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
/// The input label column must be of key type (`MapValueToKey` makes one), and the feature column of Video type (`LoadVideos` makes one) or
/// hold pixel values (`ExtractVideoPixels`).
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
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or
/// TorchSharp-cuda-windows |
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

    internal VideoMaeTrainer(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(LoadName);
        _host.CheckValue(options, nameof(options));
        _options = options.Checked(_host);
    }

    /// <summary>Trains a classifier.</summary>
    /// <param name="input">Labelled videos.</param>
    /// <returns>The trained model, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is nothing to learn: no rows, one class only, or too many videos that cannot be read.
    /// </exception>
    /// <exception cref="VideoReadException">A video cannot be read and the policy is to throw; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public VideoMaeClassificationTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using IChannel channel = _host.Start("Training");
        List<ClipExample> rows = TrainingRows.Read(_host, channel, input, _options);
        ClassLabels labels = ClassLabels.FromColumn(_host, input.Schema[_options.LabelColumnName]);
        TrainingRows.CheckClasses(_host, rows, labels, _options.LabelColumnName);
        bool mirrors = Mirroring.Choose(_options.HorizontalFlip, labels.Names, channel);
        var clips = new LabelledClips(
            rows, ValidationRows.Read(_host, channel, _options, input.Schema, rows), labels.Names, labels.Names, input.Schema);
        ClassificationModel model = new FineTuningRun(_host, channel, _options, mirrors).Fit(clips, CreateTask);
        return new VideoMaeClassificationTransformer(_host, _options.LabelColumnName, _options.FeatureColumnName, _options.ScoreColumnName,
            _options.PredictedLabelColumnName, labels, model);
    }

    /// <summary>The schema that data has after the trained model has scored it.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        TrainingRows.Check(_host, inputSchema, _options);
        inputSchema.TryFindColumn(_options.LabelColumnName, out SchemaShape.Column label);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        foreach (SchemaShape.Column column in ScoreColumns.Promise(label, _options.PredictedLabelColumnName, _options.ScoreColumnName))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    private ClassificationTask CreateTask(ClassificationModel model, TrainingData data) => new(
        model.Config.NumLabels,
        _options.LabelSmoothing,
        new MixupOptions
        {
            MixupAlpha = _options.Mixup,
            CutmixAlpha = _options.Cutmix,
            Probability = _options.MixupProbability,
            SwitchProbability = _options.MixupSwitchProbability,
            Mode = _options.MixupMode,
        },
        _options.ClassBalancing == ClassBalancing.Weights
            ? ClassificationTask.InverseFrequencies(data.Training.Select(e => e.ClassIndex), model.Config.NumLabels)
            : null,
        model.Device);
}
