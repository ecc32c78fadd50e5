// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Tests.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Loading;

[TestClass]
public sealed class VideoColumnTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void LoadVideos_ConformsToMlNet() =>
        EstimatorConformance.Check(_ml, _ml.Transforms.LoadVideos("Video", "VideoPath"), TestClips.LoadFiles(_ml),
            _ml.Data.LoadFromEnumerable([new { VideoPath = 1f }]));

    [TestMethod]
    public void Column_SurvivesCacheShuffleAndFilter()
    {
        IDataView data = _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.LoadFiles(_ml)).Transform(TestClips.LoadFiles(_ml));
        foreach (IDataView view in (IDataView[])[_ml.Data.Cache(data), _ml.Data.ShuffleRows(data, 1), _ml.Data.TakeRows(data, 100)])
        {
            CollectionAssert.AreEquivalent(
                data.GetColumn<MLVideo>("Video").Select(v => v.Path).ToArray(),
                view.GetColumn<MLVideo>("Video").Select(v => v.Path).ToArray());
        }
    }

    [TestMethod]
    public void Column_WorksWithCacheCheckpoint()
    {
        IEstimator<ITransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.LoadVideos("Video", "VideoPath"))
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)));
        Assert.AreEqual(
            2 * TestClips.ClipsPerClass,
            pipeline.Fit(TestClips.LoadFiles(_ml)).Transform(TestClips.LoadFiles(_ml)).GetColumn<float[]>("Score").Count());
    }

    [TestMethod]
    public void Bytes_AreReadToo()
    {
        byte[] bytes = File.ReadAllBytes(TestClips.Clip("red", 1));
        IDataView data = _ml.Data.LoadFromEnumerable([new BytesRow { Contents = bytes }, new BytesRow { Contents = bytes }]);
        IDataView loaded = _ml.Transforms.LoadVideos("Video", "Contents").Fit(data).Transform(data);
        MLVideo[] videos = [.. loaded.GetColumn<MLVideo>("Video")];
        Assert.HasCount(2, videos);
        Assert.AreEqual(32, VideoReader.Default.Probe(videos[0]).Width);
    }

    [TestMethod]
    public void Folder_IsPrependedToRelativePaths()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([new VideoRow { VideoPath = "red/1.mp4" }]);
        IDataView loaded = _ml.Transforms.LoadVideos("Video", "VideoPath", TestClips.Folder).Fit(data).Transform(data);
        Assert.AreEqual(TestClips.Clip("red", 1), loaded.GetColumn<MLVideo>("Video").Single().Path);
    }

    [TestMethod]
    public void Directory_IsListedInNaturalOrderWithoutHiddenAndEmptyFiles()
    {
        string folder = TestClips.NewFolder();
        Directory.CreateDirectory(Path.Combine(folder, "wave", "deeper"));
        Directory.CreateDirectory(Path.Combine(folder, ".hidden"));
        foreach (
            string name in (string[])["wave/10.mp4", "wave/2.mp4", "wave/.part.mp4", "wave/deeper/1.MOV", "wave/notes.txt", ".hidden/1.mp4"]
        )
            File.WriteAllText(Path.Combine(folder, name), "x");
        File.WriteAllText(Path.Combine(folder, "wave", "empty.mp4"), "");
        var notes = new List<string>();
        _ml.Log += (_, e) => notes.Add(e.Message);

        IDataView data = _ml.Data.LoadVideosFromDirectory(folder);
        CollectionAssert.AreEqual(
            new[] { "wave/2.mp4", "wave/10.mp4", "wave/deeper/1.MOV" },
            data.GetColumn<string>("VideoPath").Select(p => Path.GetRelativePath(folder, p)).ToArray());
        Assert.IsTrue(data.GetColumn<string>("Label").All(l => l == "wave"));
        Assert.AreEqual(
            1,
            notes.Count(n =>
                n.Contains("Left out of")
                && n.Contains("empty files (0 bytes): 1 ('wave/empty.mp4')")
                && n.Contains("other files: 1 (1 .txt)")));
    }

    private sealed class BytesRow
    {
        public byte[] Contents { get; set; } = [];
    }
}
