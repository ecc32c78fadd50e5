// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="IEstimator{TTransformer}"/> that makes a featurizer of videos of any pipeline that makes a vector of an image.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.FeaturizeVideoFrames`.
///
/// ### Input and Output Columns
/// The input column is of Video type (`LoadVideos` makes one). Frames are spread evenly over the video, and each one goes through
/// the image pipeline. The output column holds the mean of the vectors that it makes, and then their mean absolute difference from
/// frame to frame. With `FrameCells.TwoByTwo` each quarter of a frame goes through it: top left, top right, bottom left, bottom right.
///
/// The image pipeline reads the column 'Image' and makes the column 'Features', or those that the options name. Images are scaled by area to
/// 224x224 pixels, or what the options say, so that `ExtractPixels` can stand first.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Only if the image pipeline does |
/// | Input column data type | Video |
/// | Output column data type | Known-sized vector of `System.Single`, [2, length] or [2, 4, length] |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and what the image pipeline needs |
/// | Exportable to ONNX | No |
///
/// An image pipeline that learns is fitted on the images of all rows, which are decoded anew in each of its passes.
/// It sees no other column.
/// The transformer holds the fitted pipeline, and saves it in its own model.
/// ]]></format>
/// </remarks>
public sealed class VideoFramesFeaturizingEstimator : VideoFeaturizingEstimator<VideoFramesFeaturizingTransformer>
{
    private readonly IEstimator<ITransformer> _imageFeaturizer;
    private readonly FrameImages _images;
    private readonly ImageColumns _names;

    internal VideoFramesFeaturizingEstimator(IHostEnvironment env, IEstimator<ITransformer> imageFeaturizer, Options options)
        : base(env, nameof(VideoFramesFeaturizingEstimator), options, problems => FrameImages.Check(problems
            .Named(nameof(options.ImageColumnName), options.ImageColumnName)
            .Named(nameof(options.ImageFeaturesColumnName), options.ImageFeaturesColumnName),
            options.NumFrames, options.Cells, options.ImageHeight, options.ImageWidth))
    {
        Host.CheckValue(imageFeaturizer, nameof(imageFeaturizer));
        _imageFeaturizer = imageFeaturizer;
        _images = new FrameImages(options.NumFrames, options.Cells, options.ImageHeight ?? 0, options.ImageWidth ?? 0);
        _names = new ImageColumns(options.ImageColumnName, options.ImageFeaturesColumnName);
        _names.Check(Host, imageFeaturizer, _images);
    }

    private protected override VideoFramesFeaturizingTransformer Make(IDataView input) => new(
        Host, Columns, _images, _names, _imageFeaturizer.Fit(new FrameImagesView(Host, input, Columns, _images, _names.SchemaOf(_images))));

    /// <summary>The options of <see cref="VideoFramesFeaturizingEstimator"/>.</summary>
    public sealed class Options : VideoFeaturizingOptions
    {
        /// <summary>The number of frames, spread evenly over the video. The default is 8.</summary>
        public int NumFrames = 8;

        /// <summary>Whether each frame is one image, or is cut. The default is one image.</summary>
        public FrameCells Cells = FrameCells.None;

        /// <summary>
        /// The height to which images are scaled, from 1 to 1024 pixels. The default is 224. Null, for both sides, leaves the video's
        /// own size, and then the image pipeline has to scale.
        /// </summary>
        public int? ImageHeight = 224;

        /// <summary>The width to which images are scaled, from 1 to 1024 pixels. The default is 224; null as for the height.</summary>
        public int? ImageWidth = 224;

        /// <summary>The name of the column of images that the image pipeline reads. The default is 'Image'.</summary>
        public string ImageColumnName = "Image";

        /// <summary>The name of the column that the image pipeline makes. The default is 'Features'.</summary>
        public string ImageFeaturesColumnName = DefaultColumnNames.Features;
    }
}

/// <summary>How a frame is cut into images.</summary>
public enum FrameCells
{
    /// <summary>The whole frame is one image.</summary>
    None = 0,

    /// <summary>Four images: top left, top right, bottom left, bottom right.</summary>
    TwoByTwo = 1,
}
