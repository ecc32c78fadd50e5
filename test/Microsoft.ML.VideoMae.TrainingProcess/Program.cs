// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;

// Trains on a folder of videos and writes the weights: for tests that kill it. Arguments: data set, workspace, output folder.
var ml = new MLContext(1);
IDataView data = ml.Data.LoadVideosFromDirectory(args[0]);
var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
    .Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options
    {
        Config = new VideoMaeConfig
        {
            ImageSize = 16,
            PatchSize = 8,
            NumFrames = 4,
            HiddenSize = 64,
            NumHiddenLayers = 2,
            NumAttentionHeads = 2,
            IntermediateSize = 128,
        },
        NumberOfEpochs = 60,
        BatchSize = 2,
        EmaDecay = 0.99f,
        ValidationFraction = 0.2f,
        WorkspacePath = args[1],
        StateInterval = 0,
        StepCallback = m => Console.WriteLine(m.Step),
    }));
pipeline.Fit(data).LastTransformer.SavePretrained(args[2]);
