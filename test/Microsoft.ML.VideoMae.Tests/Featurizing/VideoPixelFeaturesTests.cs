// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

[TestClass]
public sealed class VideoPixelFeaturesTests
{
    private readonly MLContext _ml = new(1);

    private float[] Features(MLVideo video, VideoPixelFeaturizingEstimator.Options? options = null) =>
        FeaturizedVideos.Of(_ml, _ml.Transforms.FeaturizeVideoPixels(options ?? new()), video).Single();

    [TestMethod]
    public void FeaturizeVideoPixels_ConformsToMlNet() => EstimatorConformance.Check(
        _ml, _ml.Transforms.FeaturizeVideoPixels("Features", "Video"), FeaturizedVideos.Animations(_ml), TestClips.Load(_ml));

    [TestMethod]
    public void Column_HasTwoPictures() =>
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2, 48, 64), _ml.Transforms.FeaturizeVideoPixels("Features")
                .Fit(FeaturizedVideos.Animations(_ml))
                .GetOutputSchema(FeaturizedVideos.Animations(_ml).Schema)["Features"]
                .Type);

    [TestMethod]
    public void MeanAndChange_AreThoseOfThePixels()
    {
        byte[] greys = [0, 51, 255, 102];
        float[] features = Features(
            MovingTexture.Clip(4, f => [.. Enumerable.Repeat(greys[f], MovingTexture.Height * MovingTexture.Width)]),
            new VideoPixelFeaturizingEstimator.Options
            {
                NumFrames = 4,
                ImageHeight = 5,
                ImageWidth = 7,
            });
        Assert.HasCount(2 * 5 * 7, features);
        foreach (float mean in features[..35])
            Assert.AreEqual((0 + 0.2f + 1 + 0.4f) / 4, mean, 1e-5f);
        foreach (float change in features[35..])
            Assert.AreEqual((0.2f + 0.8f + 0.6f) / 3, change, 1e-5f);
    }

    [TestMethod]
    public void StillClip_ChangesNowhere()
    {
        float[] features = Features(MovingTexture.Clip(20, _ => MovingTexture.Frame()));
        byte[] frame = MovingTexture.Frame();
        for (int i = 0; i < frame.Length; i++)
        {
            Assert.AreEqual(frame[i] / 255f, features[i], 1e-5f);
            Assert.AreEqual(0, features[frame.Length + i]);
        }
    }

    [TestMethod]
    [DataRow(48, 64, 24, 32)]
    [DataRow(37, 101, 10, 13)]
    [DataRow(5, 3, 8, 16)]
    public void Area_IsTheMeanOfWhatAPixelCovers(int height, int width, int small, int narrow)
    {
        var pixels = new byte[height * width * 3];
        new Random(1).NextBytes(pixels);
        var grey = new float[small * narrow];
        new AreaScaler(height, width, small, narrow).ScaleToGrey(pixels, grey);
        for (int i = 0; i < grey.Length; i++)
            Assert.AreEqual(Covered(pixels, height, width, small, narrow, i / narrow, i % narrow), grey[i], 1e-3);
        var colours = new byte[grey.Length * 3];
        new AreaScaler(height, width, small, narrow).ScaleToRgb(pixels, colours);
        for (int i = 0; i < grey.Length; i++) // Each colour is rounded.
            Assert.AreEqual(grey[i], (0.299f * colours[3 * i]) + (0.587f * colours[(3 * i) + 1]) + (0.114f * colours[(3 * i) + 2]), 0.51f);
    }

    private static double Covered(byte[] pixels, int height, int width, int small, int narrow, int y, int x)
    {
        double sum = 0, area = 0;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double shared = Overlap(row, y, (double)height / small) * Overlap(column, x, (double)width / narrow);
                int i = ((row * width) + column) * 3;
                sum += shared * ((0.299 * pixels[i]) + (0.587 * pixels[i + 1]) + (0.114 * pixels[i + 2]));
                area += shared;
            }
        }

        return sum / area;
    }

    private static double Overlap(int source, int target, double scale) =>
        Math.Max(0, Math.Min(source + 1, (target + 1) * scale) - Math.Max(source, target * scale));

    [TestMethod]
    public void WrongOptions_AreListed()
    {
        string message = Assert
            .Throws<ArgumentOutOfRangeException>(() =>
                _ml.Transforms.FeaturizeVideoPixels(
                    new VideoPixelFeaturizingEstimator.Options
                    {
                        NumFrames = 0,
                        ImageHeight = 0,
                        ImageWidth = 2000,
                        OutputColumnName = "",
                    }))
            .Message;
        foreach (string part in (string[])
                ["NumFrames is 0", "ImageHeight is 0, but has to be from 1 to 1024", "ImageWidth is 2000", "OutputColumnName"])
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void Skip_GivesNoNumbers_ThrowNamesTheVideo() => FeaturizedVideos.CheckErrors(_ml, policy =>
        _ml.Transforms.FeaturizeVideoPixels(new VideoPixelFeaturizingEstimator.Options { OnVideoError = policy }));

    [TestMethod]
    public void Engine_GivesTheSameNumbers() => FeaturizedVideos.CheckEngine(_ml, _ml.Transforms.FeaturizeVideoPixels("Features"));

    [TestMethod]
    public void Rows_AreReadBySeveralThreads_InOrder()
    {
        var threads = new ConcurrentDictionary<int, bool>();
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 400).Select(i => new FeaturizedVideos.Row
        {
            Video = MovingTexture.Clip(2, _ => [.. Enumerable.Repeat((byte)(i % 256), MovingTexture.Height * MovingTexture.Width)]),
        }));
        IDataView noted = _ml.Transforms.CustomMapping<FeaturizedVideos.Row, Thread1>((_, row) =>
        {
            threads[Environment.CurrentManagedThreadId] = true;
            row.Thread = 1;
        }, null).Fit(data).Transform(data);
        IDataView described = _ml.Transforms.FeaturizeVideoPixels("Features").Fit(noted).Transform(noted);
        List<float> firsts = [];
        using (DataViewRowCursor cursor = described.GetRowCursor(described.Schema["Features"], described.Schema["Thread"]))
        {
            ValueGetter<VBuffer<float>> features = cursor.GetGetter<VBuffer<float>>(described.Schema["Features"]);
            VBuffer<float> values = default;
            while (cursor.MoveNext())
            {
                features(ref values);
                firsts.Add(values.GetItemOrDefault(0));
            }
        }

        Assert.IsGreaterThan(1, threads.Count);
        for (int i = 0; i < firsts.Count; i++)
            Assert.AreEqual(i % 256 / 255f, firsts[i], 1e-5f);
        Assert.HasCount(400, firsts);
    }

    internal sealed class Thread1
    {
        public int Thread { get; set; }
    }
}
