// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace Microsoft.ML;

/// <content>What transforms videos, and pre-training.</content>
public static partial class VideoMaeCatalog
{
    /// <summary>Makes a Video column from a column of paths (text) or of file contents (vectors of bytes).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the Video column.</param>
    /// <param name="inputColumnName">The name of the column to read; null takes <paramref name="outputColumnName"/>.</param>
    /// <param name="videoFolder">The folder that relative paths start from; null is the current folder.</param>
    public static VideoLoadingEstimator LoadVideos(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, string? videoFolder = null) =>
        new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName ?? outputColumnName, videoFolder);

    /// <summary>
    /// Makes a row of every window of a long video. The windows are handles on parts of it, which anything reads that reads videos.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the Video column of the windows.</param>
    /// <param name="inputColumnName">The name of the Video column to read; null takes <paramref name="outputColumnName"/>.</param>
    /// <param name="window">How long a window is.</param>
    /// <param name="stride">From the start of a window to that of the next, at most a window; null takes a window: no overlap.</param>
    /// <param name="startColumnName">The name of the column for the start of a window, in seconds from the first frame.</param>
    /// <param name="endColumnName">The name of the column for its end.</param>
    /// <param name="onVideoError">What happens to a video that cannot be read; skipping gives it no rows, with a warning.</param>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty, or a time out of range.</exception>
    public static VideoSplittingEstimator SplitVideo(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName,
        TimeSpan window, TimeSpan? stride = null, string startColumnName = "WindowStart", string endColumnName = "WindowEnd",
        VideoErrorPolicy onVideoError = VideoErrorPolicy.Throw) =>
        new(CatalogUtils.GetEnvironment(catalog),
            new VideoSplittingColumns(outputColumnName, inputColumnName ?? outputColumnName, startColumnName, endColumnName),
            window, stride, onVideoError);

    /// <summary>
    /// Makes a column of normalised pixel values, [frames, channels, height, width], from a Video column: exactly what a model sees.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the column of pixel values.</param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <param name="numFrames">The number of frames, spread uniformly over the video.</param>
    /// <param name="imageSize">The height and width of a frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty, or a number not above 0; the message lists all problems.</exception>
    public static VideoPixelExtractingEstimator ExtractVideoPixels(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = TrainingDefaults.FeatureColumnName, int numFrames = 16, int imageSize = 224) =>
        catalog.ExtractVideoPixels(new VideoPixelExtractingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            NumFrames = numFrames,
            ImageHeight = imageSize,
            ImageWidth = imageSize,
        });

    /// <summary>
    /// Makes a column of normalised pixel values, [frames, channels, height, width], from a Video column: exactly what a model sees.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoPixelExtractingEstimator ExtractVideoPixels(this TransformsCatalog catalog,
        VideoPixelExtractingEstimator.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>Describes each video by its mean frame and by how much each place changes, grey and small, for a linear trainer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the column of features.</param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <returns>An estimator that needs no training. Its features are a vector of 6144 numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty.</exception>
    public static VideoPixelFeaturizingEstimator FeaturizeVideoPixels(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = TrainingDefaults.FeatureColumnName) =>
        catalog.FeaturizeVideoPixels(new VideoPixelFeaturizingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
        });

    /// <summary>Describes each video by its mean frame and by how much each place changes, grey and small, for a linear trainer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoPixelFeaturizingEstimator FeaturizeVideoPixels(this TransformsCatalog catalog,
        VideoPixelFeaturizingEstimator.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>
    /// Describes each video by what moves in it, where and in which direction, for a linear trainer: histograms of optical flow.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the column of features.</param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <returns>An estimator that needs no training. Its features are a vector of 324 numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty.</exception>
    public static VideoMotionFeaturizingEstimator FeaturizeVideoMotion(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = TrainingDefaults.FeatureColumnName) =>
        catalog.FeaturizeVideoMotion(new VideoMotionFeaturizingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
        });

    /// <summary>
    /// Describes each video by what moves in it, where and in which direction, for a linear trainer: histograms of optical flow.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoMotionFeaturizingEstimator FeaturizeVideoMotion(this TransformsCatalog catalog,
        VideoMotionFeaturizingEstimator.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>
    /// Describes each video by what a pipeline for images says of some of its frames: the mean over time, and how much it changes.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the column of features.</param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <param name="imageFeaturizer">
    /// Any pipeline that reads a column 'Image' of images, 224x224, and makes a column 'Features', a vector of Single of known size.
    /// </param>
    /// <param name="numberOfFrames">The number of frames, spread evenly over the video.</param>
    /// <param name="cells">Whether each frame is one image, or is cut into four.</param>
    /// <returns>An estimator whose features are a vector of twice the image features, for each of the cells.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty, or the pipeline does not make such a column.</exception>
    public static VideoFramesFeaturizingEstimator FeaturizeVideoFrames(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName, IEstimator<ITransformer> imageFeaturizer, int numberOfFrames = 8, FrameCells cells = FrameCells.None) =>
        catalog.FeaturizeVideoFrames(imageFeaturizer, new VideoFramesFeaturizingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            NumFrames = numberOfFrames,
            Cells = cells,
        });

    /// <summary>
    /// Describes each video by what a pipeline for images says of some of its frames: the mean over time, and how much it changes.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="imageFeaturizer">Any pipeline that makes a vector of Single of known size of a column of images.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoFramesFeaturizingEstimator FeaturizeVideoFrames(this TransformsCatalog catalog,
        IEstimator<ITransformer> imageFeaturizer, VideoFramesFeaturizingEstimator.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), imageFeaturizer, options);

    /// <summary>Pre-trains a VideoMAE model on videos without labels; it gives features, and trainers take it as PretrainedModel.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The name of the column of features.</param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <param name="pretrainedModel">The weights to start from; null starts from scratch.</param>
    public static VideoMaePretrainingEstimator PretrainVideoMae(this TransformsCatalog catalog,
        string outputColumnName = DefaultColumnNames.Features,
        string inputColumnName = TrainingDefaults.FeatureColumnName,
        string? pretrainedModel = null) =>
        catalog.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            FeatureColumnName = inputColumnName,
            PretrainedModel = pretrainedModel,
        });

    /// <summary>Pre-trains a VideoMAE model on videos without labels; it gives features, and trainers take it as PretrainedModel.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings; they are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoMaePretrainingEstimator PretrainVideoMae(
        this TransformsCatalog catalog, VideoMaePretrainingEstimator.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);
}
