// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Featurizing;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="IEstimator{TTransformer}"/> that describes a video by its mean frame and by how much each place changes.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.FeaturizeVideoPixels`.
///
/// ### Input and Output Columns
/// The input column is of Video type (`LoadVideos` makes one). The output column holds two small grey pictures.
/// The first is the mean of frames that are spread evenly over the video. The second is the mean absolute difference of neighbours
/// among these frames. Values lie between 0 and 1. The picture's sides are stretched to the wanted height and width, and each pixel is the
/// mean of the area that it covers.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Video |
/// | Output column data type | Known-sized vector of `System.Single`, [2, height, width]; 6144 numbers by default |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae |
/// | Exportable to ONNX | No |
///
/// A linear trainer on these features suits a camera that stands still, and classes that differ in what is seen where.
/// ]]></format>
/// </remarks>
public sealed class VideoPixelFeaturizingEstimator : VideoFeaturizingEstimator<VideoPixelFeaturizingTransformer>
{
    private readonly GreyFrames _frames;

    internal VideoPixelFeaturizingEstimator(IHostEnvironment env, Options options)
        : base(env, nameof(VideoPixelFeaturizingEstimator), options, problems => GreyFrames.CheckSides(
            problems.Positive(nameof(options.NumFrames), options.NumFrames), options.ImageHeight, options.ImageWidth)) =>
        _frames = new GreyFrames(options.NumFrames, options.ImageHeight, options.ImageWidth);

    private protected override VideoPixelFeaturizingTransformer Make(IDataView input) => new(Host, Columns, _frames);

    /// <summary>The options of <see cref="VideoPixelFeaturizingEstimator"/>.</summary>
    public sealed class Options : VideoFeaturizingOptions
    {
        /// <summary>The number of frames, spread evenly over the video. The default is 16.</summary>
        public int NumFrames = 16;

        /// <summary>The height of the two pictures, from 1 to 1024 pixels. The default is 48.</summary>
        public int ImageHeight = 48;

        /// <summary>The width of the two pictures, from 1 to 1024 pixels. The default is 64.</summary>
        public int ImageWidth = 64;
    }
}
