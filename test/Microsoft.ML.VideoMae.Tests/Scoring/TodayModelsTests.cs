// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>Models that an earlier version saved load, and give the scores that it gave.</summary>
[TestClass]
public sealed class TodayModelsTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow("classifier")]
    [DataRow("binary")]
    [DataRow("regression")]
    [DataRow("features")]
    [DataRow("pretrained")]
    [DataRow("anomaly")]
    public void SavedModel_GivesTheScoresItGave(string kind)
    {
        ITransformer model = _ml.Model.Load(ReferenceFiles.Path($"today/{kind}.zip"), out _);
        using var owner = model as IDisposable;
        float[] actual = TodayRuns.Scores(_ml, model, kind);
        float[] expected =
        [.. ReferenceFiles.Json("today/expected.json").RootElement.GetProperty(kind).EnumerateArray().Select(v => v.GetSingle())];
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f, $"{kind}, value {i}");
    }
}
