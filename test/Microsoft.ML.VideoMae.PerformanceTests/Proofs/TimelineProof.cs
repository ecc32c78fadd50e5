// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>Where segments begin and end in a made recording, and what an hour costs: docs/lab/timeline.md.</summary>
internal static class TimelineProof
{
    private const string Nothing = "nothing";
    private const int Rate = 16;        // frames a second, as the clips have
    private const int PerClass = 60;
    private const int Segments = 48;

    private sealed record Segment(string Label, double Start, double End);

    /// <summary>The demo's motions one after another, each for some seconds, with still pauses between them.</summary>
    /// <param name="output">Where clips and recordings are made.</param>
    /// <param name="seeds">Each makes a recording.</param>
    /// <param name="kind">The model: motion or transformer.</param>
    public static void Boundaries(string output, IReadOnlyList<int> seeds, string kind)
    {
        string clips = Path.Combine(output, "timeline-clips");
        MotionDataset.Make(clips, PerClass, seed: 1);
        MakeStill(Directory.CreateDirectory(Path.Combine(clips, Nothing)).FullName);
        var ml = new MLContext(1);
        IDataView rows = ml.Data.LoadVideosFromDirectory(clips);
        ITransformer model = Pipeline(ml, kind).Fit(rows);
        Console.WriteLine("| model | seed | true segments | found | F1 at 0.5 overlap | mean distance of boundaries |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (int seed in seeds)
        {
            string path = Path.Combine(output, $"timeline-{seed}.mp4");
            Segment[] truth = MakeRecording(path, seed);
            var timeline = new VideoTimeline(model, new VideoTimelineOptions
            {
                Window = TimeSpan.FromSeconds(1),
                OtherClass = Nothing,
                Note = Console.Error.WriteLine,
            });
            VideoSegment[] found = [.. timeline.Join(timeline.ScoreWindows(MLVideo.CreateFromFile(path)))];
            (Segment, VideoSegment)[] pairs = Match(truth, found);
            double f1 = 2.0 * pairs.Length / (truth.Length + found.Length);
            double distance = pairs.Length == 0 ? double.NaN : pairs.Average(p =>
                (Math.Abs(p.Item1.Start - p.Item2.Start.TotalSeconds) + Math.Abs(p.Item1.End - p.Item2.End.TotalSeconds)) / 2);
            Console.WriteLine(FormattableString.Invariant(
                $"| {kind} | {seed} | {truth.Length} | {found.Length} | {f1:0.000} | {distance:0.00} s |"));
        }
    }

    /// <summary>A recording of 640x360 at 25 frames a second, with untrained models of the shapes for CPUs: what they say does not matter.</summary>
    /// <param name="output">Where the recording is made.</param>
    /// <param name="seconds">How long it is.</param>
    /// <param name="shapes">CpuTiny, CpuSmall.</param>
    public static void Speed(string output, int seconds, IReadOnlyList<string> shapes)
    {
        string path = Path.Combine(Directory.CreateDirectory(output).FullName, $"recording-{seconds}.mp4");
        if (!File.Exists(path))
            MakeLong(path, seconds);
        Console.WriteLine("| model | seconds of video | windows | seconds | times real time | largest memory of the program | of ffmpeg |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (string shape in shapes)
        {
            using ITransformerOwner owner = Untrained(output, shape);
            var timeline = new VideoTimeline(owner.Model, new VideoTimelineOptions
            {
                Window = TimeSpan.FromSeconds(2),
                Stride = TimeSpan.FromSeconds(0.5),
            });
            long start = Stopwatch.GetTimestamp(), largest = 0;
            int windows = 0;
            foreach (VideoWindowScore window in timeline.ScoreWindows(MLVideo.CreateFromFile(path)))
            {
                if (windows++ % 200 == 0)
                    largest = Math.Max(largest, Decoders());
            }

            double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using Process process = Process.GetCurrentProcess();
            Console.WriteLine(FormattableString.Invariant(
                $"| {shape} | {seconds} | {windows} | {elapsed:0} | {seconds / elapsed:0.0} | ")
                + FormattableString.Invariant($"{process.PeakWorkingSet64 >> 20} MiB | {largest >> 20} MiB |"));
        }
    }

    private sealed record ITransformerOwner(ITransformer Model) : IDisposable
    {
        public void Dispose() => (Model as IDisposable)?.Dispose();
    }

    /// <summary>One epoch over a few clips: the shape is what costs.</summary>
    private static ITransformerOwner Untrained(string output, string shape)
    {
        string clips = Path.Combine(output, "timeline-few");
        MotionDataset.Make(clips, 2, seed: 1);
        var ml = new MLContext(1);
        IDataView rows = ml.Data.LoadVideosFromDirectory(clips);
        VideoMaeConfig config = shape switch
        {
            "CpuTiny" => VideoMaeConfig.CpuTiny,
            "CpuSmall" => VideoMaeConfig.CpuSmall,
            _ => throw new ArgumentException($"There is no shape '{shape}'; there are CpuTiny and CpuSmall."),
        };
        return new ITransformerOwner(ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options
            {
                Config = config,
                PretrainedModel = "none",
                NumberOfEpochs = 1,
                BatchSize = 4,
            })).Fit(rows));
    }

