// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Timelines;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading;

/// <summary>A row for every window of a video.</summary>
[TestClass]
public sealed class VideoSplittingTests
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(2), s_stride = TimeSpan.FromSeconds(1);

    private sealed class PathRow
    {
        public string VideoPath { get; set; } = "";

        public float Number { get; set; }
    }

    [TestMethod]
    public void Rows_AreWindows_WithTheOtherColumns()
    {
        var ml = new MLContext(1);
        IDataView split = ml.Transforms.SplitVideo("Part", "Video", s_window, s_stride).Fit(Videos(ml)).Transform(Videos(ml));
        Assert.IsNull(split.GetRowCount());
        float[] starts = [.. split.GetColumn<float>("WindowStart")], numbers = [.. split.GetColumn<float>("Number")];
        Assert.HasCount(11 + 14, starts);
        CollectionAssert.AreEqual(Enumerable.Range(0, 11).Select(i => (float)i).ToArray(), starts[..11]);
        CollectionAssert.AreEqual(Enumerable.Range(2, 11).Select(i => (float)i).ToArray(), split.GetColumn<float>("WindowEnd").Take(11).ToArray());
        Assert.IsTrue(numbers[..11].All(n => n == 1) && numbers[11..].All(n => n == 2));
        MLVideo third = split.GetColumn<MLVideo>("Part").ElementAt(3);
        CollectionAssert.AreEqual(new VideoReader().Read(MLVideo.CreateFromFile(Recording.Numbered), [30]).Pixels.ToArray(),
            new VideoReader().ReadAll(third).Frame(0).ToArray());
    }

    [TestMethod]
    public void AnyPipeline_ReadsThem_AlsoAfterSaveAndLoad()
    {
        var ml = new MLContext(1);
        IDataView videos = Videos(ml);
        IEstimator<ITransformer> pipeline = ml.Transforms.SplitVideo("Video", null, s_window, s_stride)
            .Append(ml.Transforms.FeaturizeVideoPixels("Features", "Video"));
        ITransformer model = pipeline.Fit(videos), loaded = EstimatorConformance.SaveAndLoad(ml, model, videos.Schema);
        float[][] features = [.. model.Transform(videos).GetColumn<float[]>("Features")];
        Assert.HasCount(25, features);
        CollectionAssert.AreEqual(
            features.SelectMany(f => f).ToArray(), loaded.Transform(videos).GetColumn<float[]>("Features").SelectMany(f => f).ToArray());
        Assert.AreNotEqual(features[0].Sum(), features[5].Sum());
        var ids = new HashSet<string>();
        using DataViewRowCursor cursor = loaded.Transform(videos).GetRowCursor([]);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            getId(ref id);
            Assert.IsTrue(ids.Add(id.ToString()), "no two rows share an id");
        }
    }

    [TestMethod]
    public void BadInput_IsRefused_OrLeftOut()
    {
        var ml = new MLContext(1);
        IDataView text = ml.Data.LoadFromEnumerable([new PathRow { VideoPath = "missing.mp4" }, new PathRow { VideoPath = Recording.Numbered }]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.SplitVideo("Part", "VideoPath", s_window).Fit(text));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.SplitVideo("Part", "Other", s_window).Fit(text));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.SplitVideo("Part", "Video", s_stride, s_window));
        IDataView videos = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(text).Transform(text);
        Assert.ThrowsExactly<VideoReadException>(
            () => ml.Transforms.SplitVideo("Part", "Video", s_window).Fit(videos).Transform(videos).GetColumn<float>("WindowStart").ToArray());
        IDataView skipped = ml.Transforms.SplitVideo("Part", "Video", s_window, onVideoError: VideoErrorPolicy.Skip).Fit(videos).Transform(videos);
        Assert.HasCount(6, skipped.GetColumn<float>("WindowStart").ToArray());
    }

    private static IDataView Videos(MLContext ml)
    {
        IDataView paths = ml.Data.LoadFromEnumerable(
            [new PathRow { VideoPath = Recording.Numbered, Number = 1 }, new PathRow { VideoPath = Recording.ColoursFile, Number = 2 }]);
        return ml.Transforms.LoadVideos("Video", "VideoPath").Fit(paths).Transform(paths);
    }
}
