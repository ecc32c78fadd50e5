// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Trains on the training clips of one class, and asks how well the reconstruction loss tells test clips of the other classes from test
/// clips of that one.
/// </summary>
internal static class AnomalyProof
{
    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public float Label { get; set; }
    }

    public static void Run(string title, SplitClip[] clips, int[] seeds, Func<VideoMaeAnomalyTrainer.Options> options)
    {
        Console.WriteLine(title);
        Console.WriteLine(
            "| usual class | seed | clips to train on | usual / unusual clips to test | area under the ROC curve | training |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (string usual in clips.Select(c => c.Label).Distinct().Order(StringComparer.Ordinal))
        {
            foreach (int seed in seeds)
                RunOne(clips, usual, seed, options());
        }
    }

    private static void RunOne(SplitClip[] clips, string usual, int seed, VideoMaeAnomalyTrainer.Options options)
    {
        var ml = new MLContext(seed);
        options.Seed = seed;
        SplitClip[] train = [.. clips.Where(c => !c.IsTest && c.Label == usual)], test = [.. clips.Where(c => c.IsTest)];
        var clock = Stopwatch.StartNew();
        using VideoMaeAnomalyTransformer model = ml.AnomalyDetection.Trainers.VideoMae(options).Fit(Rows(train));
        double seconds = clock.Elapsed.TotalSeconds;
        AnomalyDetectionMetrics metrics = ml.AnomalyDetection.Evaluate(model.Transform(Rows(test)));
        Console.WriteLine(
            FormattableString.Invariant(
                $"| {usual} | {seed} | {train.Length} | {test.Count(c => c.Label == usual)} / {test.Count(c => c.Label != usual)} | {metrics.AreaUnderRocCurve:0.000} | {seconds:0} s |"
            ));

        IDataView Rows(IEnumerable<SplitClip> rows) => ml.Data.LoadFromEnumerable(
            rows.Select(c => new Row { Video = MLVideo.CreateFromFile(c.Path), Label = c.Label == usual ? 0 : 1 }).ToArray());
    }
}
