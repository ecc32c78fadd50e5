// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML;

/// <summary>The extension methods that bring videos and VideoMAE into an <see cref="MLContext"/>.</summary>
public static class VideoMaeCatalog
{
    /// <summary>Lists the videos of a folder that has one folder per class.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">
    /// The folder. Every folder in it is a class; videos (<see cref="VideoFiles"/>) are found at any depth below, and a folder of pictures
    /// without videos is one clip. Where folders in it are called train, val (or valid, validation, dev) or
    /// test and hold class folders, they are the parts of the data set.
    /// </param>
    /// <returns>
    /// Data with the text columns VideoPath (a full path) and Label (the name of the class folder), and, where there are parts, Split
    /// (train, validation or test), in natural order. <see cref="TakeVideoSplits"/> takes the parts. One warning counts and names what is
    /// left out: videos in no class folder, empty files, broken links, other files, folders without videos or that cannot be listed.
    /// </returns>
    /// <exception cref="System.IO.DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidOperationException">
    /// It holds no videos in class folders, or it cannot be told whether a folder is a class or a part.
    /// </exception>
    public static IDataView LoadVideosFromDirectory(this DataOperationsCatalog catalog, string path) =>
        VideoDirectory.Load(CatalogUtils.GetEnvironment(catalog), path);

    /// <summary>Lists the videos of a folder without labels, for pre-training, validation and scoring.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">
    /// The folder. Videos are files of <see cref="VideoFiles.Extensions"/>; a folder of pictures without videos is one clip.
    /// </param>
    /// <param name="includeSubfolders">
    /// Whether videos are found at any depth below; if not, folders in it are only looked at to find clips of pictures.
    /// </param>
    /// <returns>
    /// Data with the text column VideoPath (a full path), in natural order. One warning counts and names what is left out.
    /// </returns>
    /// <exception cref="System.IO.DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidOperationException">It holds no videos.</exception>
    public static IDataView LoadUnlabeledVideosFromDirectory(this DataOperationsCatalog catalog, string path,
        bool includeSubfolders = true) =>
        VideoDirectory.LoadUnlabeled(CatalogUtils.GetEnvironment(catalog), path, includeSubfolders);

    /// <summary>Videos that a program makes up, row by row, while they are read: shapes and figures whose motion is known.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="count">The number of videos; any is possible, since none is kept.</param>
    /// <param name="seed">The seed: another one gives other videos.</param>
    /// <param name="numberOfFrames">The frames of a video, a multiple of 4.</param>
    /// <param name="frameSize">The height and width of a frame in pixels, a multiple of 4.</param>
    /// <returns>
    /// Data with the columns Video, and Displacement: how far what is seen in each cell of 4 frames and 4x4 pixels moves.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message says what is allowed.</exception>
    public static GeneratedVideos GenerateVideos(
        this DataOperationsCatalog catalog, long count, int seed = 1, int numberOfFrames = 16,
        int frameSize = 64) => new(CatalogUtils.GetEnvironment(catalog), count, seed, numberOfFrames, frameSize);

    /// <summary>Reads a list of videos from a text file. How it is laid out is found out where it is not said, and logged.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">
    /// The list. Relative paths in it start from its folder; fields may stand in quotes;
    /// empty lines, and lines that begin with #, are left out.
    /// </param>
    /// <param name="pathColumnName">
    /// The column of the paths: its name whatever the case, or its number from 1. For "path", VideoPath is taken too.
    /// </param>
    /// <param name="labelColumnName">
    /// The column of the labels: its name whatever the case, or its number from 1; null for a list without labels.
    /// </param>
    /// <param name="separator">What stands between fields; null finds out whether it is a comma, semicolon, tab, bar or space.</param>
    /// <param name="hasHeader">
    /// Whether the first line names the columns; null finds out. Without a header, the column with paths is found, and that beside it
    /// has the labels, or of three columns the last one where a number of frames stands between.
    /// </param>
    /// <param name="encoding">
    /// How the file is text; null goes by its byte order mark, and takes UTF-8 or else Windows-1252 without one.
    /// </param>
    /// <returns>
    /// Data with the text columns VideoPath (full paths) and Label, and all other columns
    /// of the list as text under their own names, or Column1 and so on.
    /// </returns>
    /// <exception cref="System.IO.FileNotFoundException">There is no such list.</exception>
    /// <exception cref="InvalidOperationException">
    /// A column is missing, a line is broken (the message has its number), or it is not clear how the list is laid out.
    /// </exception>
    public static IDataView LoadVideosFromCsv(this DataOperationsCatalog catalog, string path,
        string pathColumnName = ListRequest.DefaultPath, string? labelColumnName = ListRequest.DefaultLabel, char? separator = null,
        bool? hasHeader = null, Encoding? encoding = null) =>
        VideoCsv.Load(CatalogUtils.GetEnvironment(catalog), path,
            new ListRequest(pathColumnName, labelColumnName, separator, hasHeader, encoding));

