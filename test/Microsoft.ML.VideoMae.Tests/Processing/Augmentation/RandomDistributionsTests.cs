// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Processing;

[TestClass]
public sealed class RandomDistributionsTests
{
    [TestMethod]
    [DataRow(0.01)]
    [DataRow(0.8)]
    [DataRow(1.0)]
    [DataRow(5.0)]
    public void Beta_Symmetric_HasItsMeanAndVariance(double alpha)
    {
        var random = new Random(1);
        double[] draws = [.. Enumerable.Range(0, 40_000).Select(_ => random.Beta(alpha, alpha))];
        Assert.IsTrue(draws.All(x => x is >= 0 and <= 1));
        Assert.AreEqual(0.5, draws.Average(), 0.01);
        Assert.AreEqual(1 / (4 * (2 * alpha + 1)), draws.Average(x => (x - 0.5) * (x - 0.5)), 0.005);
    }

    [TestMethod]
    public void Beta_Skewed_HasItsMean()
    {
        var random = new Random(1);
        Assert.AreEqual(2 / 7.0, Enumerable.Range(0, 40_000).Average(_ => random.Beta(2, 5)), 0.01);
    }

    [TestMethod]
    public void Gaussian_HasMeanZeroAndVarianceOne()
    {
        var random = new Random(1);
        double[] draws = [.. Enumerable.Range(0, 40_000).Select(_ => random.Gaussian())];
        Assert.AreEqual(0, draws.Average(), 0.02);
        Assert.AreEqual(1, draws.Average(x => x * x), 0.03);
        Assert.AreEqual(3, draws.Average(x => x * x * x * x), 0.25);
    }
}
