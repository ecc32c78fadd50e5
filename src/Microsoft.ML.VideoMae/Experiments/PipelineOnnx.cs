// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Microsoft.ML.VideoMae.Onnx;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Writes a pipeline as ONNX, from the pixel values of a clip to probabilities.</summary>
internal static class PipelineOnnx
{
    private const string Advice = "Save it as a .zip, or let the search try transformers alone.";

    /// <summary>Writes a file.</summary>
    /// <param name="context">Makes the errors.</param>
    /// <param name="model">A model, or a chain with one in it.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">What goes in, and in what precision; null for the defaults.</param>
    /// <exception cref="NotSupportedException">A part of the pipeline has no form in ONNX; the message names it.</exception>
    public static void Write(IExceptionContext context, ITransformer model, string path, OnnxExportOptions? options)
    {
        ITransformer[] steps = [.. Flat(model)];
        VideoMaeScoringTransformer[] networks = [.. steps.OfType<VideoMaeScoringTransformer>()];
        ITransformer[] predictors = [.. steps.Where(s => s is ISingleFeaturePredictionTransformer<object>)];
        bool isFeatures = options?.Output == OnnxOutput.Features;
        if (!isFeatures && steps.OfType<ScoreAveragingTransformer>().SingleOrDefault() is ScoreAveragingTransformer average)
        {
            if (average.Members.Count > 1)
                throw context.ExceptNotSupp($"The model is the mean of {average.Members.Count} models, which is not written as ONNX. {Advice}");
            if (steps.Any(s => s is BinaryScoreTransformer))
                throw context.ExceptNotSupp($"A model of yes or no that a search has found is not written as ONNX. {Advice}");
            if (networks.Length == 0)
            {
                throw context.ExceptNotSupp(
                    $"The features of this model are not made by a network ('{ModelPart.NameOf(average.Members[0])}'), and have no form in ONNX. {Advice}");
            }

            OnnxLinear? linear = predictors.Length == 0 ? null : LinearOf(steps, predictors.Single());
            networks.Single().SaveOnnx(path, options, average.Labels.Names, new OnnxHead(linear, average.Sharpness));
            return;
        }

        if (networks.Length == 0)
            throw context.ExceptNotSupp($"The pipeline has no VideoMAE model to write as ONNX. {Advice}");
        if (!isFeatures && predictors.Length > 0)
        {
            throw context.ExceptNotSupp($"After the VideoMAE model the pipeline has another ({predictors[^1].GetType().Name}), which would be " +
                "lost. Give the transformer of the VideoMAE model alone (SaveOnnx).");
        }

        networks[^1].SaveOnnx(path, options);
    }

    private static IEnumerable<ITransformer> Flat(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [transformer];

    /// <summary>The parts that <see cref="LinearModel.Train"/> makes.</summary>
    private static OnnxLinear LinearOf(ITransformer[] steps, ITransformer predictor)
    {
        var standard = (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)
            steps.OfType<NormalizingTransformer>().Single().Columns[0].ModelParameters;
        var classifier = ((ISingleFeaturePredictionTransformer<MaximumEntropyModelParameters>)predictor).Model;
        VBuffer<float>[] weights = [];
        classifier.GetWeights(ref weights, out int classes);
        float[][] rows = [.. weights.Select(w => w.DenseValues().ToArray())];                       // [K][L]
        int length = rows[0].Length;
        return new OnnxLinear(
            standard.Offset.IsDefaultOrEmpty ? new float[length] : [.. standard.Offset], [.. standard.Scale], LinearModel.Clamp,
            [.. Enumerable.Range(0, length).SelectMany(f => Enumerable.Range(0, classes).Select(c => rows[c][f]))],
            [.. classifier.GetBiases()]);
    }
}
