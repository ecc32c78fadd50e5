// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Classifies videos with a model that SaveOnnx, or 'videomae convert --to onnx', wrote: ML.NET's ApplyOnnxModel does the arithmetic, and
// this package only reads the videos.
//
//   dotnet run -c Release --project samples/OnnxScoring -- model.onnx clip.mp4
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Onnx;
using Microsoft.ML.VideoMae;

if (args.Length < 2)
{
    Console.Error.WriteLine("Usage: OnnxScoring MODEL.onnx VIDEO...");
    return 2;
}

(int[] shape, IReadOnlyDictionary<string, string> metadata) = ReadModel(args[0]);
string[] labels = JsonSerializer.Deserialize<string[]>(metadata["labels"])!;
string processor = Directory.CreateTempSubdirectory("onnx-scoring-").FullName;
try
{
    File.WriteAllText(Path.Combine(processor, "preprocessor_config.json"), metadata["preprocessor_config"]);
    var ml = new MLContext();
    IDataView videos = ml.Data.LoadFromEnumerable(args.Skip(1).Select(path => new VideoInput { VideoPath = path }));
    var pipeline = ml.Transforms.LoadVideos("Video", "VideoPath")
        .Append(ml.Transforms.ExtractVideoPixels(new VideoPixelExtractingEstimator.Options
        {
            OutputColumnName = "pixel_values",
            NumFrames = shape[1],
            ImageHeight = shape[3],
            ImageWidth = shape[4],
            ProcessorPath = processor,
            Sampler = FrameSampler.Parse(metadata["frame_sampling"]),
        }))
        .Append(ml.Transforms.ApplyOnnxModel(new OnnxOptions
        {
            ModelFile = args[0],
            InputColumns = ["pixel_values"],
            OutputColumns = ["probabilities"],
            // One clip at a time: the batch is open in the model.
            ShapeDictionary = new Dictionary<string, int[]> { ["pixel_values"] = [1, .. shape.Skip(1)] },
        }));
    IDataView scored = pipeline.Fit(videos).Transform(videos);
    foreach (VideoScores row in ml.Data.CreateEnumerable<VideoScores>(scored, reuseRowObject: false))
    {
        Console.WriteLine($"{row.VideoPath}: {labels[Array.IndexOf(row.Probabilities, row.Probabilities.Max())]}");
        foreach ((string label, float probability) in labels.Zip(row.Probabilities).OrderByDescending(pair => pair.Second))
            Console.WriteLine($"  {label,-20} {probability:0.000000}");
    }
}
finally
{
    Directory.Delete(processor, recursive: true);
}

return 0;

// The input's shape, [batch, frames, channels, height, width], and what is written beside the graph.
static (int[] Shape, IReadOnlyDictionary<string, string> Metadata) ReadModel(string path)
{
    using var session = new InferenceSession(path);
    return (session.InputMetadata["pixel_values"].Dimensions, session.ModelMetadata.CustomMetadataMap);
}

internal sealed class VideoInput
{
    public string VideoPath { get; set; } = "";
}

internal sealed class VideoScores
{
    public string VideoPath { get; set; } = "";

    [Microsoft.ML.Data.ColumnName("probabilities")]
    public float[] Probabilities { get; set; } = [];
}
