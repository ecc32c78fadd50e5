// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Classifies a video with a fine-tuned VideoMAE checkpoint as Hugging Face publishes it, without any training.
//
//   dotnet run -c Release --project samples/HuggingFaceModel -- MCG-NJU/videomae-base-finetuned-kinetics clip.mp4
//
// A hub id is looked up in the Hugging Face cache and downloaded if it is missing (HF_HOME, HF_TOKEN and HF_HUB_OFFLINE are honoured). A
// folder with config.json and model.safetensors works too, and so does a file of the original repository (.pth). The third argument, a
// .zip, saves the model in ML.NET's format, so that a program like samples/PredictVideo loads it.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

if (args.Length is not (2 or 3))
{
    Console.Error.WriteLine("Usage: HuggingFaceModel MODEL VIDEO [MODEL.zip]");
    return 2;
}

try
{
    var ml = new MLContext();
    using VideoMaeClassificationTransformer model = ml.Model.LoadVideoMae(args[0]);
    Console.WriteLine($"{args[0]}: {model.Config.NumHiddenLayers} blocks of width {model.Config.HiddenSize}, {model.Config.NumFrames} " +
        $"frames of {model.Config.ImageSize}");
    foreach ((string label, float probability) in model.Predict(MLVideo.CreateFromFile(args[1]), count: 5))
        Console.WriteLine($"  {label,-30} {probability:0.000000}");
    if (args.Length == 3)
        Save(ml, model, args[2]);
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or VideoReadException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// The checkpoint becomes the middle of a pipeline that goes from the path of a video to the name of a class.
static void Save(MLContext ml, VideoMaeClassificationTransformer model, string path)
{
    IDataView rows = ml.Data.LoadFromEnumerable(new List<Row>());
    var load = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(rows);
    var name = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(model.Transform(load.Transform(rows)));
    ml.Model.Save(load.Append(model).Append(name), rows.Schema, path);
    Console.WriteLine($"Saved {path}.");
}

internal sealed class Row
{
    public string VideoPath { get; set; } = "";

    public string Label { get; set; } = "";
}
