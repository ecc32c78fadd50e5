// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.ComponentModel.DataAnnotations;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that trains a VideoMAE model to tell videos of one kind from all others.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.BinaryClassification.Trainers.VideoMae`.
///
/// ### Input and Output Columns
/// The input label column must be of type `System.Boolean`, and the feature column of Video type (`LoadVideos` makes one) or hold pixel
/// values (`ExtractVideoPixels`). This trainer outputs the following columns:
///
/// | Output Column Name | Column Type | Description |
/// | -- | -- | -- |
/// | `PredictedLabel` | `System.Boolean` | Whether the probability is above one half. |
/// | `Probability` | `System.Single` | The probability of `true`. |
/// | `Score` | `System.Single` | The logarithm of its odds. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Binary classification |
/// | Is normalization required? | No |
/// | Is caching required? | No |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or
/// TorchSharp-cuda-windows |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// The network of `VideoMaeTrainer` with one output and the binary cross-entropy. Clips are mirrored only if `HorizontalFlip` says so.
/// ]]></format>
/// </remarks>
public sealed class VideoMaeBinaryTrainer : IEstimator<VideoMaeBinaryTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal VideoMaeBinaryTrainer(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaeBinaryTrainer));
        _host.CheckValue(options, nameof(options));
        _options = options.Checked(_host);
    }

    /// <summary>Trains a model.</summary>
    /// <param name="input">Labelled videos.</param>
    /// <returns>The trained model, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to learn, or too many videos cannot be read.</exception>
    /// <exception cref="VideoReadException">A video cannot be read and the policy is to throw; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public VideoMaeBinaryTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using IChannel channel = _host.Start("Training");
        List<ClipExample> rows = TrainingRows.Read(_host, channel, input, _options, BooleanDataViewType.Instance);
        if (rows.Select(r => r.Target).Distinct().Count() < 2)
            throw _host.Except($"Label column '{_options.LabelColumnName}' has only one value in all {rows.Count} rows of the training " +
                "data. Give videos with true and with false.");
        List<ClipExample> validation = ValidationRows.Read(_host, channel, _options, input.Schema, rows);
        var clips = new LabelledClips(rows, validation, [_options.ScoreColumnName], Classes: ["false", "true"], input.Schema);
        ClassificationModel model = new FineTuningRun(_host, channel, _options, mirrors: _options.HorizontalFlip ?? false)
            .Fit(clips, (_, _) => new BinaryTask());
        return new VideoMaeBinaryTransformer(_host, _options.FeatureColumnName, _options.ScoreColumnName, _options.ProbabilityColumnName,
            _options.PredictedLabelColumnName, model);
    }

    /// <summary>The schema that data has after the trained model has scored it.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        TrainingRows.Check(_host, inputSchema, _options, BooleanDataViewType.Instance);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        var score = new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation());
        foreach (SchemaShape.Column column in (SchemaShape.Column[])[
            new(_options.PredictedLabelColumnName, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false, score),
            new(_options.ProbabilityColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false,
                new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation(isNormalized: true))),
            new(_options.ScoreColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false, score)])
            columns[column.Name] = column;

        return new SchemaShape(columns.Values);
    }

    /// <summary>The options of <see cref="VideoMaeBinaryTrainer"/>. They are copied and checked once, when the trainer is made.</summary>
    public sealed class Options : VideoMaeTrainerOptions
    {
        /// <summary>The name of the column for the probability. The default is 'Probability'.</summary>
        [Option("The column for the probability.", RunIdentityPart.Always)]
        [Required]
        public string ProbabilityColumnName = DefaultColumnNames.Probability;

        /// <summary>The name of the column for the predicted label. The default is 'PredictedLabel'.</summary>
        [Option("The column for the predicted label.", RunIdentityPart.Always)]
        [Required]
        public string PredictedLabelColumnName = DefaultColumnNames.PredictedLabel;

        private protected override void CheckTogether(OptionProblems problems)
        {
            base.CheckTogether(problems);
            string[] names = [ScoreColumnName, ProbabilityColumnName, PredictedLabelColumnName];
            problems.Require(names.Distinct().Count() == names.Length, nameof(ScoreColumnName), ScoreColumnName,
                $"the names of the three output columns ({string.Join(", ", names)}) have to differ");
        }
    }
}
