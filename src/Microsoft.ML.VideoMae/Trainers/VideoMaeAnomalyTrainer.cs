// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.ComponentModel.DataAnnotations;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that learns what videos usually look like, and tells those that do not.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.AnomalyDetection.Trainers.VideoMae`.
///
/// ### Input and Output Columns
/// The input column is of type Video, or the vectors that `ExtractVideoPixels` makes. Labels are not needed. The trained model adds:
///
/// | Output Column Name | Column Type | Description |
/// | -- | -- | -- |
/// | `PredictedLabel` | `System.Boolean` | Whether the clip is unusual: its score is above the threshold. |
/// | `Score` | `System.Single` | The reconstruction loss, averaged over several masks: the higher, the less usual. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Anomaly detection |
/// | Is normalization required? | No |
/// | Is caching required? | No |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or
/// TorchSharp-cuda-windows |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// A masked autoencoder is trained on usual clips, as `PretrainVideoMae` does; it reconstructs worse what it has not seen. The threshold
/// is the score that a given share of the training clips exceeds.
/// ]]></format>
/// </remarks>
public sealed class VideoMaeAnomalyTrainer : IEstimator<VideoMaeAnomalyTransformer>
{
    internal const string LoadName = "VideoMaeAnomaly";

    private readonly IHost _host;
    private readonly Options _options;

    internal VideoMaeAnomalyTrainer(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(LoadName);
        _host.CheckValue(options, nameof(options));
        _options = options.Checked(_host);
    }

    /// <summary>Learns from usual clips.</summary>
    /// <param name="input">Usual videos; labels are not looked at.</param>
    /// <returns>The trained model, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are no clips, or too many videos that cannot be read.</exception>
    /// <exception cref="VideoReadException">A video cannot be read and the policy is to throw; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public VideoMaeAnomalyTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using IChannel channel = _host.Start("Training");
        List<ClipExample> rows = PretrainingRows.Read(_host, channel, input, _options);
        PreTrainingModel model = new PretrainingRun(_host, channel, _options).Fit(rows, input.Schema, givesFeatures: false);
        try
        {
            float threshold = Threshold(model, rows);
            channel.Info(FormattableString.Invariant($"Clips with a score above {threshold:0.0000} count as unusual: ") +
                FormattableString.Invariant($"a share of {_options.FalseAlarmFraction:0.###} of the training clips is above it."));
            return new VideoMaeAnomalyTransformer(
                _host, _options.FeatureColumnName, _options.ScoreColumnName, _options.PredictedLabelColumnName, threshold, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The schema that data has after the trained model has scored it.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        PretrainingRows.Check(_host, inputSchema, _options);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        columns[_options.PredictedLabelColumnName] = new(
            _options.PredictedLabelColumnName, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false,
            new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation()));
        columns[_options.ScoreColumnName] = new(
            _options.ScoreColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false,
            new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation()));
        return new SchemaShape(columns.Values);
    }

    private float Threshold(PreTrainingModel model, IReadOnlyList<ClipExample> rows)
    {
        var skipped = new SkippedClips(_host, "training", rows, _options.OnVideoError, _options.MaxSkippedFraction);
        using var loader = BatchLoader.WithReadsAhead([.. Enumerable.Range(0, rows.Count)], model.BatchSize, model.ClipLength,
            (VideoReader.Default, model.ReadOptions, (index, _) => model.PlanRead(rows[index].Video)),
            (index, _, ahead, pixels, token) => model.ReadPixelValues(rows[index].Video, ahead, pixels, skipped.Notes, token),
            skipped.TrySkip, _options.DecodingThreads ?? Environment.ProcessorCount, _options.CancellationToken);
        float[] scores =
        [.. loader.Read().SelectMany(batch => model.Score(batch.PixelValues, batch.Count)).Select(output => output[^1]).Order()];
        return scores[Math.Min(scores.Length - 1, (int)(scores.Length * (1 - _options.FalseAlarmFraction)))];
    }

    /// <summary>The options of <see cref="VideoMaeAnomalyTrainer"/>.</summary>
    public sealed class Options : VideoMaePretrainingOptions
    {
        /// <summary>The name of the column for the scores. The default is 'Score'.</summary>
        [Option("The column for the scores.", RunIdentityPart.Always)]
        [Required]
        public string ScoreColumnName = DefaultColumnNames.Score;

        /// <summary>The name of the column that says whether a clip is unusual. The default is 'PredictedLabel'.</summary>
        [Option("The column for the predicted label.", RunIdentityPart.Always)]
        [Required]
        public string PredictedLabelColumnName = DefaultColumnNames.PredictedLabel;

        /// <summary>
        /// The share of the training clips that lie above the threshold, above 0 and below 1. The default is 0.05. A model knows its
        /// training clips: expect more false alarms on new ones.
        /// </summary>
        [Option("The share of training clips above the threshold.", RunIdentityPart.Always, FirstName = "FalseAlarmShare")]
        [Range(0.0, 1, MinimumIsExclusive = true, MaximumIsExclusive = true)]
        public float FalseAlarmFraction = 0.05f;

        private protected override void CheckTogether(OptionProblems problems)
        {
            base.CheckTogether(problems);
            problems.Require(
                ScoreColumnName != PredictedLabelColumnName, nameof(ScoreColumnName), ScoreColumnName,
                $"has to differ from {nameof(PredictedLabelColumnName)}");
        }
    }
}
