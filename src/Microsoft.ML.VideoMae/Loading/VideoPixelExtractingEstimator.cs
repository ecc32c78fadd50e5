// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that turns videos into vectors of normalised pixel values.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.ExtractVideoPixels`.
///
/// ### Input and Output Columns
/// The input column is of Video type (`LoadVideos` makes one). The output column holds
/// normalised pixel values, channel by channel within a frame.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Video |
/// | Output column data type | Known-sized vector of `System.Single`, [frames, channels, height, width] |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae |
/// | Exportable to ONNX | No |
///
/// The values are exactly those of `VideoMaeImageProcessor`. Trainers and models take such a column in place of a Video column; each row is
/// then the same in every epoch, and all rows are kept in memory in training.
/// ]]></format>
/// </remarks>
public sealed class VideoPixelExtractingEstimator : IEstimator<VideoPixelExtractingTransformer>
{
    private readonly IHost _host;
    private readonly VideoPixelExtractingTransformer _transformer;

    internal VideoPixelExtractingEstimator(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoPixelExtractingEstimator));
        _host.CheckValue(options, nameof(options));
        new OptionProblems()
            .Named(nameof(options.OutputColumnName), options.OutputColumnName)
            .Named(nameof(options.InputColumnName), options.InputColumnName)
            .Positive(nameof(options.NumFrames), options.NumFrames)
            .Positive(nameof(options.ImageHeight), options.ImageHeight)
            .Positive(nameof(options.ImageWidth), options.ImageWidth)
            .Require(options.Sampler is null || options.Sampler.NumFrames == options.NumFrames,
                nameof(options.NumFrames), options.NumFrames,
                $"the {nameof(options.Sampler)} gives {options.Sampler?.NumFrames} frames")
            .Defined(nameof(options.Resizing), options.Resizing ?? FrameResizing.IsoCrop)
            .Defined(nameof(options.OnVideoError), options.OnVideoError)
            .ThrowIfAny(_host, nameof(options));
        _transformer = new VideoPixelExtractingTransformer(env, options.OutputColumnName, options.InputColumnName,
            ClipProcessor.Fit(ClipProcessor.Beside(options.ProcessorPath), options.ImageHeight, options.ImageWidth, options.Resizing),
            options.Sampler ?? new UniformFrameSampler(options.NumFrames), options.OnVideoError);
    }

    /// <summary>Checks the input; there is nothing to learn.</summary>
    /// <param name="input">Data with the Video column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Video column is missing or of another type.</exception>
    public VideoPixelExtractingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The schema that data has after the transform.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Video column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        if (!columns.TryGetValue(_transformer.InputColumnName, out SchemaShape.Column input))
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", _transformer.InputColumnName);
        if (input.ItemType is not VideoDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", _transformer.InputColumnName,
                VideoDataViewType.Expected, input.GetTypeString());
        columns[_transformer.OutputColumnName] = new SchemaShape.Column(
            _transformer.OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }

    /// <summary>The options of <see cref="VideoPixelExtractingEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>The name of the column of pixel values. The default is 'Pixels'.</summary>
        public string OutputColumnName = "Pixels";

        /// <summary>The name of the Video column. The default is 'Video'.</summary>
        public string InputColumnName = TrainingDefaults.FeatureColumnName;

        /// <summary>The number of frames of a clip. The default is 16.</summary>
        public int NumFrames = 16;

        /// <summary>The height of a frame. The default is 224.</summary>
        public int ImageHeight = 224;

        /// <summary>The width of a frame. The default is 224.</summary>
        public int ImageWidth = 224;

        /// <summary>
        /// A folder with a preprocessor_config.json, such as a checkpoint's, whose rescaling, mean and deviation are used. The default,
        /// null, uses ImageNet's, with which every published VideoMAE checkpoint was trained.
        /// </summary>
        public string? ProcessorPath;

        /// <summary>
        /// How frames of another shape get that height and width. The default, null, is as <see cref="ProcessorPath"/> has it, and
        /// <see cref="FrameResizing.IsoCrop"/>, a cut around the centre, without one.
        /// </summary>
        public FrameResizing? Resizing;

        /// <summary>
        /// Which frames of a video make a clip. The default, null, spreads <see cref="NumFrames"/> uniformly over the video.
        /// </summary>
        public FrameSampler? Sampler;

        /// <summary>
        /// What happens to a video that cannot be read. The default is to throw; skipping
        /// gives values that are not a number, with a warning.
        /// </summary>
        public VideoErrorPolicy OnVideoError = VideoErrorPolicy.Throw;
    }
}
