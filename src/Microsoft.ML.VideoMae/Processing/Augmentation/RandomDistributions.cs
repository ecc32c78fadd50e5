// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Numbers with distributions other than uniform, drawn from a <see cref="Random"/>.</summary>
internal static class RandomDistributions
{
    public static double Uniform(this Random random, double from, double to) => from + (to - from) * random.NextDouble();

    /// <summary>A number of mean 0 and standard deviation 1 (Box and Muller).</summary>
    public static double Gaussian(this Random random)
    {
        // 1 - u is never 0, whose logarithm is infinite.
        double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        return radius * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>A number from 0 to 1 with Beta(a, b) distribution.</summary>
    public static double Beta(this Random random, double a, double b)
    {
        double logX = random.LogGamma(a);
        double logY = random.LogGamma(b);
        // In logarithms: for small a and b both numbers may be too small to be told from 0.
        return 1 / (1 + Math.Exp(logY - logX));
    }

    // The logarithm of a Gamma(shape, 1) number: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
    private static double LogGamma(this Random random, double shape)
    {
        if (shape < 1)
            return random.LogGamma(shape + 1) + Math.Log(1 - random.NextDouble()) / shape;
        double d = shape - 1.0 / 3;
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.Gaussian();
            double v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(1 - random.NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return Math.Log(d * v);
        }
    }
}
