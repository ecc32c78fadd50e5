// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

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

/// <summary>The <see cref="IEstimator{TTransformer}"/> that pre-trains a VideoMAE model on videos without labels.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.PretrainVideoMae`.
///
/// ### Input and Output Columns
/// The input column is of type Video, or the vectors that `ExtractVideoPixels` makes. Labels are not needed. The trained model adds:
///
/// | Output Column Name | Column Type | Description |
/// | -- | -- | -- |
/// | `Features` | vector of `System.Single` | The mean of the encoded tokens of the whole clip, as wide as the model. |
/// | `ReconstructionLoss` | `System.Single` | The mean squared error over patches that were hidden, averaged over several masks. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Self-supervised pre-training |
/// | Is normalization required? | No |
/// | Is caching required? | No |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or
/// TorchSharp-cuda-windows |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// With another `Target` the encoder learns how far what it sees moves. With the default, a tenth of a clip's patches goes
/// through a vision transformer, and a small decoder predicts the others, as in
/// [VideoMAE](https://arxiv.org/abs/2203.12602) (Tong et al., 2022), with corner crops of several scales and AdamW (betas 0.9 and 0.95).
/// ]]></format>
/// </remarks>
public sealed class VideoMaePretrainingEstimator : IEstimator<VideoMaePretrainedTransformer>
{
    internal const string LoadName = "VideoMaePretraining";

    private readonly IHost _host;
    private readonly Options _options;

    internal VideoMaePretrainingEstimator(IHostEnvironment env, Options options)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(LoadName);
        _host.CheckValue(options, nameof(options));
        _options = options.Checked(_host);
    }

    /// <summary>Pre-trains a model.</summary>
    /// <param name="input">Videos; labels are not looked at, but for the probe.</param>
    /// <returns>The trained model, which the caller disposes of.</returns>
    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="System.InvalidOperationException">There are no clips, or too many videos that cannot be read.</exception>
    /// <exception cref="VideoReadException">A video cannot be read and the policy is to throw; the message names it.</exception>
    /// <exception cref="System.OperationCanceledException">The token of the options was cancelled.</exception>
    public VideoMaePretrainedTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using IChannel channel = _host.Start("Pre-training");
        List<ClipExample> rows = PretrainingRows.Read(_host, channel, input, _options);
        PreTrainingModel model = new PretrainingRun(_host, channel, _options).Fit(rows, input.Schema, givesFeatures: true);
        return new VideoMaePretrainedTransformer(
            _host, _options.FeatureColumnName, _options.OutputColumnName, _options.ReconstructionLossColumnName, model);
    }

    /// <summary>The schema that data has after the trained model has seen it.</summary>
    /// <param name="inputSchema">The schema of the data.</param>
    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        PretrainingRows.Check(_host, inputSchema, _options);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        columns[_options.OutputColumnName] = new(
            _options.OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        columns[_options.ReconstructionLossColumnName] = new(
            _options.ReconstructionLossColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }

    /// <summary>The options of <see cref="VideoMaePretrainingEstimator"/>.</summary>
    public sealed class Options : VideoMaePretrainingOptions
    {
        /// <summary>The name of the column of features. The default is 'Features'.</summary>
        [Option("The column of features.", RunIdentityPart.Always)]
        [Required]
        public string OutputColumnName = DefaultColumnNames.Features;

        /// <summary>The name of the column of reconstruction losses. The default is 'ReconstructionLoss'.</summary>
        [Option("The column of reconstruction losses.", RunIdentityPart.Always)]
        [Required]
        public string ReconstructionLossColumnName = "ReconstructionLoss";

        /// <summary>
        /// What is predicted. The default is <see cref="VideoMaePretrainingTarget.Pixels"/>, as in the original.
        /// </summary>
        [Option("What is predicted: Pixels of hidden patches, Motion of what is seen, or Both.", RunIdentityPart.WhereChanged,
            Flag = "--target")]
        public VideoMaePretrainingTarget Target = VideoMaePretrainingTarget.Pixels;

        /// <summary>
        /// A vector column with the true displacement, as <see cref="GeneratedVideos"/> has one (<see cref="GeneratedClip.Displacement"/>),
        /// of frames of the model's size: then there are no random crops, and <see cref="VideoMaePretrainingOptions.MinCropScale"/> has to
        /// be 1. The default, null, finds the displacement by block matching, in what the model is shown of a clip. It needs a
        /// <see cref="Target"/> with motion.
        /// </summary>
        [Option("The column of true displacements.", RunIdentityPart.WhereChanged)]
        public string? DisplacementColumnName;

        /// <summary>
        /// Whether patches are hidden (<see cref="VideoMaePretrainingOptions.MaskRatio"/>) also where motion is predicted, which then is
        /// that of the others alone. The default is false: motion is predicted with all patches in sight.
        /// </summary>
        [Option("Hide patches also where motion is predicted.", RunIdentityPart.WhereChanged)]
        public bool MasksMotion;

        internal override VideoMaePretrainingTarget PretrainingTarget => Target;

        internal override string? DisplacementColumn => DisplacementColumnName;

        internal override bool HidesWhereMotionIsPredicted => MasksMotion;

        private protected override void CheckTogether(OptionProblems problems)
        {
            base.CheckTogether(problems);
            bool isMotion = Target != VideoMaePretrainingTarget.Pixels;
            problems
                .Require(
                    ReconstructionLossColumnName != OutputColumnName, nameof(ReconstructionLossColumnName), ReconstructionLossColumnName,
                    $"has to differ from {nameof(OutputColumnName)}")
                .Require(isMotion || DisplacementColumnName is null, nameof(DisplacementColumnName), DisplacementColumnName,
                    $"{nameof(Target)} is {nameof(VideoMaePretrainingTarget.Pixels)}: set it to " +
                        $"{nameof(VideoMaePretrainingTarget.Motion)} or {nameof(VideoMaePretrainingTarget.Both)}, or leave the column null")
                .Require(isMotion || !MasksMotion, nameof(MasksMotion), MasksMotion,
                    $"{nameof(Target)} is {nameof(VideoMaePretrainingTarget.Pixels)}, which always hides patches: leave it at false")
                .Require(DisplacementColumnName is null || MinCropScale == 1, nameof(MinCropScale), MinCropScale,
                    $"{nameof(DisplacementColumnName)} is set, and holds for whole frames: set it to 1");
        }
    }
}
