// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Many videos without labels, and few with: pre-trains a model on all of them, fine-tunes it on the few, and compares it with one that is
// trained on the few from scratch.
//
//   dotnet run -c Release --project samples/PretrainThenFineTune
//   dotnet run -c Release --project samples/PretrainThenFineTune -- --videos folder --dataset labelled
//
// --videos is a folder with videos anywhere in it, --dataset has one folder of videos per class. Without them, clips of moving discs are
// made in pretrain-output.
using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

var videos = new Option<string?>("--videos") { Description = "A folder of videos without labels." };
var dataset = new Option<string?>("--dataset") { Description = "A folder with one folder of videos per class." };
var output = new Option<string>("--output")
{
    DefaultValueFactory = _ => "pretrain-output",
    Description = "Where clips and models are written to."
};
var clips = new Option<int>("--clips") { DefaultValueFactory = _ => 1200, Description = "How many clips without labels are made." };
var labelled = new Option<int>("--labelled")
{
    DefaultValueFactory = _ => 40,
    Description = "How many clips of each class with labels are made; half of them is for testing."
};
var epochs = new Option<int>("--epochs")
{
    DefaultValueFactory = _ => 60,
    Description = "How often pre-training and fine-tuning see each clip."
};
var command = new RootCommand("Pre-trains on videos without labels and fine-tunes on few with labels.")
{
    videos, dataset, output, clips, labelled, epochs
};
command.SetAction(options =>
{
    string folder = Directory.CreateDirectory(options.GetValue(output)!).FullName;
    string unlabelled = options.GetValue(videos)
        ?? Make(Path.Combine(folder, "unlabelled"), options.GetValue(clips) / MotionClip.Classes.Length, seed: 1);
    string few = options.GetValue(dataset) ?? Make(Path.Combine(folder, "labelled"), options.GetValue(labelled), seed: 2);
    PretrainThenFineTune.Run(unlabelled, few, folder, options.GetValue(epochs));
});
return command.Parse(args).Invoke();

static string Make(string folder, int clipsPerClass, int seed)
{
    MotionDataset.Make(folder, clipsPerClass, seed);
    return folder;
}

internal static class PretrainThenFineTune
{
    private static readonly string[] s_extensions = [".mp4", ".mkv", ".avi", ".mov", ".webm"];

    // Both models have the same shape: 16 frames of 32x32 in 64 tokens.
    private static readonly VideoMaeConfig s_config = VideoMaeConfig.CpuTiny with
    {
        ImageSize = 32,
        PatchSize = 8,
        TubeletSize = 4,
        InitializerRange = 0.05,
    };

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";
    }

    public static void Run(string unlabelled, string labelled, string output, int epochs)
    {
        var ml = new MLContext(seed: 1);
        string pretrained = Path.Combine(output, "pretrained.zip");
        Pretrain(ml, unlabelled, pretrained, epochs);
        var split = ml.Data.TrainTestSplit(ml.Data.LoadVideosFromDirectory(labelled), testFraction: 0.5);
        Console.WriteLine("Fine-tuning it on few videos with labels ...");
        double fineTuned = Train(ml, split, pretrained, epochs);
        Console.WriteLine("Training the same network on them from scratch ...");
        double scratch = Train(ml, split, null, epochs);
        Console.WriteLine($"Videos not seen in training: accuracy {fineTuned:0.000} with pre-training, {scratch:0.000} from scratch");
    }

    private static void Pretrain(MLContext ml, string folder, string path, int epochs)
    {
        Row[] rows = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => s_extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).Select(file => new Row { VideoPath = file })];
        Console.WriteLine($"Pre-training on {rows.Length} videos without labels ...");
        IDataView videos = ml.Data.LoadFromEnumerable(rows);
        using var model = ml.Transforms.LoadVideos("Video", "VideoPath")
            .Append(ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
            {
                Config = s_config,
                NumberOfEpochs = epochs,
                BatchSize = 16,
                // 16 patches a frame: hiding nine tenths of them, as larger models do, would leave two.
                Masking = VideoMaskingStrategy.Random,
                MaskRatio = 0.6f,
                MetricsCallback = metrics => Progress(metrics.Epoch, metrics.NumberOfEpochs, $"loss {metrics.Loss:0.0000}"),
            }))
            .Fit(videos);
        ml.Model.Save(model, videos.Schema, path);
        Console.WriteLine($"Saved {path}.");
    }

    private static double Train(MLContext ml, DataOperationsCatalog.TrainTestData split, string? pretrained, int epochs)
    {
        using var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options
            {
                PretrainedModel = pretrained,
                Config = pretrained is null ? s_config : null,
                FineTuning = FineTuningMode.Full,
                NumberOfEpochs = epochs,
                LearningRate = 5e-4f,
                MinCropArea = 0.6f,
                MaxCropRatio = 1,
                MetricsCallback = metrics => Progress(metrics.Epoch, metrics.NumberOfEpochs, $"loss {metrics.Loss:0.0000}"),
            }))
            .Fit(split.TrainSet);
        return ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet)).MicroAccuracy;
    }

    private static void Progress(int epoch, int epochs, string what)
    {
        if (epoch % Math.Max(1, epochs / 5) == 0)
            Console.WriteLine($"  epoch {epoch,3}/{epochs}  {what}");
    }
}
