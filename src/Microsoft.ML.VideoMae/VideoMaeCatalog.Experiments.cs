// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Explanation;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML;

/// <content>The search for the best model, and what its answers rest on.</content>
public static partial class VideoMaeCatalog
{
    /// <summary>
    /// Looks for the best way to classify some videos, from plain features to transformers, within a time that the settings give.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="settings">The settings; null looks for 900 seconds among what is there.</param>
    /// <exception cref="ArgumentOutOfRangeException">Settings have no usable values; the message lists all of them.</exception>
    public static VideoClassificationExperiment CreateVideoExperiment(
        this MulticlassClassificationCatalog catalog, VideoExperimentSettings? settings = null) =>
        new(CatalogUtils.GetEnvironment(catalog), settings ?? new VideoExperimentSettings());

    /// <summary>Tells which places of a video a classifier's answer rests on, by hiding each in turn.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A model that reads a column of videos and gives probabilities of classes with their names.</param>
    /// <param name="video">The video. All of its frames are held in memory.</param>
    /// <param name="options">The columns and the size of the map; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The map has no size.</exception>
    /// <exception cref="ArgumentException">The model gives no column of probabilities with the names of classes.</exception>
    /// <exception cref="VideoReadException">The video cannot be read, or is too large to be held.</exception>
    public static VideoOcclusion ExplainVideo(
        this MulticlassClassificationCatalog catalog, ITransformer model, MLVideo video, VideoOcclusionOptions? options = null) =>
        Explain(CatalogUtils.GetEnvironment(catalog), model, video, options, column => OccludedAnswers.OfClasses(
            column, (schema, scores) => TopScores.Get(schema, scores, null, column)));

    /// <summary>Tells which places of a video an answer of yes or no rests on, by hiding each in turn.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A model that reads a column of videos and gives the logarithm of the odds of yes.</param>
    /// <param name="video">The video. All of its frames are held in memory.</param>
    /// <param name="options">The columns and the size of the map; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The map has no size, or the column of scores is missing or of another type.</exception>
    /// <exception cref="VideoReadException">The video cannot be read, or is too large to be held.</exception>
    public static VideoOcclusion ExplainVideo(
        this BinaryClassificationCatalog catalog, ITransformer model, MLVideo video, VideoOcclusionOptions? options = null) =>
        Explain(CatalogUtils.GetEnvironment(catalog), model, video, options, OccludedAnswers.OfYesOrNo);

    /// <summary>Tells which places of a video a number rests on, by hiding each in turn.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A model that reads a column of videos and gives a number.</param>
    /// <param name="video">The video. All of its frames are held in memory.</param>
    /// <param name="options">The columns and the size of the map; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The map has no size, or the column of scores is missing or of another type.</exception>
    /// <exception cref="VideoReadException">The video cannot be read, or is too large to be held.</exception>
    public static VideoOcclusion ExplainVideo(
        this RegressionCatalog catalog, ITransformer model, MLVideo video, VideoOcclusionOptions? options = null) =>
        Explain(CatalogUtils.GetEnvironment(catalog), model, video, options, OccludedAnswers.OfNumbers);

    private static VideoOcclusion Explain(IHostEnvironment env, ITransformer model, MLVideo video, VideoOcclusionOptions? options,
        Func<string, OccludedAnswers> answers)
    {
        env.CheckValue(model, nameof(model));
        env.CheckValue(video, nameof(video));
        options ??= new VideoOcclusionOptions();
        return VideoOcclusion.Compute(env, model, video, options, answers(options.ScoreColumnName));
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
}
