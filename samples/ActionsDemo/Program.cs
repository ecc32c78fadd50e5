// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ActionsDemo;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;

try
{
    return Demo.Run(DemoOptions.Parse(args));
}
catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

/// <summary>Videos in folders become a trained model, which is evaluated, saved, and loaded by another program.</summary>
internal static class Demo
{
    private sealed class VideoRow
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class ScoredRow
    {
        public string VideoPath { get; set; } = "";

        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    public static int Run(DemoOptions options)
    {
        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(options.Output);
        var ml = new MLContext(options.Seed);
        (IDataView train, IDataView test) = options.Dataset is null ? MakeClips(ml, options) : SplitFolder(ml, options.Dataset);

        var trainerOptions = new VideoMaeTrainer.Options
        {
            Config = DemoConfig(),
            NumberOfEpochs = options.Epochs ?? 40,
            MinCropArea = 0.6f,
            MaxCropRatio = 1,
            MetricsCallback = metrics => Console.WriteLine($"  {metrics}"),
        };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(trainerOptions))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        Console.WriteLine($"Training on {Count(train)} clips ...");
        var model = pipeline.Fit(train);

        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(test), topKPredictionCount: 2);
        Console.WriteLine($"{Count(test)} clips not seen in training:");
        Print(metrics);

        IDataView still = Freeze(ml, test, Path.Combine(options.Output, "still"));
        MulticlassClassificationMetrics frozen = ml.MulticlassClassification.Evaluate(model.Transform(still));
        Console.WriteLine($"The same clips with every frame replaced by the middle one: micro-accuracy {frozen.MicroAccuracy:0.000}.");

        string picture = Path.Combine(options.Output, "predictions.svg");
        PredictionPicture.Write(picture, OnePerClass(ml, model, test));

        string path = Path.Combine(options.Output, "actions.zip");
        ml.Model.Save(model, train.Schema, path);
        Console.WriteLine($"Drew {picture}.");
        Console.WriteLine($"Saved {path} ({new FileInfo(path).Length / 1024} KiB) after {clock.Elapsed.TotalSeconds:0} s.");
        return Predict(options.Predictor, path, Rows(ml, test)[0].VideoPath);
    }

    private static (IDataView Train, IDataView Test) MakeClips(MLContext ml, DemoOptions options)
    {
        string train = Path.Combine(options.Output, "train"), test = Path.Combine(options.Output, "test");
        Console.WriteLine($"Making clips in {options.Output} ...");
        DemoData.Make(train, options.Clips, seed: 1);
        DemoData.Make(test, clipsPerClass: 30, seed: 2);
        return (ml.Data.LoadVideosFromDirectory(train), ml.Data.LoadVideosFromDirectory(test));
    }

    private static (IDataView Train, IDataView Test) SplitFolder(MLContext ml, string folder)
    {
        var split = ml.Data.TrainTestSplit(ml.Data.LoadVideosFromDirectory(folder), testFraction: 0.25);
        return (split.TrainSet, split.TestSet);
    }

    /// <summary>
    /// Small frames and small patches: what a patch has to learn of motion is little, and the same everywhere. A tubelet of four frames
    /// shows the direction of a motion better than one of two.
    /// </summary>
    private static VideoMaeConfig DemoConfig() => VideoMaeTrainer.Defaults.Config with
    {
        ImageSize = 32,
        PatchSize = 8,
        TubeletSize = 4,
        InitializerRange = 0.05,
    };

    private static void Print(MulticlassClassificationMetrics metrics)
    {
        Console.WriteLine($"  micro-accuracy {metrics.MicroAccuracy:0.000}, macro-accuracy {metrics.MacroAccuracy:0.000}, " +
            $"log-loss {metrics.LogLoss:0.000}, top-2 accuracy {metrics.TopKAccuracy:0.000}");
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }

    private static IDataView Freeze(MLContext ml, IDataView test, string folder)
    {
        Directory.CreateDirectory(folder);
        var rows = new List<VideoRow>();
        foreach (VideoRow row in Rows(ml, test))
        {
            string path = Path.Combine(folder, $"{rows.Count + 1}.mp4");
            DemoData.Freeze(row.VideoPath, path);
            rows.Add(new VideoRow { VideoPath = path, Label = row.Label });
        }

        return ml.Data.LoadFromEnumerable(rows);
    }

    private static List<(string, string, string, float)> OnePerClass(MLContext ml, ITransformer model, IDataView test)
    {
        const int LargestPicture = 8;
        IEnumerable<ScoredRow> scored = ml.Data.CreateEnumerable<ScoredRow>(model.Transform(test), reuseRowObject: false);
        return [.. scored.DistinctBy(r => r.VideoPath.Split(Path.DirectorySeparatorChar)[^2]).Take(LargestPicture)
            .Select(r => (r.VideoPath, r.VideoPath.Split(Path.DirectorySeparatorChar)[^2], r.PredictedLabel, r.Score.Max()))];
    }

    private static int Predict(string? predictor, string model, string video)
    {
        if (predictor is null)
            return 0;
        Console.WriteLine($"A second program loads it: PredictVideo {model} {video}");
        using Process process = Process.Start("dotnet", [predictor, model, video]);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static VideoRow[] Rows(MLContext ml, IDataView data) => [.. ml.Data.CreateEnumerable<VideoRow>(data, reuseRowObject: false, ignoreMissingColumns: true)];

    private static int Count(IDataView data) => data.GetColumn<string>("Label").Count();
}
