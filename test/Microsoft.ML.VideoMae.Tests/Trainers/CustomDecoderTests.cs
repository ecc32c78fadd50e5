// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>A decoder of the user's own is all it takes to train on, and score, videos that nothing else reads.</summary>
[TestClass]
[DoNotParallelize] // the default reader belongs to the process
public sealed class CustomDecoderTests
{
    private readonly MLContext _ml = new(1);
    private readonly VideoReader _before = VideoReader.Default;

    /// <summary>Reads "files" that hold the name of a colour.</summary>
    private sealed class ColourDecoder : IVideoDecoder
    {
        private const int Count = 8, Side = 20;

        public bool CanDecode(MLVideo video) => video.Path?.EndsWith(".colour", StringComparison.Ordinal) == true;

        public VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken) =>
            new() { FrameCount = Count, IsFrameCountExact = true, Width = Side, Height = Side };

        public VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
        {
            int channel = File.ReadAllText(video.Path!) == "red" ? 0 : 2;
            int[] frames = request.Choose(new FrameTimeline(Count, framesPerSecond: 8));
            var pixels = new byte[frames.Length * Side * Side * VideoFrames.Channels];
            for (int i = channel; i < pixels.Length; i += VideoFrames.Channels)
                pixels[i] = byte.MaxValue;
            return new VideoFrames(pixels, frames.Length, Side, Side);
        }
    }

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    [TestCleanup]
    public void Restore() => VideoReader.Default = _before;

    [TestMethod]
    [DataRow(null)]
    [DataRow("frames")]
    public void Trainer_UsesIt(string? cacheFolder)
    {
        VideoReader.Default = new VideoReader(new ColourDecoder());
        string folder = TestClips.NewFolder();
        Row[] rows =
        [
            .. Enumerable
                .Range(0, 8)
                .Select(i => new Row { VideoPath = Path.Combine(folder, $"{i}.colour"), Label = i % 2 == 0 ? "red" : "blue" })];
        foreach (Row row in rows)
            File.WriteAllText(row.VideoPath, row.Label);
        VideoMaeTrainer.Options options = TestClips.Options(10);
        options.FrameCacheFolder = cacheFolder is null ? null : Path.Combine(folder, cacheFolder);
        options.OnVideoError = VideoErrorPolicy.Throw;
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        ITransformer model = TestClips.Pipeline(_ml, options).Fit(data);
        CollectionAssert.AreEqual(rows.Select(r => r.Label).ToArray(), model.Transform(data).GetColumn<string>("PredictedLabel").ToArray());
        (model as IDisposable)?.Dispose();
        Directory.Delete(folder, recursive: true);
        Assert.ThrowsExactly<ArgumentNullException>(() => VideoReader.Default = null!);
    }
}
