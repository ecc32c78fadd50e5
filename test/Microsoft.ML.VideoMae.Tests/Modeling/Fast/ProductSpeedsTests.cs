// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling.Fast;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Modeling.Fast;

[TestClass]
public sealed class ProductSpeedsTests
{
    [TestMethod]
    [DataRow(1.69, false)]
    [DataRow(1.7, true)]
    [DataRow(0.5, false)]
    public void OneDnn_PaysWhereItIsFarFaster(double ratio, bool pays) =>
        Assert.AreEqual(pays, new ProductSpeeds(100, 200, ratio).OneDnnPays);

    [TestMethod]
    public void Speeds_AreMeasuredOnceForASize()
    {
        if (!OneDnn.IsAvailable)
            Assert.Inconclusive($"oneDNN's operator is not available on this processor, {ProcessorInfo.Description}.");
        var first = ProductSpeeds.Of(64, 48, 96);
        Assert.IsGreaterThan(0, first.Libtorch);
        Assert.IsGreaterThan(0, first.OneDnn);
        Assert.AreSame(first, ProductSpeeds.Of(64, 48, 96));
        Assert.AreNotSame(first, ProductSpeeds.Of(65, 48, 96));
    }

    /// <summary>A layer of the largest model is cut down to what takes a moment: minutes would be seen here on any machine.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public void LargeLayer_IsMeasuredInPart()
    {
        if (!OneDnn.IsAvailable)
            Assert.Inconclusive($"oneDNN's operator is not available on this processor, {ProcessorInfo.Description}.");
        Assert.IsGreaterThan(0, ProductSpeeds.Of(16 * 1568, 1280, 5120).OneDnn);
    }
}
