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

    [TestMethod]
    public void ChangingFrameRate_ChangesNoSegment()
    {
        // 15 s at 8 frames a second, of which every fourth is there from 4 s to 9 s: 8, then 2, then 8 frames a second.
        string[] colours = Recording.Colours(("red", 4), ("black", 3), ("blue", 5), ("red", 3));
        colours[^1] += ",select='lt(t,4)+gte(t,9)+not(mod(n,4))'";
        string uneven = Recording.Make("uneven.mkv", [.. colours, "-vsync", "0"]);
        FrameTimeline frames = VideoReader.Default.TimelineOf(MLVideo.CreateFromFile(uneven));
        Assert.AreEqual(90, frames.FrameCount, "the rate changes");
        List<string> notes = [];
        var options = new VideoTimelineOptions { Window = TimeSpan.FromSeconds(2), Stride = TimeSpan.FromSeconds(0.5), Note = notes.Add };
        var timeline = new VideoTimeline(TimelineModels.Of(new MLContext(1), "features"), options);
        VideoWindowScore[] windows = [.. timeline.ScoreWindows(MLVideo.CreateFromFile(uneven))];
        VideoWindowScore[] even = [.. timeline.ScoreWindows(MLVideo.CreateFromFile(Recording.ColoursFile))];
        CollectionAssert.AreEqual(even.Select(w => w.Start).ToArray(), windows.Select(w => w.Start).ToArray(), "windows go by time");
        Assert.IsTrue(windows.All(w => w.Probabilities is not null));
        VideoSegment[] segments = [.. timeline.Join(windows)];
        string all = string.Join(Environment.NewLine, segments);
        foreach ((double time, string label) in ((double, string)[])[(1, "red"), (3, "red"), (8.5, "blue"), (11, "blue"), (13.5, "red")])
            Assert.AreEqual(label, segments.SingleOrDefault(s => s.Start.TotalSeconds <= time && s.End.TotalSeconds > time)?.Label, all);
        Assert.IsEmpty(notes, string.Join(Environment.NewLine, notes));
    }

    [TestMethod]
    public void Gap_EndsSegments_AndLosesNone()
    {
        string[] colours = Recording.Colours(("red", 12));
        colours[^1] += ",select='lt(t,3)+gte(t,9)'";
        string gap = Recording.Make("red-gap.mkv", [.. colours, "-vsync", "0"]);
        var options = new VideoTimelineOptions { Window = TimeSpan.FromSeconds(1), Stride = TimeSpan.FromSeconds(0.25) };
        var timeline = new VideoTimeline(TimelineModels.Of(new MLContext(1), "features"), options);
        VideoSegment[] segments = [.. timeline.Join(timeline.ScoreWindows(MLVideo.CreateFromFile(gap)))];
        string all = string.Join(Environment.NewLine, segments);
        Assert.HasCount(2, segments, all);
        Assert.IsTrue(segments.All(s => s.Label == "red"), all);
        Assert.AreEqual(0, segments[0].Start.TotalSeconds, all);
        Assert.AreEqual(3, segments[0].End.TotalSeconds, 1, all);
        Assert.AreEqual(9, segments[1].Start.TotalSeconds, 1, all);
        Assert.AreEqual(12, segments[1].End.TotalSeconds, 0.01, all);
    }

    [TestMethod]
    public void ModelWhoseClipsSpanTheWholeVideo_GivesOneSegment()
    {
        var ml = new MLContext(1);
        List<string> notes = [];
        ITransformer model = TimelineModels.Of(ml, "transformer");      // trained on clips of a second
        foreach ((double seconds, bool isSaid) in ((double, bool)[])[(1, false), (0.5, true), (0.125, true)])
        {
            notes.Clear();
            string video = Recording.Make("short.mp4", Recording.Colours(("red", seconds)));
            var timeline = new VideoTimeline(model, new VideoTimelineOptions { Note = notes.Add });
            VideoSegment only = timeline.Join(timeline.ScoreWindows(MLVideo.CreateFromFile(video))).Single();
            Assert.AreEqual("red", only.Label);
            Assert.AreEqual(0, only.Start.TotalSeconds);
            Assert.AreEqual(seconds, only.End.TotalSeconds, 0.01);
            Assert.HasCount(isSaid ? 1 : 0, notes, string.Join(Environment.NewLine, notes));
            Assert.IsTrue(notes.All(n => n.Contains("it is scored as a whole", StringComparison.Ordinal)));
        }
    }
}
