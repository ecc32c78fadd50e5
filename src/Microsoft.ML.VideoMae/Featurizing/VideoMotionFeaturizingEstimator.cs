// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Featurizing;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="IEstimator{TTransformer}"/> that describes a video by what moves in it: histograms of optical flow.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.FeaturizeVideoMotion`.
///
/// ### Input and Output Columns
/// The input column is of Video type (`LoadVideos` makes one). The output column holds 324 numbers.
/// They say for each of 4x3 cells of the frame, and for both halves of the video: how much moves in 8 directions, the mean displacement
/// to the right and down, its mean length and squared length, and the share that moves. For the whole frame they say how much it grows and
/// turns about its centre. Displacements are in pixels of the small grey frames. Each number x is stored as sign(x) * sqrt(|x|).
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Video |
/// | Output column data type | Known-sized vector of `System.Single`; 324 numbers |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae |
/// | Exportable to ONNX | No |
///
/// Motion is found by comparing blocks of 8x8 pixels of consecutive frames, up to 4 pixels away. What moves faster than that at this size,
/// or has no texture, is not seen. A video of one frame gets zeros.
/// A linear trainer on these features suits classes that differ in how things move.
/// ]]></format>
/// </remarks>
public sealed class VideoMotionFeaturizingEstimator : VideoFeaturizingEstimator<VideoMotionFeaturizingTransformer>
{
    private readonly GreyFrames _frames;

    internal VideoMotionFeaturizingEstimator(IHostEnvironment env, Options options)
        : base(env, nameof(VideoMotionFeaturizingEstimator), options, problems => GreyFrames.CheckSides(
            problems.Positive(nameof(options.NumFramePairs), options.NumFramePairs), options.ImageHeight, options.ImageWidth,
            MotionHistogram.LeastHeight, MotionHistogram.LeastWidth)) =>
        _frames = new GreyFrames(options.NumFramePairs, options.ImageHeight, options.ImageWidth);

    private protected override VideoMotionFeaturizingTransformer Make(IDataView input) => new(Host, Columns, _frames);

    /// <summary>The options of <see cref="VideoMotionFeaturizingEstimator"/>.</summary>
    public sealed class Options : VideoFeaturizingOptions
    {
        /// <summary>
        /// The number of pairs of consecutive frames, spread evenly over the video; all pairs of a video that has no more.
        /// The default is 48.
        /// </summary>
        public int NumFramePairs = 48;

        /// <summary>The height to which frames are scaled, from 24 to 1024 pixels. The default is 48.</summary>
        public int ImageHeight = 48;

        /// <summary>The width to which frames are scaled, from 32 to 1024 pixels. The default is 64.</summary>
        public int ImageWidth = 64;
    }
}
