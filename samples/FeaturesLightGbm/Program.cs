// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// A frozen VideoMAE encoder makes features of videos, and another trainer of ML.NET, LightGBM, learns from them: no network is trained, so
// this takes little more than the time to run each video through the encoder once.
//
//   dotnet run -c Release --project samples/FeaturesLightGbm -- MCG-NJU/videomae-base-finetuned-kinetics dataset
//
// MODEL is a hub id, a checkpoint's folder or file, or a .zip that a trainer of this
// package saved; DATASET has one folder of videos per class.
using System;
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;
using Microsoft.ML.VideoMae;

if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: FeaturesLightGbm MODEL DATASET");
    return 2;
}

try
{
    var ml = new MLContext(seed: 1);
    var split = ml.Data.TrainTestSplit(ml.Data.LoadVideosFromDirectory(args[1]), testFraction: 0.25);
    var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
        .Append(ml.Transforms.VideoMaeFeatures("Features", "Video", args[0]))
        // Trainers may read their data more than once; videos are to be decoded and encoded only once.
        .AppendCacheCheckpoint(ml)
        .Append(ml.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
        {
            // LightGBM's own defaults are for thousands of rows.
            MinimumExampleCountPerLeaf = 2,
            NumberOfIterations = 100,
            Seed = 1,
        }))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    using var model = pipeline.Fit(split.TrainSet);
    MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
    Console.WriteLine($"Videos not seen in training: micro-accuracy {metrics.MicroAccuracy:0.000}, log-loss {metrics.LogLoss:0.000}");
    Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or InvalidOperationException or VideoReadException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