    /// <summary>Takes the parts of data in which a column says which row is for training, validation and test.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data.</param>
    /// <param name="splitColumnName">
    /// A text column that says train (or training), val (or valid, validation, dev), or test (or testing).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or no text.</exception>
    /// <exception cref="InvalidOperationException">It says something else, or no row is for training.</exception>
    public static VideoSplits TakeVideoSplits(this DataOperationsCatalog catalog, IDataView data, string splitColumnName = "Split") =>
        VideoSplits.Take(catalog, data, splitColumnName);

    /// <summary>Keeps a share of the videos of every class apart, for validation or test.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data.</param>
    /// <param name="testFraction">
    /// The share to keep apart, above 0 and below 1. Of every class with two videos or more, at least one is kept.
    /// </param>
    /// <param name="labelColumnName">The text column of the labels.</param>
    /// <param name="groupColumnName">
    /// A text column that says which videos belong together, such as clips of one recording: they stay on one side. Null for none.
    /// </param>
    /// <param name="videoColumnName">The text column of the paths; the same path never stands on both sides.</param>
    /// <param name="seed">Draws the videos; null takes the seed of the MLContext, and is random without one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range, or a column is missing or no text.</exception>
    public static DataOperationsCatalog.TrainTestData TrainTestSplitVideos(this DataOperationsCatalog catalog, IDataView data,
        double testFraction = 0.2, string labelColumnName = DefaultColumnNames.Label, string? groupColumnName = null,
        string videoColumnName = "VideoPath", int? seed = null) =>
        VideoHoldOut.Split(catalog, data, testFraction, labelColumnName, groupColumnName, videoColumnName, seed);

