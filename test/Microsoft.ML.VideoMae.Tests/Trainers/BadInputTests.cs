// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class BadInputTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Directory_Missing()
    {
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => _ml.Data.LoadVideosFromDirectory("no-such-folder"));
        Assert.AreEqual("The data set folder 'no-such-folder' does not exist.", error.Message);
    }

    [TestMethod]
    public void Directory_WithoutVideos()
    {
        string folder = TestClips.NewFolder();
        Directory.CreateDirectory(Path.Combine(folder, "wave"));
        File.WriteAllText(Path.Combine(folder, "wave", "readme.txt"), "no video");
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.LoadVideosFromDirectory(folder)).Message;
        StringAssert.Contains(message, folder);
        StringAssert.Contains(message, "has 1 folders and none of them holds a video");
    }

    [TestMethod]
    public void Directory_WithVideosInNoClassFolder()
    {
        string folder = TestClips.NewFolder();
        File.Copy(TestClips.Clip("red", 1), Path.Combine(folder, "1.mp4"));
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.LoadVideosFromDirectory(folder)).Message;
        StringAssert.Contains(message, "1 videos that are in no class folder");
    }

    [TestMethod]
    public void OneClassOnly()
    {
        string message = FitError<InvalidOperationException>(_ml.Data.LoadFromEnumerable(
            Enumerable.Range(1, 3).Select(i => new VideoRow { VideoPath = TestClips.Clip("red", i), Label = "red" })));
        StringAssert.Contains(message, "Only one class was found in label column 'Label': 'red', in all 3 rows.");
    }

    [TestMethod]
    public void FileThatIsNoVideo()
    {
        string folder = TestClips.NewFolder();
        string file = Path.Combine(folder, "text.mp4");
        File.WriteAllText(file, "this is not a video");
        string message = FitError<InvalidOperationException>(Two(file)); // one of two is more than may be skipped
        StringAssert.Contains(message, "1 of the 2 videos of the training set cannot be read");
        StringAssert.Contains(message, file);
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.OnVideoError = VideoErrorPolicy.Throw;
        StringAssert.Contains(FitError<VideoReadException>(Two(file), options), file);
    }

    [TestMethod]
    public void UnreadableVideos_AreSkippedAndNamed()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        VideoRow[] rows =
        [.. _ml.Data.CreateEnumerable<VideoRow>(TestClips.Load(_ml), reuseRowObject: false),
            new VideoRow { VideoPath = "gone.mp4", Label = "red" }];
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.OnScoringVideoError = VideoErrorPolicy.Skip;
        ITransformer model = TestClips.Pipeline(_ml, options).Fit(_ml.Data.LoadFromEnumerable(rows));
        Assert.AreEqual(
            1,
            warnings.Count(w =>
                w.Contains("1 of the 13 videos of the training set cannot be read and are not used") && w.Contains("gone.mp4")));

        Prediction[] scored =
        [.. _ml.Data.CreateEnumerable<Prediction>(model.Transform(_ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false)];
        Assert.IsTrue(scored[^1].Score.All(float.IsNaN));
        Assert.IsTrue(string.IsNullOrEmpty(scored[^1].PredictedLabel));
        Assert.IsTrue(scored.SkipLast(1).All(p => p.Score.All(float.IsFinite)));
        Assert.AreEqual(1, warnings.Count(w => w.Contains("A row gets no scores") && w.Contains("gone.mp4")));
    }

    [TestMethod]
    public void MaxSkippedFraction_IsTheBorder()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.MaxSkippedFraction = 0.5f;
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { "red", "blue" }.SelectMany(label => new[]
        {
            new VideoRow { VideoPath = TestClips.Clip(label, 1), Label = label },
            new VideoRow { VideoPath = $"gone-{label}.mp4", Label = label },
        }));
        (TestClips.Pipeline(_ml, options).Fit(data) as IDisposable)?.Dispose(); // Two of four.
        options.MaxSkippedFraction = 0.49f;
        StringAssert.Contains(FitError<InvalidOperationException>(data, options), "2 of the 4 videos");
    }

    [TestMethod]
    public void UnreadableVideo_FailsInItsOwnRow()
    {
        ITransformer model = TestClips.Pipeline(_ml, TestClips.Options(1)).Fit(TestClips.Load(_ml));
        IDataView scored = model.Transform(Two("gone.mp4"));
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        ValueGetter<VBuffer<float>> getScore = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> score = default;
        Assert.IsTrue(cursor.MoveNext());
        getScore(ref score);
        Assert.AreEqual(2, score.Length);
        Assert.IsTrue(score.DenseValues().All(float.IsFinite));
        StringAssert.Contains(Assert.ThrowsExactly<VideoReadException>(() => cursor.MoveNext()).Message, "gone.mp4");
    }

    [TestMethod]
    public void MissingFile()
    {
        string message = FitError<InvalidOperationException>(Two("no-such-file.mp4"));
        StringAssert.Contains(message, "no-such-file.mp4");
    }

    [TestMethod]
    public void LabelThatIsNoKey()
    {
        IDataView data = _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(_ml)).Transform(TestClips.Load(_ml));
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)).Fit(data)).Message;
        StringAssert.Contains(message, "Schema mismatch for label column 'Label': expected Key<UInt32> " +
            "(mlContext.Transforms.Conversion.MapValueToKey makes such a column), got String");
    }

    [TestMethod]
    public void TextWhereTheVideoColumnIsExpected()
    {
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(TestClips.Load(_ml)).Transform(TestClips.Load(_ml));
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.VideoMae("Label", "VideoPath").Fit(data)).Message;
        StringAssert.Contains(message, "Schema mismatch for video column 'VideoPath': expected Video (mlContext.Transforms.LoadVideos " +
            "makes such a column from paths), or Vector<Single> of pixel values (mlContext.Transforms.ExtractVideoPixels makes such a " +
            "column from videos), got String");
    }

    [TestMethod]
    public void Options_AllProblemsAreListed()
    {
        var options = new VideoMaeTrainer.Options
        {
            BatchSize = 0,
            NumberOfEpochs = -1,
            DropPathRate = 1,
            ScoreColumnName = " ",
            RandAugment = "nonsense",
        };
        string message = Assert
            .ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options))
            .Message;
        foreach (string problem in (string[])
                [
                    "BatchSize is 0, but has to be above 0.", "NumberOfEpochs is -1", "DropPathRate is 1", "RandAugment is nonsense",
                    "ScoreColumnName is  ,"])
            StringAssert.Contains(message, problem);
    }

    [TestMethod]
    public void Gpu_MissingWithoutFallback()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.GpuDeviceId = 99;
        options.FallbackToCpu = false;
        string message = FitError<InvalidOperationException>(TestClips.Load(_ml), options);
        StringAssert.Contains(message, "GpuDeviceId 99 was asked for");
        StringAssert.Contains(message, "FallbackToCpu");
    }

    private IDataView Two(string second) => _ml.Data.LoadFromEnumerable(
    [
        new VideoRow { VideoPath = TestClips.Clip("red", 1), Label = "red" },
        new VideoRow { VideoPath = second, Label = "blue" },
    ]);

    private string FitError<TException>(IDataView data, VideoMaeTrainer.Options? options = null)
        where TException : Exception
        => Assert.ThrowsExactly<TException>(() => TestClips.Pipeline(_ml, options ?? TestClips.Options(1)).Fit(data)).Message;
}
