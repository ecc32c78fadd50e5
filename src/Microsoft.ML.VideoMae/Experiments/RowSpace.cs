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
    private const float Clamp = 8;

    // A share of the mean square that is added where rows depend on each other, so that they have a factor.
    private const double Jitter = 1e-6;

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
        double[][] factor = Cholesky(rows);
        return ([.. factor.Select(r => Padded(r, rows.Length))], [.. others.Select(z => Solve(factor, rows, z))]);
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
        [.. row.Select((v, i) => Math.Clamp((v - means[i]) * scales[i], -Clamp, Clamp))];

    /// <summary>The lower factor of Z Z^T; row i has i + 1 numbers.</summary>
    private static double[][] Cholesky(float[][] rows)
    {
        double jitter = Jitter * rows.Average(r => TensorPrimitives.Dot<float>(r, r));
        var factor = new double[rows.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            factor[i] = new double[i + 1];
            for (int j = 0; j <= i; j++)
            {
                double rest = TensorPrimitives.Dot<float>(rows[i], rows[j])
                    - TensorPrimitives.Dot<double>(factor[i].AsSpan(0, j), factor[j].AsSpan(0, j));
                factor[i][j] = i == j ? Math.Sqrt(Math.Max(rest + jitter, jitter)) : rest / factor[j][j];
            }
        }

        return factor;
    }

    private static float[] Solve(double[][] factor, float[][] rows, float[] row)
    {
        var result = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            double rest = TensorPrimitives.Dot<float>(rows[i], row)
                - TensorPrimitives.Dot<double>(factor[i].AsSpan(0, i), result.AsSpan(0, i));
            result[i] = rest / factor[i][i];
        }

        return [.. result.Select(v => (float)v)];
    }

    private static float[] Padded(double[] row, int length)
    {
        var result = new float[length];
        for (int i = 0; i < row.Length; i++)
            result[i] = (float)row[i];
        return result;
    }
}
