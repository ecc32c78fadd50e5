// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Loads a trained model and predicts one video. It names no type of Microsoft.ML.VideoMae: the model file brings what it needs.
//
//   dotnet run -c Release --project samples/PredictVideo -- demo-output/actions.zip clip.mp4
//
// The model is a .zip that build/demo.sh, 'videomae train' or a program like that in README.md wrote.
using System;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;

if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: PredictVideo MODEL.zip VIDEO");
    return 2;
}

try
{
    var ml = new MLContext();
    ITransformer model = ml.Model.Load(args[0], out DataViewSchema schema);
    using var engine = ml.Model.CreatePredictionEngine<VideoInput, VideoPrediction>(model, schema);
    VideoPrediction prediction = engine.Predict(new VideoInput { VideoPath = args[1] });

    VBuffer<ReadOnlyMemory<char>> names = default;
    engine.OutputSchema["Score"].GetSlotNames(ref names);
    Console.WriteLine($"{args[1]}: {prediction.PredictedLabel}");
    foreach ((ReadOnlyMemory<char> name, float score) in names.DenseValues().Zip(prediction.Score).OrderByDescending(pair => pair.Second))
        Console.WriteLine($"  {name,-20} {score:0.000000}");
    return 0;
}
catch (Exception e)
{
    // A model that is missing or broken, a video that cannot be read: the messages say what and why.
    Console.Error.WriteLine(e.Message);
    return 1;
}

internal sealed class VideoInput
{
    public string VideoPath { get; set; } = "";

    public string Label { get; set; } = "";
}

internal sealed class VideoPrediction
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}
