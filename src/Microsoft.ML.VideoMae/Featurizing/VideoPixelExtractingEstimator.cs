// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Processing;

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
public sealed class VideoPixelExtractingEstimator : VideoFeaturizingEstimator<VideoPixelExtractingTransformer>
{
    private readonly VideoMaeImageProcessor _processor;
    private readonly FrameSampler _sampler;

    internal VideoPixelExtractingEstimator(IHostEnvironment env, Options options)
        : base(env, nameof(VideoPixelExtractingEstimator), options, problems => problems
            .Positive(nameof(options.NumFrames), options.NumFrames)
            .Positive(nameof(options.ImageHeight), options.ImageHeight)
            .Positive(nameof(options.ImageWidth), options.ImageWidth)
            .Require(options.Sampler is null || options.Sampler.NumFrames == options.NumFrames,
                nameof(options.NumFrames), options.NumFrames,
                $"the {nameof(options.Sampler)} gives {options.Sampler?.NumFrames} frames")
            .Defined(nameof(options.Resizing), options.Resizing ?? FrameResizing.IsoCrop))
    {
        _processor = ClipProcessor.Fit(
            ClipProcessor.Beside(options.ProcessorPath), options.ImageHeight, options.ImageWidth, options.Resizing);
        _sampler = options.Sampler ?? new UniformFrameSampler(options.NumFrames);
    }

    private protected override VideoPixelExtractingTransformer Make(IDataView input) => new(Host, Columns, _processor, _sampler);

    /// <summary>The options of <see cref="VideoPixelExtractingEstimator"/>.</summary>
    public sealed class Options : VideoFeaturizingOptions
    {
        /// <summary>Settings with their defaults; the column that is made is 'Pixels'.</summary>
        public Options() => OutputColumnName = "Pixels";

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
    }
}
