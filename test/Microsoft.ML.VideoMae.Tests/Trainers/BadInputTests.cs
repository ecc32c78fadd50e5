// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Decoding;
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
        string message = FitError<VideoReadException>(Two(file));
        StringAssert.Contains(message, file);
    }

    [TestMethod]
    public void MissingFile()
    {
        string message = FitError<VideoReadException>(Two("no-such-file.mp4"));
        StringAssert.Contains(message, "no-such-file.mp4");
    }

    [TestMethod]
    public void LabelThatIsNoKey()
    {
        IDataView data = _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(_ml)).Transform(TestClips.Load(_ml));
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)).Fit(data)).Message;
        StringAssert.Contains(message, "Schema mismatch for label column 'Label': expected Key<UInt32> (mlContext.Transforms.Conversion.MapValueToKey makes such a column), got String");
    }

    [TestMethod]
    public void TextWhereTheVideoColumnIsExpected()
    {
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(TestClips.Load(_ml)).Transform(TestClips.Load(_ml));
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.VideoMae("Label", "VideoPath").Fit(data)).Message;
        StringAssert.Contains(message, "Schema mismatch for video column 'VideoPath': expected Video (mlContext.Transforms.LoadVideos makes such a column from paths), got String");
    }

    [TestMethod]
    public void Options_AllProblemsAreListed()
    {
        var options = new VideoMaeTrainer.Options { BatchSize = 0, NumberOfEpochs = -1, DropPathRate = 1, ScoreColumnName = " " };
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.VideoMae(options)).Message;
        foreach (string problem in (string[])["BatchSize is 0, but has to be above 0.", "NumberOfEpochs is -1", "DropPathRate is 1", "ScoreColumnName is  ,"])
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
