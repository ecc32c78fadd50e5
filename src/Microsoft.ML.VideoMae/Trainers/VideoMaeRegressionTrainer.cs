// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that trains a VideoMAE model to give every video a number.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.Regression.Trainers.VideoMae`.
///
/// ### Input and Output Columns
/// The input label column must be of type `System.Single`, and the feature column of Video type (`LoadVideos` makes one) or hold pixel
/// values (`ExtractVideoPixels`). Rows whose label is not a number are left out. This trainer outputs the following column:
///
/// | Output Column Name | Column Type | Description |
/// | -- | -- | -- |
/// | `Score` | `System.Single` | The number, in the unit of the label. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Regression |
/// | Is normalization required? | No |
/// | Is caching required? | No |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or
/// TorchSharp-cuda-windows |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// The network of `VideoMaeTrainer` with one output and the mean squared error. Labels are brought to mean 0 and deviation 1 while
/// training, and the trained head brings them back, so that their unit does not matter. Clips are mirrored only if `HorizontalFlip` says
/// so. ]]></format>
/// </remarks>
public sealed class VideoMaeRegressionTrainer : IEstimator<VideoMaeRegressionTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal VideoMaeRegressionTrainer(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaeRegressionTrainer));
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
    public VideoMaeRegressionTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using IChannel channel = _host.Start("Training");
        List<ClipExample> rows = TrainingRows.Read(_host, channel, input, _options, NumberDataViewType.Single);
        _host.Check(rows.Count > 0, $"The training data has no rows with a number in column '{_options.LabelColumnName}'.");
        List<ClipExample> validation = ValidationRows.Read(_host, channel, _options, input.Schema, rows);
        var clips = new LabelledClips(rows, validation, [_options.ScoreColumnName], Classes: [], input.Schema);
        ClassificationModel model = new FineTuningRun(_host, channel, _options, mirrors: _options.HorizontalFlip ?? false)
            .Fit(clips, (_, data) => new RegressionTask([.. data.Training.Select(e => e.Target)]));
        return new VideoMaeRegressionTransformer(_host, _options.FeatureColumnName, _options.ScoreColumnName, model);
    }

    /// <summary>The schema that data has after the trained model has scored it.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        TrainingRows.Check(_host, inputSchema, _options, NumberDataViewType.Single);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        columns[_options.ScoreColumnName] = new SchemaShape.Column(_options.ScoreColumnName, SchemaShape.Column.VectorKind.Scalar,
            NumberDataViewType.Single, false, new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation()));
        return new SchemaShape(columns.Values);
    }

    /// <summary>
    /// The options of <see cref="VideoMaeRegressionTrainer"/>. They are copied and checked once, when the trainer is made.
    /// </summary>
    public sealed class Options : VideoMaeTrainerOptions
    {
    }
}
