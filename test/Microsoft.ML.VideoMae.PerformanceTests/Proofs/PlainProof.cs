// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// What features without training and a linear model reach: the recipe of docs/plain-models.md, with the seconds of its two parts. Test
/// rows are read once.
/// </summary>
internal static class PlainProof
{
    private const int Folds = 5;
    private static readonly string[] s_cells = ["motion-4", "motion-16", "motion-120", "weizmann4-all", "tank-wagon", "tank-wagon-camera"];
    private static readonly float[] s_strengths = [0.1f, 1, 10, 100, 1000, 10000];

    private static readonly (string Name, Func<MLContext, IEstimator<ITransformer>> Create)[] s_features =
    [
        ("pixels", ml => ml.Transforms.FeaturizeVideoPixels("Features", "Video")),
        ("motion", ml => ml.Transforms.FeaturizeVideoMotion("Features", "Video")),
        ("images", ml => ml.Transforms.FeaturizeVideoImages("Features", "Video")),
        ("quarters", ml => ml.Transforms.FeaturizeVideoImages("Features", "Video", numberOfFrames: 4, cells: FrameCells.TwoByTwo)),
    ];

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";

        public string Group { get; set; } = "";

        public float Weight { get; set; }
    }

    /// <summary>Runs cells.</summary>
    /// <param name="clips">The clips of a cell.</param>
    /// <param name="cells">Their names; null for all.</param>
    /// <param name="features">Which features; null for all.</param>
    public static void Run(Func<string, SplitClip[]> clips, IReadOnlyList<string>? cells, IReadOnlyList<string>? features)
    {
        PrintHeader();
        foreach (string cell in cells ?? s_cells)
        {
            SplitClip[] all = clips(cell);
            foreach ((string name, Func<MLContext, IEstimator<ITransformer>> create) in s_features)
            {
                if (features?.Contains(name) != false)
                    RunOne(cell, name, all, create);
            }
        }
    }

    /// <summary>The same with features of the shipped weights, which are not trained.</summary>
    /// <param name="clips">The clips of a cell.</param>
    /// <param name="cells">Their names; null for all.</param>
    public static void RunFrozen(Func<string, SplitClip[]> clips, IReadOnlyList<string>? cells)
    {
        PrintHeader();
        foreach (string cell in cells ?? s_cells)
        {
            SplitClip[] all = clips(cell);
            foreach (VideoMaePooling pooling in Enum.GetValues<VideoMaePooling>())
            {
                RunOne(
                    cell, $"shipped weights, {pooling}", all,
                    ml => ml.Transforms.VideoMaeFeatures("Features", "Video", pretrainedModel: null, pooling: pooling));
            }
        }
    }

    private static void PrintHeader()
    {
        Console.WriteLine("| cell | features | clips | L2 | log-loss, out of fold | accuracy | balanced | features, s | fits, s |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    }

    private static void RunOne(string cell, string name, SplitClip[] clips, Func<MLContext, IEstimator<ITransformer>> features)
    {
        var ml = new MLContext(seed: 1);
        IDataView training = Rows(ml, clips, isTest: false), test = Rows(ml, clips, isTest: true);
        var clock = Stopwatch.StartNew();
        ITransformer front = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(features(ml))
            .Append(ml.Transforms.DropColumns("Video"))
            .Fit(training);
        IDataView described = Kept(ml, front.Transform(training)),
            unseen = Kept(ml, front.Transform(test));
        double featureSeconds = clock.Elapsed.TotalSeconds;
        clock.Restart();
        (float strength, double logLoss) = s_strengths
            .Select(l2 =>
                (l2, ml.MulticlassClassification.CrossValidate(described, Linear(ml, l2), Folds, samplingKeyColumnName: "Group")
                        .Average(fold => fold.Metrics.LogLoss)))
            .MinBy(c => c.Item2);
        ITransformer model = Linear(ml, strength).Fit(described);
        double seconds = clock.Elapsed.TotalSeconds;
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(unseen));
        Console.WriteLine(
            FormattableString.Invariant(
                $"| {cell} | {name} | {clips.Count(c => !c.IsTest)} + {clips.Count(c => c.IsTest)} | {strength} | {logLoss:0.000} | ")
                + FormattableString.Invariant(
                    $"{metrics.MicroAccuracy:0.000} | {metrics.MacroAccuracy:0.000} | {featureSeconds:0.0} | {seconds:0.0} |"));
    }

    private static IEstimator<ITransformer> Linear(MLContext ml, float l2) =>
        ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(ml.Transforms.Expression("Features", "x => min(8f, max(-8f, x))", "Features"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                ExampleWeightColumnName = "Weight",
                L1Regularization = 0,
                L2Regularization = l2,
                OptimizationTolerance = 1e-5f,
                MaximumNumberOfIterations = 300,
                NumberOfThreads = 1,
            }));

    private static IDataView Rows(MLContext ml, SplitClip[] clips, bool isTest)
    {
        SplitClip[] training = [.. clips.Where(c => !c.IsTest)];
        // Few labels may all be of one group. Then folds take clips apart, which tells less: it only chooses how much to regularise.
        bool hasGroups = training.DistinctBy(c => c.Group).Count() >= Folds;
        Dictionary<string, int> counts = training.GroupBy(c => c.Label).ToDictionary(g => g.Key, g => g.Count());
        return ml.Data.LoadFromEnumerable(clips.Where(c => c.IsTest == isTest).Select(c => new Row
        {
            Video = MLVideo.CreateFromFile(c.Path),
            Label = c.Label,
            Group = hasGroups ? c.Group : c.Path,
            Weight = (float)training.Length / (counts.Count * counts[c.Label]),
        }));
    }

    /// <summary>Reads every row once and keeps it.</summary>
    private static IDataView Kept(MLContext ml, IDataView data)
    {
        IDataView kept = ml.Data.Cache(data);
        _ = kept.GetColumn<float[]>("Features").Count();
        return kept;
    }
}
