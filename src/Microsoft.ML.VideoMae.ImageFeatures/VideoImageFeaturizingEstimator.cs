// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.ImageFeatures;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="IEstimator{TTransformer}"/> that describes a video by what ResNet-18 sees in some of its frames.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.FeaturizeVideoImages`.
///
/// ### Input and Output Columns
/// The input column is of Video type (`LoadVideos` makes one). Frames are spread evenly over the video, and scaled by area to 224x224
/// pixels, whatever their shape. The network makes 512 numbers of each. The output column holds their mean, and then their mean absolute
/// difference from frame to frame. With `FrameCells.TwoByTwo` each quarter of a frame is an image: top left, top right, bottom left,
/// bottom right.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Video |
/// | Output column data type | Known-sized vector of `System.Single`, [2, 512] or [2, 4, 512] |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae.ImageFeatures |
/// | Exportable to ONNX | No |
///
/// The network is that of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, which comes with this one. The numbers are those of
/// `FeaturizeVideoFrames` with `ExtractPixels` and `DnnFeaturizeImage`. Here, the frames of a video go through the network together,
/// and all cursors share one session with as many threads as the machine has processors.
///
/// A saved model holds the name of the network's content, not the network: a program that loads the model needs this package.
/// A linear trainer on these features suits classes that differ in what kind of things are seen.
/// ]]></format>
/// </remarks>
public sealed class VideoImageFeaturizingEstimator : VideoFeaturizingEstimator<VideoImageFeaturizingTransformer>
{
    private readonly FrameImages _images;

    internal VideoImageFeaturizingEstimator(IHostEnvironment env, Options options)
        : base(env, nameof(VideoImageFeaturizingEstimator), options,
            problems => FrameImages.Check(problems, options.NumFrames, options.Cells, ResNet18.Side, ResNet18.Side))
    {
        NetworkFiles.Find(Host);
        _images = new FrameImages(options.NumFrames, options.Cells, ResNet18.Side, ResNet18.Side);
    }

    private protected override VideoImageFeaturizingTransformer Make(IDataView input) => new(Host, Columns, _images);

    /// <summary>The options of <see cref="VideoImageFeaturizingEstimator"/>.</summary>
    public sealed class Options : VideoFeaturizingOptions
    {
        /// <summary>The number of frames, spread evenly over the video. The default is 8.</summary>
        public int NumFrames = 8;

        /// <summary>Whether each frame is one image, or is cut. The default is one image.</summary>
        public FrameCells Cells = FrameCells.None;
    }
}
