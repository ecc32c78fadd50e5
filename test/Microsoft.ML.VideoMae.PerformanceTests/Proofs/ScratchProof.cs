// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Trains from scratch on one side of a data set's split and evaluates the other, for several seeds; then evaluates the same clips
/// with every frame replaced by the middle one, which shows how much of the result is motion.
/// </summary>
internal static class ScratchProof
{
    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private sealed record Result(int Seed, double Accuracy, double Balanced, double LogLoss, double Still, double Seconds);

    public static void Run(string title, SplitClip[] clips, int[] seeds, Func<int, VideoMaeTrainer.Options> options)
    {
        Console.WriteLine($"{title}: {clips.Count(c => !c.IsTest)} clips to train on, {clips.Count(c => c.IsTest)} to test.");
        Result[] results = [.. seeds.Select(seed => RunSeed(clips, seed, options(seed)))];
        Console.WriteLine();
        Console.WriteLine("| seed | accuracy | balanced accuracy | accuracy, every frame the middle one | training |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (Result r in results)
            Console.WriteLine(FormattableString.Invariant($"| {r.Seed} | {r.Accuracy:0.000} | {r.Balanced:0.000} | {r.Still:0.000} | {r.Seconds:0} s |"));
        Console.WriteLine(FormattableString.Invariant(
            $"| mean | {results.Average(r => r.Accuracy):0.000} | {results.Average(r => r.Balanced):0.000} | {results.Average(r => r.Still):0.000} | {results.Average(r => r.Seconds):0} s |"));
    }

    private static Result RunSeed(SplitClip[] clips, int seed, VideoMaeTrainer.Options options)
    {
        var ml = new MLContext(seed);
        options.MetricsCallback = m =>
        {
            if (m.Epoch % 5 == 0 || m.Epoch == 1)
                Console.WriteLine($"  seed {seed} {m}");
        };
        var clock = Stopwatch.StartNew();
        var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.VideoMae(options))
            .Fit(ml.Data.LoadFromEnumerable(clips.Where(c => !c.IsTest).Select(c => ToRow(c, still: false))));
        double seconds = clock.Elapsed.TotalSeconds;
        MulticlassClassificationMetrics metrics = Evaluate(still: false);
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
        var result = new Result(
            seed, metrics.MicroAccuracy, metrics.MacroAccuracy, metrics.LogLoss, Evaluate(still: true).MicroAccuracy, seconds);
        model.LastTransformer.Dispose();
        Console.WriteLine($"  {result}");
        return result;

        MulticlassClassificationMetrics Evaluate(bool still) => ml.MulticlassClassification.Evaluate(
            model.Transform(ml.Data.LoadFromEnumerable(clips.Where(c => c.IsTest).Select(c => ToRow(c, still)))));
    }

    private static Row ToRow(SplitClip clip, bool still) => new() { Video = Video(clip, still), Label = clip.Label };

    /// <summary>A clip, or its middle frame again and again.</summary>
    internal static MLVideo Video(SplitClip clip, bool still)
    {
        MLVideo video = MLVideo.CreateFromFile(clip.Path);
        return still ? Freeze(video) : video;
    }

    private static MLVideo Freeze(MLVideo video)
    {
        VideoFrames frames = VideoReader.Default.ReadAll(video);
        const int Copies = 16;
        byte[] still = [.. Enumerable.Repeat(frames.Frame(frames.Count / 2).ToArray(), Copies).SelectMany(f => f)];
        return MLVideo.CreateFromFrames(new VideoFrames(still, Copies, frames.Height, frames.Width));
    }
}
