// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace Microsoft.ML;

/// <content>Trainers.</content>
public static partial class VideoMaeCatalog
{
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
}
