// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML;

/// <content>Models that are loaded, written and read.</content>
public static partial class VideoMaeCatalog
{
    /// <summary>
    /// Writes a pipeline as an ONNX model: a VideoMAE model, or what an experiment has taken, where that is a transformer, a linear model
    /// on its features, on pixels or on image features, or the mean of several of these. Its probabilities or numbers are those of the
    /// pipeline. The metadata say how each input is made: <c>inputs</c>, a JSON array with names and frame samplings.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, as it was trained or loaded.</param>
    /// <param name="path">The file, .onnx.</param>
    /// <param name="options">
    /// What goes into VideoMAE models, and in what precision; null takes the defaults. Pixels and image features take frames and Float32.
    /// </param>
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
