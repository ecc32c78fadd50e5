// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Asks how well a clip's class is told by its nearest neighbours in feature space; nothing is trained.</summary>
internal static class NeighbourProbe
{
    private const int Neighbours = 5;

    /// <summary>The share of labelled clips of which most of the 5 nearest others have the class; the nearer decide a tie.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="batches">The labelled clips.</param>
    /// <param name="examples">All clips, with their classes.</param>
    /// <param name="group">The processes that have a part of the clips each.</param>
    public static double Run(
        PreTrainingModel model, IEnumerable<ClipBatch> batches, IReadOnlyList<ClipExample> examples, ProcessGroup group)
    {
        var features = new List<(int Index, float[] Values)>();
        foreach (ClipBatch batch in batches)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            float[] values = model.Features(model.ToTensor(batch.PixelValues, batch.Count)).cpu().data<float>().ToArray(); // [B, D]
            int width = model.Config.HiddenSize;
            features.AddRange(batch.Indices.Select((index, i) => (index, values[(i * width)..((i + 1) * width)])));
        }

        return Accuracy([.. SharedRows.Gather(group, features).Select(row => (examples[row.Index].ClassIndex, row.Values))]);
    }

    internal static double Accuracy(IReadOnlyList<(int Class, float[] Values)> features)
    {
        // The mean is taken off: all clips share it, and it would drown what differs in the cosine.
        var mean = new float[features[0].Values.Length];
        foreach ((_, float[] values) in features)
            TensorPrimitives.Add(mean, values, mean);
        TensorPrimitives.Divide(mean, features.Count, mean);
        foreach ((_, float[] values) in features)
            TensorPrimitives.Subtract(values, mean, values);
        return features.Select((feature, i) => Predict(features, i) == feature.Class ? 1.0 : 0).Average();
    }

    private static int Predict(IReadOnlyList<(int Class, float[] Values)> features, int index) => features
        .Where((_, i) => i != index)
        .Select(other => (other.Class, Likeness: TensorPrimitives.CosineSimilarity(other.Values, features[index].Values)))
        .OrderByDescending(other => other.Likeness)
        .Take(Neighbours)
        .GroupBy(other => other.Class)
        .OrderByDescending(g => g.Count()).ThenByDescending(g => g.Max(other => other.Likeness))
        .First().Key;
}