    private static IEstimator<ITransformer> Pipeline(MLContext ml, string kind)
    {
        EstimatorChain<VideoLoadingTransformer> videos = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"));
        return kind == "motion"
            ? videos.Append(ml.Transforms.FeaturizeVideoMotion("Features", "Video"))
                .AppendCacheCheckpoint(ml)
                .Append(ml.Transforms.NormalizeMeanVariance("Features"))
                .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 0.1f))
            : videos.Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options { Seed = 1, NumberOfEpochs = 12 }));
    }

    private static void MakeStill(string folder)
    {
        var missing = Enumerable.Range(1, PerClass).Select(i => (Number: i, Path: Path.Combine(folder, $"{Nothing}{i}.mp4")))
            .Where(c => !File.Exists(c.Path)).Chunk(Mp4Writer.FilesPerRun);
        foreach ((int Number, string Path)[] run in missing)
            Mp4Writer.Write([.. run.Select(c => (new MotionClip("up", new Random(1000 + c.Number)).Render(1, MotionClip.Frames), c.Path))]);
    }

    private static Segment[] MakeRecording(string path, int seed)
    {
        var random = new Random(seed * 7919);
        var segments = new List<Segment>();
        var frames = new List<VideoFrames>();
        int at = 0;
        for (int i = 0; i < Segments; i++)
        {
            string label = MotionClip.Classes[random.Next(MotionClip.Classes.Length)];
            int moving = random.Next(2 * Rate, 6 * Rate), pause = random.Next(Rate, 4 * Rate);
            frames.Add(new MotionClip(label, random).Render(moving, moving + pause));
            segments.Add(new Segment(label, (double)at / Rate, (double)(at + moving) / Rate));
            at += moving + pause;
        }

        byte[] pixels = [.. frames.SelectMany(f => f.Pixels.ToArray())];
        if (!File.Exists(path))
            Mp4Writer.Write(new VideoFrames(pixels, at, MotionClip.Size, MotionClip.Size), path);
        return [.. segments];
    }

    /// <summary>Pairs of one class that overlap by half of what both cover together.</summary>
    private static (Segment, VideoSegment)[] Match(Segment[] truth, VideoSegment[] found) =>
        [.. truth.SelectMany(t => found.Where(f => f.Label == t.Label && Overlap(t, f) >= 0.5).Take(1).Select(f => (t, f)))];

    private static double Overlap(Segment one, VideoSegment other)
    {
        double start = other.Start.TotalSeconds, end = other.End.TotalSeconds;
        double both = Math.Min(one.End, end) - Math.Max(one.Start, start);
        return both <= 0 ? 0 : both / (Math.Max(one.End, end) - Math.Min(one.Start, start));
    }

    private static void MakeLong(string path, int seconds)
    {
        string minute = Path.ChangeExtension(path, ".minute.mp4"), part = Path.ChangeExtension(path, ".part.mp4");
        Ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=60", "-c:v", "libx264", "-preset", "veryfast", "-g", "50",
            "-pix_fmt", "yuv420p", minute);
        Ffmpeg("-stream_loop", "-1", "-i", minute, "-t", $"{seconds}", "-c", "copy", part);
        File.Move(part, path, overwrite: true);
        File.Delete(minute);
    }

    private static void Ffmpeg(params string[] arguments)
    {
        var start = new ProcessStartInfo("ffmpeg");
        foreach (string argument in (IEnumerable<string>)["-v", "error", "-y", .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException("ffmpeg could not make the recording.");
    }

    private static long Decoders() => Process.GetProcessesByName("ffmpeg").Sum(p =>
    {
        using (p)
            return p.HasExited ? 0 : p.PeakWorkingSet64;
    });
}
