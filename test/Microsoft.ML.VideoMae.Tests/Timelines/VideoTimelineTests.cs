// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Timelines;

/// <summary>Segments of recordings, with models of several kinds.</summary>
[TestClass]
public sealed class VideoTimelineTests
{
    [TestMethod]
    [DataRow("transformer")]
    [DataRow("features")]
    [DataRow("experiment")]
    public async Task EveryKindOfClassifier_FindsTheSegments(string kind)
    {
        var ml = new MLContext(1);
        List<string> notes = [];
        ITransformer model = TimelineModels.Of(ml, kind);
        var options = new VideoTimelineOptions
        {
            Window = TimeSpan.FromSeconds(1),
            Stride = TimeSpan.FromSeconds(0.25),
            Note = notes.Add,
        };
        var segments = new List<VideoSegment>();
        await foreach (VideoSegment segment in model.Timeline(MLVideo.CreateFromFile(Recording.ColoursFile), options))
            segments.Add(segment);
        string all = string.Join(Environment.NewLine, segments);
        string? At(double seconds) => segments.SingleOrDefault(s => s.Start.TotalSeconds <= seconds && s.End.TotalSeconds > seconds)?.Label;

        // What black is to a model is its own affair.
        CollectionAssert.AreEqual(new[] { "red", "red", "blue", "blue", "red", "red" }, new[] { 0.1, 3, 8, 11, 13, 14.9 }.Select(At).ToArray(), all);
        VideoSegment last = segments[^1];
        Assert.AreEqual(12, last.Start.TotalSeconds, 0.26, all);
        Assert.AreEqual(15, last.End.TotalSeconds, 1e-3, all);
        Assert.AreEqual(last.Start, segments[^2].End);
        Assert.IsEmpty(notes, string.Join(Environment.NewLine, notes));
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void DefaultWindow_IsThatOfTheTrainingClips()
    {
        var ml = new MLContext(1);
        List<string> notes = [];
        ITransformer model = TimelineModels.Of(ml, "transformer");
        var timeline = new VideoTimeline(model, new VideoTimelineOptions { Note = notes.Add });
        Assert.AreEqual(1, timeline.Window.TotalSeconds);
        Assert.AreEqual(0.25, timeline.Stride.TotalSeconds);
        CollectionAssert.AreEqual(new[] { "blue", "red" }, timeline.Labels.ToArray());
        Assert.IsEmpty(notes);

        var plain = new VideoTimeline(TimelineModels.Of(ml, "features"), new VideoTimelineOptions { Note = notes.Add });
        Assert.AreEqual(2, plain.Window.TotalSeconds);
        StringAssert.Contains(notes.Single(), "does not say how long its training clips were");
    }

    [TestMethod]
    public void ShortVideo_IsOneWindow_AndIsSaid()
    {
        var ml = new MLContext(1);
        List<string> notes = [];
        var timeline = new VideoTimeline(TimelineModels.Of(ml, "features"), new VideoTimelineOptions { Window = TimeSpan.FromSeconds(5), Note = notes.Add });
        VideoWindowScore[] windows = [.. timeline.ScoreWindows(MLVideo.CreateFromFile(TestClips.Clip("red", 1)))];
        Assert.HasCount(1, windows);
        StringAssert.Contains(notes.Single(), "less than a window of 5 s");
    }

    [TestMethod]
    public void BadSettings_AreRefused()
    {
        var ml = new MLContext(1);
        ITransformer model = TimelineModels.Of(ml, "features");
        void Refuses(VideoTimelineOptions options, string expected)
        {
            ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VideoTimeline(model, options));
            StringAssert.Contains(error.Message, expected);
        }

        Refuses(new() { Window = TimeSpan.Zero }, "longer than nothing");
        Refuses(new() { Window = TimeSpan.FromSeconds(1), Stride = TimeSpan.FromSeconds(2) }, "never be seen");
        Refuses(new() { Threshold = 0 }, "above 0");
        Refuses(new() { Threshold = 0.5f, KeepThreshold = 0.6f }, "from 0 to the threshold");
        Refuses(new() { OtherClass = "green" }, "it has blue, red");
        ITransformer loader = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(TestClips.Load(ml));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => new VideoTimeline(loader)).Message, "no classifier of videos");
    }

    [TestMethod]
    public void FileThatEndsEarly_IsScoredAsFarAsItGoes()
    {
        // Raw pictures that are cut off: the index still tells of all of them.
        string cut = Path.Combine(TestClips.NewFolder(), "cut.mp4");
        string whole = Recording.Make("whole.mp4", [.. Recording.Colours(("red", 12)), "-movflags", "+faststart"]);
        byte[] bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        var ml = new MLContext(1);
        List<string> notes = [];
        var timeline = new VideoTimeline(
            TimelineModels.Of(ml, "features"), new VideoTimelineOptions { Window = TimeSpan.FromSeconds(1), Note = notes.Add });
        VideoWindowScore[] windows = [.. timeline.ScoreWindows(MLVideo.CreateFromFile(cut))];
        Assert.IsTrue(windows.Length is > 10 and < 40, $"{windows.Length} windows");
        Assert.IsTrue(windows.All(w => w.Probabilities is not null));
        Directory.Delete(Path.GetDirectoryName(cut)!, recursive: true);
    }
}
