// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Anomaly detection: learns from videos of one class only what is usual, and finds the others by how badly it reconstructs them.
//
//   dotnet run -c Release --project samples/UnusualVideos
//   dotnet run -c Release --project samples/UnusualVideos -- --dataset clips --usual walk
//
// The data set has one folder of videos per class. Without one, clips of moving discs are made in unusual-output.
//
// A score also says how hard a video is to reconstruct, whatever was seen in training: where usual videos move more than the others, these
// get lower scores, and the area falls below a half. The mean score of every class is printed, so that this is seen.
using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

var dataset = new Option<string?>("--dataset") { Description = "A folder with one folder of videos per class." };
var usual = new Option<string>("--usual") { DefaultValueFactory = _ => "right", Description = "The class that is usual." };
var output = new Option<string>("--output")
{
    DefaultValueFactory = _ => "unusual-output",
    Description = "Where clips and the model are written to."
};
var clips = new Option<int>("--clips") { DefaultValueFactory = _ => 160, Description = "How many clips of a class are made." };
var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 300, Description = "How often the trainer sees each clip." };
var command = new RootCommand("Trains on videos of one class, and finds the others.") { dataset, usual, output, clips, epochs };
command.SetAction(options =>
    Run(options.GetValue(dataset), options.GetValue(usual)!, options.GetValue(output)!, options.GetValue(clips), options.GetValue(epochs)));
return command.Parse(args).Invoke();

static void Run(string? dataset, string usual, string output, int clips, int epochs)
{
    var ml = new MLContext(seed: 1);
    Directory.CreateDirectory(output);
    if (dataset is null)
        MotionDataset.Make(dataset = Path.Combine(output, "clips"), clips, seed: 1);
    // Label: the name of the class. IsUnusual: what the evaluator compares scores with.
    var marks = ml.Transforms.CustomMapping<Video, Mark>((video, mark) => mark.IsUnusual = video.Label == usual ? 0 : 1,
        contractName: null);
    IDataView videos = ml.Data.LoadVideosFromDirectory(dataset);
    var split = ml.Data.TrainTestSplit(marks.Fit(videos).Transform(videos), testFraction: 0.3);
    IDataView usualVideos = ml.Data.FilterRowsByColumn(split.TrainSet, "IsUnusual", upperBound: 0.5);

    var options = new VideoMaeAnomalyTrainer.Options
    {
        Config = VideoMaeConfig.CpuTiny with
        {
            ImageSize = 48,
            PatchSize = 8,
            TubeletSize = 4,
            InitializerRange = 0.05,
            NormPixLoss = false,
        },
        NumberOfEpochs = epochs,
        BatchSize = 8,
        LearningRate = 1e-3f,
        MaskRatio = 0.75f,
        NumberOfTestMasks = 8,
        MetricsCallback = metrics =>
        {
            if (metrics.Epoch % Math.Max(1, epochs / 10) == 0)
                Console.WriteLine($"  epoch {metrics.Epoch,3}/{metrics.NumberOfEpochs}  loss " +
                    $"{metrics.Loss:0.0000}  {metrics.Elapsed:mm\\:ss}");
        },
    };
    Console.WriteLine($"Learning what is usual from {usualVideos.GetColumn<string>("Label").Count()} videos of '{usual}' ...");
    var load = ml.Transforms.LoadVideos("Video", "VideoPath");
    using var model = load.Append(ml.AnomalyDetection.Trainers.VideoMae(options)).Fit(usualVideos);

    IDataView scored = model.Transform(split.TestSet);
    AnomalyDetectionMetrics metrics = ml.AnomalyDetection.Evaluate(scored, labelColumnName: "IsUnusual");
    Console.WriteLine("Videos not seen in training: area under the ROC curve " +
        $"{metrics.AreaUnderRocCurve:0.000} (0.5 is chance, 1 is perfect)");
    foreach (var group in ml.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false).GroupBy(row => row.Label)
        .OrderBy(group => group.Average(row => row.Score)))
        Console.WriteLine($"  {group.Key,-20} mean score {group.Average(row => row.Score):0.0000}, " +
            $"{group.Count(row => row.PredictedLabel)} of {group.Count()} called unusual");
    ml.Model.Save(model, ml.Data.LoadVideosFromDirectory(dataset).Schema, Path.Combine(output, "unusual.zip"));
    Console.WriteLine($"Saved {Path.Combine(output, "unusual.zip")}.");
}

internal class Video
{
    public string Label { get; set; } = "";
}

internal sealed class Mark
{
    public float IsUnusual { get; set; }
}

internal sealed class Scored : Video
{
    public bool PredictedLabel { get; set; }

    public float Score { get; set; }
}
