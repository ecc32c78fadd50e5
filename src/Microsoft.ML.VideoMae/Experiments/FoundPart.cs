// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>What one candidate has added to a model, found again in its steps.</summary>
/// <param name="Name">The name of the candidate.</param>
/// <param name="Network">The VideoMAE model that gives scores or features; null for other features. Parts may share one.</param>
/// <param name="Layer">The block of its features, as <see cref="OnnxExportOptions.FeatureLayer"/>; null for scores.</param>
/// <param name="Features">Other features that can be written; null where there are none.</param>
/// <param name="Linear">The linear model on the features; null for a network's own head.</param>
internal sealed record FoundPart(
    string Name, VideoMaeScoringTransformer? Network, int? Layer, IOnnxFeatures? Features, OnnxLinear? Linear)
{
    /// <summary>The parts of a model. Each ends with a copy of its scores, as <see cref="ModelPart"/> makes it.</summary>
    /// <param name="steps">The steps; none of them is a chain.</param>
    public static IEnumerable<FoundPart> Of(IReadOnlyList<ITransformer> steps)
    {
        int start = 0;
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not ColumnCopyingTransformer copy || ModelPart.TryNameOf(copy.Columns.First().outputColumnName) is not string name)
                continue;
            ITransformer[] part = [.. steps.Skip(start).Take(i - start)];
            start = i + 1;
            string column = ModelPart.FeaturesOf(name);
            VideoMaeFeaturizingTransformer? frozen = steps.Take(i).OfType<VideoMaeFeaturizingTransformer>()
                .LastOrDefault(f => f.LayerOf(column) is not null);
            yield return new FoundPart(name, frozen ?? part.OfType<VideoMaeScoringTransformer>().LastOrDefault(), frozen?.LayerOf(column),
                part.Select(FeaturesOf).LastOrDefault(f => f is not null), LinearOf(part));
        }
    }

    private static IOnnxFeatures? FeaturesOf(ITransformer step) => step switch
    {
        IOnnxFeatures features => features,
        VideoPixelFeaturizingTransformer pixels => new OnnxPixels(pixels),
        VideoMotionFeaturizingTransformer motion => new OnnxMotion(motion),
        _ => null,
    };

    /// <summary>The parts that <see cref="LinearModel.Train"/> makes; null where there is none.</summary>
    private static OnnxLinear? LinearOf(ITransformer[] steps)
    {
        if (steps.OfType<NormalizingTransformer>().SingleOrDefault() is not NormalizingTransformer standard)
            return null;
        var affine = (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)standard.Columns[0].ModelParameters;
        (float[][] rows, float[] biases) = WeightsOf(steps.Single(s => s is ISingleFeaturePredictionTransformer<object>)); // [K][L], [K]
        int length = rows[0].Length;
        return new OnnxLinear(
            affine.Offset.IsDefaultOrEmpty ? new float[length] : [.. affine.Offset], [.. affine.Scale], LinearModel.Clamp,
            [.. Enumerable.Range(0, length).SelectMany(f => rows.Select(row => row[f]))], biases);
    }

    private static (float[][] Rows, float[] Biases) WeightsOf(ITransformer predictor)
    {
        switch (predictor)
        {
            case ISingleFeaturePredictionTransformer<MaximumEntropyModelParameters> classes:
                VBuffer<float>[] weights = [];
                classes.Model.GetWeights(ref weights, out int _);
                return ([.. weights.Select(w => w.DenseValues().ToArray())], [.. classes.Model.GetBiases()]);
            case ISingleFeaturePredictionTransformer<LinearRegressionModelParameters> number:
                return ([[.. number.Model.Weights]], [number.Model.Bias]);
            default:
                throw new NotSupportedException($"A {predictor.GetType().Name} has no form in ONNX here.");
        }
    }
}
