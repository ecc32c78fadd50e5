// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// The whole way: videos in folders become a trained model, which is evaluated, saved, and loaded by another program.
//
//   build/demo.sh                   makes its own data set: six classes that only motion can tell apart
//   build/demo.sh --dataset DIR     takes yours: one folder of videos per class
//   build/demo.sh --from-scratch    trains without the weights of Microsoft.ML.VideoMae.Weights, for longer
using System;
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
catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or FormatException or VideoReadException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

internal static class Demo
{
    /// <summary>Enough from the shipped weights, whose head learns from frozen features first (docs/weights.md).</summary>
    private const int FewSteps = 90;

    public static int Run(DemoOptions options)
    {
        var clock = Stopwatch.StartNew();
        Directory.CreateDirectory(options.Output);
        var ml = new MLContext(options.Seed);
        ml.Log += PrintStart;
        (IDataView train, IDataView test) = DemoData.Load(ml, options);

        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(TrainerOptions(options, Count(train))))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        Console.WriteLine($"Training on {Count(train)} clips ...");
        using var model = pipeline.Fit(train);

        IDataView scored = model.Transform(test);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(scored, topKPredictionCount: 2);
        Console.WriteLine($"{Count(test)} clips not seen in training: accuracy {metrics.MicroAccuracy:0.000} " +
            $"(mean over classes {metrics.MacroAccuracy:0.000}, among the two best " +
            $"{metrics.TopKAccuracy:0.000}), log-loss {metrics.LogLoss:0.000}");
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());

        string picture = Path.Combine(options.Output, "predictions.svg"), path = Path.Combine(options.Output, "actions.zip");
        ScoredClip[] clips = ScoredClip.Read(ml, scored, test);
        PredictionPicture.Write(picture, clips);
        ml.Model.Save(model, train.Schema, path);
        Console.WriteLine("With every frame replaced by the middle one, so that nothing moves: accuracy " +
            $"{StillAccuracy(ml, path, clips):0.000}");
        Console.WriteLine($"Drew {picture}.");
        Console.WriteLine($"Saved {path} ({new FileInfo(path).Length / 1024} KiB) after {clock.Elapsed.TotalSeconds:0} s.");
        return Predict(options.Predictor, path, clips[0].VideoPath);
    }

    // What is left of the accuracy here is what single frames give away; the rest is motion.
    private static double StillAccuracy(MLContext ml, string path, ScoredClip[] clips)
    {
        using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(path);
        return VideoReader.Default.ReadMany(clips.Select(c => MLVideo.CreateFromFile(c.VideoPath)), new UniformFrameSampler(1))
            .Zip(clips)
            .Average(p => model.Predict(MLVideo.CreateFromFrames(p.First.Frames))[0].Key == p.Second.Label ? 1.0 : 0);
    }

    /// <summary>
    /// Neither PretrainedModel nor Config: the trainer starts from the weights of Microsoft.ML.VideoMae.Weights, which this project
    /// copies beside the program, and chooses frames and augmentation that suit them. They need few steps.
    /// </summary>
    private static VideoMaeTrainer.Options TrainerOptions(DemoOptions options, int clips)
    {
        if (options.FromScratch)
            return FromScratch(options);
        int batch = new VideoMaeTrainer.Options().BatchSize;
        return new VideoMaeTrainer.Options
        {
            NumberOfEpochs = options.Epochs ?? Math.Clamp(FewSteps * batch / clips, 1, 60),
            Precision = ComputePrecision.Auto,
            MetricsCallback = Print,
        };
    }

    /// <summary>
    /// Small frames and small patches: what a patch has to learn of motion is little, and the same everywhere. A tubelet of four frames
    /// shows the direction of a motion better than one of two.
    /// </summary>
    private static VideoMaeTrainer.Options FromScratch(DemoOptions options) => new()
    {
        PretrainedModel = "none",
        Config = VideoMaeConfig.CpuTiny with { ImageSize = 32, PatchSize = 8, TubeletSize = 4, InitializerRange = 0.05 },
        NumberOfEpochs = options.Epochs ?? 40,
        MinCropArea = 0.6f,
        MaxCropRatio = 1,
        MetricsCallback = Print,
    };

    // The first epoch decodes the clips and later ones do not: only then is it known how long the rest takes.
    private static void Print(VideoMaeMetrics metrics) => Console.WriteLine(
        $"  epoch {metrics.Epoch,3}/{metrics.NumberOfEpochs}  loss {metrics.Loss:0.000}  accuracy {metrics.Accuracy:0.000}  " +
        $"{metrics.ClipsPerSecond,4:0} clips/s  " +
        $"{metrics.Elapsed:mm\\:ss}{(metrics.Epoch > 2 ? $", {metrics.Remaining:mm\\:ss} to go" : "")}");

    /// <summary>What the model starts from, with the licence of the weights.</summary>
    private static void PrintStart(object? sender, LoggingEventArgs log)
    {
        if (log.RawMessage.StartsWith("No PretrainedModel was given", StringComparison.Ordinal))
            Console.WriteLine(log.RawMessage);
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

    private static int Count(IDataView data) => data.GetColumn<string>("Label").Count();
}
