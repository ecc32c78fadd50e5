// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Tests.Documents;

/// <summary>Makes the mistakes that docs/troubleshooting.md writes about, and gives what a user then reads.</summary>
internal static partial class Messages
{
    /// <summary>The first line of TorchSharp's message where there is no libtorch, on Linux.</summary>
    public const string TorchSharpWithoutLibtorch = "This application or script uses TorchSharp but doesn't contain a reference to libtorch-cpu-linux-x64, Version=2.10.0.0.";

    private static readonly Regex s_temporaryPath = new(Regex.Escape(Path.GetTempPath()) + @"videomae-test-\w+/");

    /// <summary>The message of every mistake, by its name.</summary>
    public static IReadOnlyDictionary<string, Func<string>> All { get; } = new Dictionary<string, Func<string>>
    {
        // What TorchSharp says first is as a project without libtorch got it: FreshProjectTests compares.
        ["libtorch is missing"] = () => TorchRuntime.MissingMessage(new NotSupportedException(TorchSharpWithoutLibtorch)),
        ["ffmpeg is missing"] = FFmpegMissing,
        ["no GPU"] = () => Error(_ => TorchDevice.Choose(3, fallbackToCpu: false, cudaDevices: 0)),
        ["no GPU, falling back"] = () => TorchDevice.Choose(3, fallbackToCpu: true, cudaDevices: 0).Reason,
        ["disposed"] = () => Error(ml =>
        {
            VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
            model.Dispose();
            model.Predict(MLVideo.CreateFromFile(TestClips.Clip("red", 1)));
        }),
        ["label is no key"] = () => Error(ml => Trainer(ml).Fit(ml.Transforms.LoadVideos("Video", "VideoPath").Fit(Videos(ml)).Transform(Videos(ml)))),
        ["no Video column"] = () => Error(ml => Trainer(ml).Fit(ml.Transforms.Conversion.MapValueToKey("Label").Fit(Videos(ml)).Transform(Videos(ml)))),
        ["one class"] = () => Error(ml => Fit(ml, _ => { }, ml.Data.FilterByCustomPredicate<Row>(Videos(ml), row => row.Label == "blue"))),
        ["no class folders"] = () => Error(ml => ml.Data.LoadVideosFromDirectory(Path.Combine(TestClips.Folder, "red"))),
        ["videos are left out"] = () =>
        {
            string folder = Path.Combine(TestClips.NewFolder(), "leftout");
            foreach (string file in (string[])["red/1.mp4", "red/empty.mp4", "loose.mp4", "green/1.xyz", "green/2.xyz"])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
                File.WriteAllText(Path.Combine(folder, file), file == "red/empty.mp4" ? "" : "x");
            }

            return Log("Left out of", ml => ml.Data.LoadVideosFromDirectory(folder));
        },
        ["unclear list"] = () =>
        {
            string list = Path.Combine(TestClips.NewFolder(), "unclear.csv");
            File.WriteAllLines(list, ["v_Red_1 0", "v_Blue_2 1"]);
            return Error(ml => ml.Data.LoadVideosFromCsv(list));
        },
        ["nothing to keep"] = () => Error(ml => ml.Data.TrainTestSplitVideos(ml.Data.LoadFromEnumerable((Row[])[new() { VideoPath = "1.mp4", Label = "red" }, new() { VideoPath = "2.mp4", Label = "blue" }]))),
        ["wrong options"] = () => Error(ml => Fit(ml, o => (o.BatchSize, o.LabelSmoothing) = (0, 2))),
        ["shape does not divide"] = () => Error(_ => new VideoMaeForVideoClassification(new VideoMaeConfig { NumFrames = 15, ImageSize = 200 })),
        ["channels"] = () => Error(ml => Fit(ml, o => o.Config = TestClips.Config with { NumChannels = 1 })),
        ["pre-training checkpoint"] = () => Error(ml => ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/pretraining"))),
        ["no checkpoint"] = () => Error(ml => ml.Model.LoadVideoMae("models/old/no-such.pth")),
        ["other classes"] = () => Log("head starts afresh", ml => Fit(ml, o => (o.Config, o.PretrainedModel, o.FineTuning) = (null, ReferenceFiles.Path("tiny/classification"), FineTuningMode.LinearProbe))),
        ["loss is no number"] = () => Error(ml => Fit(ml, o => (o.LearningRate, o.GradientClipNorm, o.NumberOfEpochs) = (1e30f, 0, 4))),
        ["unreadable videos"] = () => Error(ml => Fit(ml, _ => { }, Broken(ml, keep: 0))),
        ["some unreadable videos"] = () => Log("cannot be read", ml => Fit(ml, o => o.MaxSkippedFraction = 0.5f, Broken(ml, keep: 6))),
        ["unreadable video in scoring"] = () => Error(ml =>
        {
            using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
            model.Predict(MLVideo.CreateFromFile("gone.mp4"));
        }),
        ["short clip"] = () => Error(_ => VideoReader.Default.Read(MLVideo.CreateFromFile(TestClips.Clip("red", 1)), new DenseFrameSampler(16, 4, ShortClipPolicy.Error))),
        ["not learned by heart"] = () => Trainer(new MLContext(1), o => o.LearningRate = 1e-9f).CheckOverfitting(Data(new MLContext(1))).ToString(),
        ["run has ended"] = () =>
        {
            string state = TestClips.NewFolder();
            Fit(new MLContext(1), o => o.WorkspacePath = state);
            return Log("has ended already", ml => Fit(ml, o => o.WorkspacePath = state));
        },
    };

