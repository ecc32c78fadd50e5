// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Describes rows by as many numbers as there are rows to learn from, where features are more. A linear model with a penalty on the
/// squares of its weights is the same there, and is trained many times faster.
/// </summary>
/// <remarks>
/// The weights of such a model lie in the space that the learned rows Z [n, d] span. With the Cholesky factor L of Z Z^T [n, n] there are
/// orthonormal rows Q [n, d] for which Z = L Q. So L has the learned rows in coordinates of that space, and another row z has
/// L^-1 Z z.
/// </remarks>
internal static class RowSpace
{
    /// <summary>Standardises features by the learned rows, limits them to 8 deviations, and reduces them where that is fewer.</summary>
    /// <param name="learned">The rows to learn from, [n, d].</param>
    /// <param name="held">Other rows, [m, d].</param>
    public static (float[][] Learned, float[][] Held) Of(IReadOnlyList<float[]> learned, IReadOnlyList<float[]> held)
    {
        (float[] means, float[] scales) = Moments(learned);
        float[][] rows = [.. learned.Select(r => Standardised(r, means, scales))];
        float[][] others = [.. held.Select(r => Standardised(r, means, scales))];
        if (rows[0].Length <= rows.Length)
            return (rows, others);
        var factor = new Cholesky((i, j) => TensorPrimitives.Dot<float>(rows[i], rows[j]), rows.Length);
        return ([.. factor.Rows.Select(r => Padded(r, rows.Length))], [.. others.Select(z => Coordinates(factor, rows, z))]);
    }

    private static (float[] Means, float[] Scales) Moments(IReadOnlyList<float[]> rows)
    {
        int length = rows[0].Length;
        float[] means = new float[length], scales = new float[length];
        for (int column = 0; column < length; column++)
        {
            double sum = 0, squares = 0;
            foreach (float[] row in rows)
                sum += row[column];
            double mean = sum / rows.Count;
            foreach (float[] row in rows)
                squares += (row[column] - mean) * (row[column] - mean);
            (means[column], scales[column]) = ((float)mean, squares == 0 ? 0 : (float)(1 / Math.Sqrt(squares / rows.Count)));
        }

        return (means, scales);
    }

    private static float[] Standardised(float[] row, float[] means, float[] scales) =>
        [.. row.Select((v, i) => Math.Clamp((v - means[i]) * scales[i], -LinearModel.Clamp, LinearModel.Clamp))];

    private static float[] Coordinates(Cholesky factor, float[][] rows, float[] row) =>
        [.. factor.SolveLower([.. rows.Select(r => (double)TensorPrimitives.Dot<float>(r, row))]).Select(v => (float)v)];

    private static float[] Padded(double[] row, int length)
    {
        var result = new float[length];
        for (int i = 0; i < row.Length; i++)
            result[i] = (float)row[i];
        return result;
    }
}
