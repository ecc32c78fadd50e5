// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>The Cholesky factor L of a symmetric matrix A = L L^T; row i has i + 1 numbers.</summary>
internal sealed class Cholesky
{
    // A share of the mean of the diagonal that is added where rows depend on each other, so that they have a factor.
    private const double Jitter = 1e-6;

    private readonly double[][] _factor;

    /// <param name="gram">The number in row i and column j, for j up to i.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="ridge">What is added to the diagonal.</param>
    public Cholesky(Func<int, int, double> gram, int count, double ridge = 0)
    {
        double jitter = Jitter * Enumerable.Range(0, count).Average(i => gram(i, i));
        _factor = new double[count][];
        for (int i = 0; i < count; i++)
        {
            _factor[i] = new double[i + 1];
            for (int j = 0; j <= i; j++)
            {
                double rest = gram(i, j) - TensorPrimitives.Dot<double>(_factor[i].AsSpan(0, j), _factor[j].AsSpan(0, j));
                _factor[i][j] = i == j ? Math.Sqrt(Math.Max(rest + jitter + ridge, jitter)) : rest / _factor[j][j];
            }
        }
    }

    /// <summary>The rows of L.</summary>
    public IReadOnlyList<double[]> Rows => _factor;

    /// <summary>The x for which L x = b.</summary>
    public double[] SolveLower(ReadOnlySpan<double> b)
    {
        var x = new double[b.Length];
        for (int i = 0; i < x.Length; i++)
            x[i] = (b[i] - TensorPrimitives.Dot<double>(_factor[i].AsSpan(0, i), x.AsSpan(0, i))) / _factor[i][i];
        return x;
    }

    /// <summary>The x for which A x = b.</summary>
    public double[] Solve(ReadOnlySpan<double> b)
    {
        double[] x = SolveLower(b);
        for (int i = x.Length - 1; i >= 0; i--)
        {
            x[i] /= _factor[i][i];
            for (int j = 0; j < i; j++)
                x[j] -= _factor[i][j] * x[i];
        }

        return x;
    }
}