    /// <summary>A message as it reads wherever the test's files lie, whatever the version of ffmpeg, and with whatever numbers this machine computes.</summary>
    public static string Normalize(string message)
    {
        string text = Whitespace().Replace(FFmpegWords().Replace(message, "FFmpeg says: ..."), " ").Trim();
        text = ReferencePath().Replace(s_temporaryPath.Replace(text, ""), "");
        text = RunName().Replace(text, "'RUN/state");
        return Loss().Replace(Step().Replace(text, "step N, at a learning rate of N"), "loss N");
    }

    private static IDataView Videos(MLContext ml) => TestClips.Load(ml);

    private static IDataView Data(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath")).Fit(Videos(ml)).Transform(Videos(ml));

    private static VideoMaeTrainer Trainer(MLContext ml, Action<VideoMaeTrainer.Options>? change = null)
    {
        VideoMaeTrainer.Options options = TestClips.Options(epochs: 1);
        change?.Invoke(options);
        return ml.MulticlassClassification.Trainers.VideoMae(options);
    }

    private static void Fit(MLContext ml, Action<VideoMaeTrainer.Options> change, IDataView? videos = null)
    {
        VideoMaeTrainer.Options options = TestClips.Options(epochs: 1);
        change(options);
        TestClips.Pipeline(ml, options).Fit(videos ?? Videos(ml));
    }

    /// <summary>Two videos that cannot be read, and some that can.</summary>
    private static IDataView Broken(MLContext ml, int keep)
    {
        string folder = TestClips.NewFolder();
        foreach (string name in (string[])["empty.mp4", "text.mp4"])
            File.WriteAllText(Path.Combine(folder, name), name[0] == 'e' ? "" : "this is not a video");
        return ml.Data.LoadFromEnumerable((Row[])[
            new() { VideoPath = Path.Combine(folder, "empty.mp4"), Label = "red" }, new() { VideoPath = Path.Combine(folder, "text.mp4"), Label = "blue" },
            .. Enumerable.Range(1, keep).SelectMany(i => (Row[])[new() { VideoPath = TestClips.Clip("red", i), Label = "red" }, new() { VideoPath = TestClips.Clip("blue", i), Label = "blue" }])]);
    }

    private static string FFmpegMissing()
    {
        const string Variable = "VIDEOMAE_FFMPEG";
        string? before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, Path.Combine(TestClips.NewFolder(), "bin"));
        try
        {
            return Error(_ => VideoReader.Default.Probe(MLVideo.CreateFromFile(TestClips.Clip("red", 1))));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    private static string Error(Action<MLContext> mistake)
    {
        try
        {
            mistake(new MLContext(1));
        }
        catch (Exception e)
        {
            return e.Message;
        }

        throw new InvalidOperationException("There was no error.");
    }

    /// <summary>The line of the log that holds a text.</summary>
    private static string Log(string text, Action<MLContext> work)
    {
        var ml = new MLContext(1);
        var lines = new List<string>();
        ml.Log += (_, e) => lines.Add(e.RawMessage);
        work(ml);
        return lines.First(line => line.Contains(text, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"/[^\s']*/Reference/tiny/")]
    private static partial Regex ReferencePath();

    [GeneratedRegex(@"FFmpeg says: [^\r\n]*")]
    private static partial Regex FFmpegWords();

    [GeneratedRegex(@"'[0-9a-f]{16}/state")]
    private static partial Regex RunName();

    [GeneratedRegex(@"step \d+, at a learning rate of [\d.e+-]+\d")]
    private static partial Regex Step();

    [GeneratedRegex(@"loss \d+\.\d+")]
    private static partial Regex Loss();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
