// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Linear regression with a penalty on the squares of its weights, solved exactly.</summary>
/// <remarks>
/// ML.NET's own is in a package with a native library (Ols), or goes step by step towards the solution (Sdca), which it does not reach
/// where the penalty is small. With centred rows X [n, d] and numbers y, the weights are X^T (X X^T + k I)^-1 y where features are more
/// than rows, and (X^T X + k I)^-1 X^T y elsewhere.
/// </remarks>
internal static class RidgeRegression
{
    /// <summary>Fits a model, which is ML.NET's own.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="data">The rows.</param>
    /// <param name="strength">The penalty, as a share of the mean square of a row.</param>
    /// <param name="label">The column of numbers.</param>
    /// <param name="features">The column of features.</param>
    public static ITransformer Fit(IHostEnvironment env, IDataView data, float strength, string label, string features)
    {
        double[][] x = [.. data.GetColumn<float[]>(features).Select(r => Array.ConvertAll(r, v => (double)v))];
        double[] y = [.. data.GetColumn<float>(label).Select(v => (double)v)];
        double[] means = Means(x);
        double mean = y.Average();
        foreach (double[] row in x)
            TensorPrimitives.Subtract(row, means, row);
        TensorPrimitives.Subtract(y, mean, y);
        double penalty = Math.Max(strength * x.Average(r => TensorPrimitives.Dot<double>(r, r)), double.Epsilon);
        double[] weights = Solve(x, y, penalty);
        double bias = mean - TensorPrimitives.Dot<double>(weights, means);
        var model = new LinearRegressionModelParameters(
            env, new VBuffer<float>(weights.Length, [.. weights.Select(w => (float)w)]), (float)bias);
        return new RegressionPredictionTransformer<LinearRegressionModelParameters>(env, model, data.Schema, features);
    }

    private static double[] Solve(double[][] x, double[] y, double penalty)
    {
        if (x[0].Length > x.Length)
            return Combine(x, new Cholesky((i, j) => TensorPrimitives.Dot<double>(x[i], x[j]), x.Length, penalty).Solve(y));
        double[][] columns = [.. Enumerable.Range(0, x[0].Length).Select(c => (double[])[.. x.Select(r => r[c])])];
        return new Cholesky((i, j) => TensorPrimitives.Dot<double>(columns[i], columns[j]), columns.Length, penalty)
            .Solve([.. columns.Select(c => TensorPrimitives.Dot<double>(c, y))]);
    }

    /// <summary>The sum of the rows, each times its factor.</summary>
    private static double[] Combine(double[][] rows, double[] factors)
    {
        var sum = new double[rows[0].Length];
        for (int i = 0; i < rows.Length; i++)
            TensorPrimitives.MultiplyAdd(rows[i], factors[i], sum, sum);
        return sum;
    }

    private static double[] Means(double[][] rows)
    {
        double[] means = Combine(rows, [.. rows.Select(_ => 1.0)]);
        TensorPrimitives.Divide(means, rows.Length, means);
        return means;
    }
}
