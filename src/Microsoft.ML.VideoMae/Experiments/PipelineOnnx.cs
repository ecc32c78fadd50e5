// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Writes what an experiment has taken as ONNX: a VideoMAE model, features with a linear model on them, or the mean of several of these. A
/// pipeline of which only a part could be written is refused.
/// </summary>
internal static class PipelineOnnx
{
    private const string Advice = "Save it as a .zip, or let the search try others.";

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
        bool isFeatures = options?.Output == OnnxOutput.Features;
        FoundPart[] parts = isFeatures ? [] : [.. FoundPart.Of(steps)];
        if (parts.Length > 0)
        {
            WriteFound(context, steps, parts, path, options ?? new OnnxExportOptions());
            return;
        }

        if (networks.Length == 0)
            throw context.ExceptNotSupp($"The pipeline has no VideoMAE model to write as ONNX. {Advice}");
        if (!isFeatures && Array.FindLast(steps, s => s is ISingleFeaturePredictionTransformer<object>) is ITransformer other)
        {
            throw context.ExceptNotSupp($"After the VideoMAE model the pipeline has another ({other.GetType().Name}), which would be " +
                "lost. Give the transformer of the VideoMAE model alone (SaveOnnx).");
        }

        networks[^1].SaveOnnx(path, options);
    }

    private static void WriteFound(
        IExceptionContext context, ITransformer[] steps, FoundPart[] parts, string path, OnnxExportOptions options)
    {
        ScoreAveragingTransformer? average = steps.OfType<ScoreAveragingTransformer>().SingleOrDefault();
        IReadOnlyList<string> labels = average?.Labels.Names ?? [];
        float[] sharpness = [.. parts.Select(p => average?.Inputs.First(i => i.Column == ModelPart.ScoreOf(p.Name)).Sharpness ?? 1)];
        float sharpnessOfMean = average?.Sharpness ?? 1;
        if (parts is [{ Network: VideoMaeScoringTransformer network } part])
        {
            network.SaveOnnx(path, options, labels, new OnnxHead(part.Linear, sharpness[0] * sharpnessOfMean));
            return;
        }

        foreach (FoundPart wrong in parts.Where(p => p.Network is null && p.Features is null))
        {
            throw context.ExceptNotSupp(
                $"The features of this model are not made by a network ('{wrong.Name}'), and have no form in ONNX. {Advice}");
        }

        if (options.Precision == WeightStorage.Float16 && Array.Find(parts, p => p.Network is null) is FoundPart plain)
        {
            throw context.ExceptNotSupp($"Precision is Float16, and '{plain.Name}' is computed in 32 bits alone. Leave Precision at Float32.");
        }

        using var writer = new OnnxPipeline(parts, sharpness, sharpnessOfMean, labels, options);
        writer.Write(path);
    }

    private static IEnumerable<ITransformer> Flat(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [transformer];
}
