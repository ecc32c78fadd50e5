// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Regression: learns to tell from a clip how fast something moves in it, in pixels a frame, whatever its direction and looks.
//
//   dotnet run -c Release --project samples/MotionSpeed
//   dotnet run -c Release --project samples/MotionSpeed -- --dataset clips.csv
//
// clips.csv has the columns path and speed. Without it clips are made in speed-output: a textured disc moves over a textured background.
using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

var dataset = new Option<string?>("--dataset") { Description = "A CSV file with the columns path and speed." };
var output = new Option<string>("--output")
{
    DefaultValueFactory = _ => "speed-output",
    Description = "Where clips and the model are written to."
};
var clips = new Option<int>("--clips") { DefaultValueFactory = _ => 480, Description = "How many clips are made." };
var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 40, Description = "How often the trainer sees each clip." };
var command = new RootCommand("Trains a model that tells from a clip how fast something moves in it.") { dataset, output, clips, epochs };
command.SetAction(options => Run(options.GetValue(dataset), options.GetValue(output)!, options.GetValue(clips), options.GetValue(epochs)));
return command.Parse(args).Invoke();

static void Run(string? dataset, string output, int clips, int epochs)
{
    var ml = new MLContext(seed: 1);
    IDataView videos = ml.Data.LoadVideosFromCsv(dataset ?? MotionDataset.MakeSpeeds(output, clips, seed: 1), labelColumnName: "speed");
    var split = ml.Data.TrainTestSplit(videos, testFraction: 0.2);
    var options = new VideoMaeRegressionTrainer.Options
    {
        // A tubelet of four frames shows a motion better than one of two, and small patches are enough for what moves a few pixels.
        Config = VideoMaeConfig.CpuTiny with { ImageSize = 32, PatchSize = 8, TubeletSize = 4, InitializerRange = 0.05 },
        NumberOfEpochs = epochs,
        // A crop that is enlarged changes the speed that is seen.
        MinCropArea = 1,
        MetricsCallback = metrics =>
            Console.WriteLine($"  epoch {metrics.Epoch,3}/{metrics.NumberOfEpochs}  loss {metrics.Loss:0.000}  {metrics.Elapsed:mm\\:ss}"),
    };
    // A list's columns are text; a label of regression is a number.
    var pipeline = ml.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.Single)
        .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
        .Append(ml.Regression.Trainers.VideoMae(options));
    Console.WriteLine("Training ...");
    using var model = pipeline.Fit(split.TrainSet);

    IDataView scored = model.Transform(split.TestSet);
    RegressionMetrics metrics = ml.Regression.Evaluate(scored);
    Console.WriteLine($"Clips not seen in training: R squared {metrics.RSquared:0.000}, mean absolute error " +
        $"{metrics.MeanAbsoluteError:0.000}");
    Console.WriteLine("  true  predicted");
    foreach (Row row in ml.Data.CreateEnumerable<Row>(scored, reuseRowObject: false).Take(8))
        Console.WriteLine($"  {row.Label,4:0.00}  {row.Score,4:0.00}  {row.VideoPath}");
    string path = Path.Combine(Directory.CreateDirectory(output).FullName, "speed.zip");
    ml.Model.Save(model, videos.Schema, path);
    Console.WriteLine($"Saved {path}.");
}

internal sealed class Row
{
    public string VideoPath { get; set; } = "";

    public float Label { get; set; }

    public float Score { get; set; }
}
