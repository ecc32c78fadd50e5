// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading;

[TestClass]
public sealed class VideoHoldOutTests
{
    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";

        public string Person { get; set; } = "";
    }

    private static readonly Row[] s_rows =
    [
        .. Enumerable
            .Range(0, 40)
            .Select(i => new Row
            {
                VideoPath = $"{i}.mp4",
                Label = i < 30 ? "many" : "few",
                Person = $"p{i % 5}",
            })];

    [TestMethod]
    public void Split_KeepsAShareOfEveryClass()
    {
        (Row[] train, Row[] test) = Split();
        Assert.AreEqual(6, test.Count(r => r.Label == "many"));
        Assert.AreEqual(2, test.Count(r => r.Label == "few"));
        CollectionAssert.AreEquivalent(s_rows.Select(r => r.VideoPath).ToArray(), train.Concat(test).Select(r => r.VideoPath).ToArray());
        CollectionAssert.AreEqual(test.Select(r => r.VideoPath).ToArray(),
            Split().Test.Select(r => r.VideoPath).ToArray(), "drawn by the seed");
    }

    [TestMethod]
    public void Split_NeverSeparatesAGroup()
    {
        (Row[] train, Row[] test) = Split(group: "Person");
        Assert.IsNotEmpty(test);
        Assert.IsEmpty(train.Select(r => r.Person).Intersect(test.Select(r => r.Person)));
    }

    /// <summary>Labels that are numbers are no classes: each has one video.</summary>
    [TestMethod]
    public void Split_WithoutLabels_DrawsFromAllVideos()
    {
        var ml = new MLContext(1);
        IDataView data = ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 20).Select(i => new Row { VideoPath = $"{i}.mp4", Label = $"{i}" }).ToArray());
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.Data.TrainTestSplitVideos(data, 0.3));
        DataOperationsCatalog.TrainTestData parts = ml.Data.TrainTestSplitVideos(data, 0.3, labelColumnName: null);
        Assert.HasCount(6, parts.TestSet.GetColumn<string>("VideoPath").ToArray());
        Assert.HasCount(14, parts.TrainSet.GetColumn<string>("VideoPath").ToArray());
    }

    [TestMethod]
    public void Split_RefusesWhatItCannotDo()
    {
        var ml = new MLContext(1);
        IDataView data = ml.Data.LoadFromEnumerable(s_rows);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.TrainTestSplitVideos(data, 1));
        Assert.Contains(
            "nothing",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.TrainTestSplitVideos(data, groupColumnName: "nothing")).Message
        );
    }

    private static (Row[] Train, Row[] Test) Split(string? group = null)
    {
        var ml = new MLContext(1);
        DataOperationsCatalog.TrainTestData parts = ml.Data.TrainTestSplitVideos(
            ml.Data.LoadFromEnumerable(s_rows), groupColumnName: group);
        Row[] Rows(IDataView data) => [.. ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];
        return (Rows(parts.TrainSet), Rows(parts.TestSet));
    }
}
