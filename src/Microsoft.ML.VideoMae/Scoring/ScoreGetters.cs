// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics.Tensors;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>Getters of the output columns of a multiclass classifier, in the order of <see cref="ScoreColumns"/>.</summary>
internal static class ScoreGetters
{
    /// <summary>The getter of an output column.</summary>
    /// <param name="output">0 for the predicted label, 1 for the score.</param>
    /// <param name="scores">The probabilities of the current row, one a class.</param>
    public static Delegate Create(int output, Func<float[]> scores) => output == 0 ? PredictedLabel(scores) : Vector(scores);

    private static ValueGetter<uint> PredictedLabel(Func<float[]> scores) => (ref uint dst) =>
    {
        float[] values = scores();
        // Keys count from 1; 0 is a missing label, for a video that could not be read.
        dst = float.IsNaN(values[0]) ? 0 : (uint)TensorPrimitives.IndexOfMax(values) + 1;
    };

    /// <summary>The getter of a column that holds the model's output as it is.</summary>
    public static ValueGetter<VBuffer<float>> Vector(Func<float[]> scores) => (ref VBuffer<float> dst) =>
    {
        float[] values = scores();
        VBufferEditor<float> editor = VBufferEditor.Create(ref dst, values.Length);
        values.CopyTo(editor.Values);
        dst = editor.Commit();
    };
}