    /// <summary>
    /// Looks at every video of a data set before a long run: reads frames over its length, as training would, and lists those that
    /// cannot be read with the reason, files that are there more than once, and pairs of videos that show the same recording.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data.</param>
    /// <param name="videoColumnName">A Video column, or a text column of paths.</param>
    /// <param name="labelColumnName">A text or key column: the same file under two labels is reported. Null for none.</param>
    /// <param name="splitColumnName">
    /// A text or key column: the same file in two parts of the data is reported as a leak. Null for none.
    /// </param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="findNearDuplicates">
    /// Whether to look for videos of the same recording: encoded anew, in another size, cut in length, mirrored, or shifted in time.
    /// This reads 64 frames of each video in place of 16.
    /// </param>
    /// <param name="distribution">
    /// Whether processes that were started together share the videos out. All have to make the call then, and get the whole report. The
    /// default is <see cref="VideoMaeDistribution.None"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static VideoValidationReport ValidateVideos(this DataOperationsCatalog catalog, IDataView data,
        string videoColumnName = "VideoPath", string? labelColumnName = null, string? splitColumnName = null,
        CancellationToken cancellationToken = default, bool findNearDuplicates = true,
        VideoMaeDistribution distribution = VideoMaeDistribution.None) =>
        new VideoSetValidator(
            CatalogUtils.GetEnvironment(catalog).Register(nameof(VideoSetValidator)), ProcessGroup.Of(distribution), cancellationToken)
            .Run(data, videoColumnName, labelColumnName, splitColumnName, findNearDuplicates);

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

    /// <summary>Trains a VideoMAE classifier with default settings.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The name of the label column, of key type.</param>
    /// <param name="featureColumnName">The name of the Video column.</param>
    /// <param name="scoreColumnName">The name of the column for the probabilities.</param>
    /// <param name="predictedLabelColumnName">The name of the column for the predicted label.</param>
    /// <param name="pretrainedModel">
    /// The weights to start from: a folder, a .safetensors, .bin, .pth or .zip file, or a hub id; null starts from those of the package
    /// Microsoft.ML.VideoMae.Weights where it is there, and from scratch otherwise.
    /// </param>
    /// <param name="numberOfEpochs">The number of passes over the training data; null chooses.</param>
    /// <param name="batchSize">The number of videos in a batch.</param>
    /// <param name="validationSet">Data to validate on after every epoch; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A name is empty, or a number not above 0; the message lists all problems.</exception>
    public static VideoMaeTrainer VideoMae(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = TrainingDefaults.FeatureColumnName,
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        string? pretrainedModel = null,
        int? numberOfEpochs = null,
        int batchSize = TrainingDefaults.BatchSize,
        IDataView? validationSet = null) =>
        catalog.VideoMae(new VideoMaeTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            PretrainedModel = pretrainedModel,
            NumberOfEpochs = numberOfEpochs,
            BatchSize = batchSize,
            ValidationSet = validationSet,
        });

    /// <summary>Trains a VideoMAE classifier.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings; they are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoMaeTrainer VideoMae(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, VideoMaeTrainer.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>
    /// Looks for the best way to classify some videos, from plain features to transformers, within a time that the settings give.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="settings">The settings; null looks for 900 seconds among what is there.</param>
    /// <exception cref="ArgumentOutOfRangeException">Settings have no usable values; the message lists all of them.</exception>
    public static VideoClassificationExperiment CreateVideoExperiment(
        this MulticlassClassificationCatalog catalog, VideoExperimentSettings? settings = null) =>
        new(CatalogUtils.GetEnvironment(catalog), settings ?? new VideoExperimentSettings());

    /// <summary>
    /// Writes a pipeline as an ONNX model: a VideoMAE model, or what an experiment of classes has taken, where that is a transformer or a
    /// linear model on its features. Its probabilities are those of the pipeline.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, as it was trained or loaded.</param>
    /// <param name="path">The file, .onnx.</param>
    /// <param name="options">What goes in, and in what precision; null takes the defaults.</param>
    /// <exception cref="NotSupportedException">A part of the pipeline has no form in ONNX; the message names it.</exception>
    /// <exception cref="System.IO.IOException">The file cannot be written.</exception>
    public static void SaveVideoOnnx(
        this ModelOperationsCatalog catalog, ITransformer model, string path, OnnxExportOptions? options = null)
    {
        IHostEnvironment env = CatalogUtils.GetEnvironment(catalog);
        env.CheckValue(model, nameof(model));
        env.CheckNonWhiteSpace(path, nameof(path));
        PipelineOnnx.Write(env, model, path, options);
    }

    /// <summary>Tells which places of a video a classifier's answer rests on, by hiding each in turn.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A model that reads a column of videos and gives probabilities of classes with their names.</param>
    /// <param name="video">The video. All of its frames are held in memory.</param>
    /// <param name="options">The columns and the size of the map; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The map has no size.</exception>
    /// <exception cref="ArgumentException">The model gives no column of probabilities with the names of classes.</exception>
    /// <exception cref="VideoReadException">The video cannot be read, or is too large to be held.</exception>
    public static VideoOcclusion ExplainVideo(
        this MulticlassClassificationCatalog catalog, ITransformer model, MLVideo video, VideoOcclusionOptions? options = null)
    {
        IHostEnvironment env = CatalogUtils.GetEnvironment(catalog);
        env.CheckValue(model, nameof(model));
        env.CheckValue(video, nameof(video));
        options ??= new VideoOcclusionOptions();
        return VideoOcclusion.Compute(
            env, model, video, options, (schema, scores) => TopScores.Get(schema, scores, null, options.ScoreColumnName));
    }

    /// <summary>Looks for the best way to tell yes from no, as the experiment of classes does.</summary>
    /// <inheritdoc cref="CreateVideoExperiment(MulticlassClassificationCatalog, VideoExperimentSettings)"/>
    public static VideoBinaryExperiment CreateVideoExperiment(
        this BinaryClassificationCatalog catalog, VideoExperimentSettings? settings = null) =>
        new(CatalogUtils.GetEnvironment(catalog), settings ?? new VideoExperimentSettings());

    /// <summary>Looks for the best way to give videos numbers, as the experiment of classes does.</summary>
    /// <inheritdoc cref="CreateVideoExperiment(MulticlassClassificationCatalog, VideoExperimentSettings)"/>
    public static VideoRegressionExperiment CreateVideoExperiment(
        this RegressionCatalog catalog, VideoExperimentSettings? settings = null) =>
        new(CatalogUtils.GetEnvironment(catalog), settings ?? new VideoExperimentSettings());

    /// <summary>Trains a VideoMAE model that gives every video a number, with default settings.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The name of the label column, of Single type.</param>
    /// <param name="featureColumnName">The name of the Video column.</param>
    /// <param name="scoreColumnName">The name of the column for the number.</param>
    /// <param name="validationSet">Data to validate on after every epoch; null for none.</param>
    public static VideoMaeRegressionTrainer VideoMae(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = TrainingDefaults.FeatureColumnName,
        string scoreColumnName = DefaultColumnNames.Score,
        IDataView? validationSet = null) =>
        catalog.VideoMae(new VideoMaeRegressionTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ScoreColumnName = scoreColumnName,
            ValidationSet = validationSet,
        });

    /// <summary>Trains a VideoMAE model that gives every video a number.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings; they are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoMaeRegressionTrainer VideoMae(this RegressionCatalog.RegressionTrainers catalog,
        VideoMaeRegressionTrainer.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>Trains a VideoMAE model that tells videos of one kind from all others, with default settings.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The name of the label column, of Boolean type.</param>
    /// <param name="featureColumnName">The name of the Video column.</param>
    /// <param name="scoreColumnName">The name of the column for the log-odds.</param>
    /// <param name="validationSet">Data to validate on after every epoch; null for none.</param>
    public static VideoMaeBinaryTrainer VideoMae(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = TrainingDefaults.FeatureColumnName,
        string scoreColumnName = DefaultColumnNames.Score,
        IDataView? validationSet = null) =>
        catalog.VideoMae(new VideoMaeBinaryTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ScoreColumnName = scoreColumnName,
            ValidationSet = validationSet,
        });

    /// <summary>Trains a VideoMAE model that tells videos of one kind from all others.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings; they are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoMaeBinaryTrainer VideoMae(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, VideoMaeBinaryTrainer.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

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

    /// <summary>Trains a VideoMAE model that tells unusual videos from those it was trained on.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="featureColumnName">The name of the Video column.</param>
    /// <param name="pretrainedModel">The weights to start from; null starts from scratch.</param>
    /// <param name="falseAlarmFraction">The share of training clips above the threshold, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A name is empty, or the share out of range; the message lists all problems.
    /// </exception>
    public static VideoMaeAnomalyTrainer VideoMae(this AnomalyDetectionCatalog.AnomalyDetectionTrainers catalog,
        string featureColumnName = TrainingDefaults.FeatureColumnName,
        string? pretrainedModel = null,
        float falseAlarmFraction = 0.05f) =>
        catalog.VideoMae(new VideoMaeAnomalyTrainer.Options
        {
            FeatureColumnName = featureColumnName,
            PretrainedModel = pretrainedModel,
            FalseAlarmFraction = falseAlarmFraction,
        });

    /// <summary>Trains a VideoMAE model that tells unusual videos from those it was trained on.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The settings; they are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">Options are wrong; the message lists all that are.</exception>
    public static VideoMaeAnomalyTrainer VideoMae(
        this AnomalyDetectionCatalog.AnomalyDetectionTrainers catalog, VideoMaeAnomalyTrainer.Options options) =>
        new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>
    /// Makes a transformer of a fine-tuned VideoMAE checkpoint, with the classes its config.json names, or of the classifier in an ML.NET
    /// .zip, for scoring videos that are no rows of a data view: bytes, frames of a camera.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="pathOrId">
    /// A folder that Python left, a .safetensors, .bin, .pth or .ckpt file, a zip of a folder, a .zip that a trainer of
    /// this package saved, or a hub id; an existing path wins.
    /// </param>
    /// <param name="featureColumnName">The name of the Video column.</param>
    /// <param name="scoreColumnName">The name of the column for the probabilities.</param>
    /// <param name="predictedLabelColumnName">The name of the column for the predicted label, a key with the class names.</param>
    /// <param name="sampler">
    /// Which frames make a clip. Null takes what a .zip or a folder that was exported here says. A checkpoint of Python's with a processor
    /// is sampled as transformers' pipeline does: the first frame of each of as many equal parts of the file as the model takes frames.
    /// Any other takes the middle of each part.
    /// </param>
    /// <param name="numberOfTestClips">
    /// The number of stretches of time to average over; null takes what a .zip says, and 1 for a checkpoint.
    /// </param>
    /// <param name="numberOfTestCrops">
    /// The number of crops along the longer side to average over; null takes what a .zip says, and 1 for a checkpoint.
    /// </param>
    /// <param name="flipTest">
    /// Whether to average over mirror images too; null takes what a .zip says, and does not for a checkpoint.
    /// </param>
    /// <param name="weightStorage">How the weights are stored when the transformer is saved.</param>
    /// <exception cref="ArgumentException">A number is not above 0, or the sampler has only one stretch of time to offer.</exception>
    /// <exception cref="System.IO.FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="System.IO.InvalidDataException">It is damaged, incomplete, or has no classifier.</exception>
    public static VideoMaeClassificationTransformer LoadVideoMae(this ModelOperationsCatalog catalog, string pathOrId,
        string featureColumnName = TrainingDefaults.FeatureColumnName,
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        FrameSampler? sampler = null,
        int? numberOfTestClips = null,
        int? numberOfTestCrops = null,
        bool? flipTest = null,
        WeightStorage weightStorage = WeightStorage.Float32) =>
        VideoMaeClassificationTransformer.FromCheckpoint(
            CatalogUtils.GetEnvironment(catalog), pathOrId, featureColumnName, scoreColumnName, predictedLabelColumnName, sampler,
            (numberOfTestClips, numberOfTestCrops, flipTest), weightStorage);

    /// <summary>Makes a column of features of a frozen VideoMAE encoder from a Video column, for any trainer after it.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">
    /// The name of the column of features: a vector of the model's width, or of 24 times that with <see cref="VideoMaePooling.Cells"/>.
    /// </param>
    /// <param name="inputColumnName">The name of the Video column.</param>
    /// <param name="pretrainedModel">
    /// Null for the weights of the package Microsoft.ML.VideoMae.Weights, or a folder that Python left, a .safetensors, .bin, .pth or .ckpt file, a zip of a folder, a .zip that a trainer of
    /// this package saved, or a hub id; an existing path wins.
    /// </param>
    /// <param name="layer">The block whose mean token is taken, from 1; 0 takes the last one with what normalises it.</param>
    /// <param name="sampler">
    /// Which frames make a clip; null takes what a .zip says, and spreads the model's number of frames over the video for a checkpoint.
    /// </param>
    /// <param name="onVideoError">
    /// What happens to a video that cannot be read; skipping gives features that are not a number, with a warning.
    /// </param>
    /// <param name="pooling">How tokens become features. The default is their mean.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A name is empty, the model has no such layer, or a layer is given with <see cref="VideoMaePooling.Cells"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">No model was given, and the package with weights is not there.</exception>
    /// <exception cref="System.IO.FileNotFoundException">There is no such checkpoint.</exception>
    public static VideoMaeFeaturizingEstimator VideoMaeFeatures(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName, string? pretrainedModel, int layer = 0, FrameSampler? sampler = null,
        VideoErrorPolicy onVideoError = VideoErrorPolicy.Throw, VideoMaePooling pooling = VideoMaePooling.Mean) =>
        new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, pretrainedModel, layer, sampler, onVideoError, pooling);

    /// <summary>Pairs the scores of one prediction with their class names, the most probable first.</summary>
    /// <param name="schema">The schema that the scored data or the prediction engine has.</param>
    /// <param name="scores">The scores of one row.</param>
    /// <param name="count">How many to return; null returns all.</param>
    /// <param name="scoreColumnName">The name of the score column.</param>
    /// <exception cref="ArgumentException">
    /// There is no such column, it has no slot names, or another number of them than there are scores.
    /// </exception>
    public static IReadOnlyList<KeyValuePair<string, float>> GetTopScores(
        this DataViewSchema schema, IReadOnlyList<float> scores, int? count = null, string scoreColumnName = DefaultColumnNames.Score) =>
        TopScores.Get(schema, scores, count, scoreColumnName);
}
