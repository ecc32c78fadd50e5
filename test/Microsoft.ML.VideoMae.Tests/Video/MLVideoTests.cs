// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

[TestClass]
public sealed class MLVideoTests
{
    [TestMethod]
    public void VideoColumn_CachedAndShuffled_Survives()
    {
        var ml = new MLContext(1);
        Row[] rows = [.. Enumerable.Range(0, 5).Select(i => new Row { Id = i, Video = MLVideo.CreateFromFile($"clip{i}.mp4") })];
        IDataView data = ml.Data.Cache(ml.Data.ShuffleRows(ml.Data.LoadFromEnumerable(rows), seed: 3));
        Assert.AreEqual(VideoDataViewType.Instance, data.Schema["Video"].Type);
        Row[] read = [.. ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];
        Assert.AreEqual(5, read.Length);
        foreach (Row row in read)
            Assert.AreSame(rows[row.Id].Video, row.Video);
    }

    [TestMethod]
    public void CreateFromFile_OpensNothing()
    {
        MLVideo video = MLVideo.CreateFromFile("no/such/file.mp4");
        Assert.AreEqual("no/such/file.mp4", video.Name);
        Assert.AreEqual(Path.GetFullPath("no/such/file.mp4"), video.Path);
    }

    [TestMethod]
    public void CreateFromStream_ReadsToTheEnd()
    {
        using var stream = new MemoryStream([1, 2, 3, 4]);
        stream.Position = 1;
        MLVideo video = MLVideo.CreateFromStream(stream, "upload");
        Assert.AreEqual("upload", video.Name);
        CollectionAssert.AreEqual((byte[])[2, 3, 4], video.Bytes.ToArray());
        Assert.AreEqual("(3 bytes in memory)", MLVideo.CreateFromBytes(video.Bytes).Name);
    }

    private sealed class Row
    {
        public int Id { get; set; }

        [VideoType]
        public MLVideo? Video { get; set; }
    }
}
