// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;

// Trains or pre-trains on a folder of videos and writes the weights: for tests that kill it. Arguments: train or pretrain, data set,
// workspace, output folder. A state is written after every step, and a line after every step of training and every epoch of pre-training.
// For tests of several processes: curve-train or curve-pretrain, data set, output folder, and options such as BatchSize=6;
// exchange and an output folder; add, an output folder, and how many numbers are added up.
// products=oneDNN, anywhere, has blocks multiply by oneDNN. What a process measures must not decide: runs are compared.
const string OneDnnProducts = "products=oneDNN";
ProductSpeeds.Assumed.Value = args.Contains(OneDnnProducts) ? new ProductSpeeds(1, 2, 2) : new ProductSpeeds(1, 1, 1);
args = [.. args.Where(argument => argument != OneDnnProducts)];
if (args[0].StartsWith("curve-", StringComparison.Ordinal))
{
    Curve.Run(args[0] == "curve-train", args[1], args[2], args[3..]);
    return;
}

if (args is ["exchange", string exchanges])
{
    ExchangeProof.Run(exchanges);
    return;
}

if (args is ["add", string sums, .. string[] lengths])
{
    ExchangeProof.Add(sums, lengths.Select(int.Parse));
    return;
}

var config = new VideoMaeConfig
{
    ImageSize = 16,
    PatchSize = 8,
    NumFrames = 4,
    HiddenSize = 64,
    NumHiddenLayers = 2,
    NumAttentionHeads = 2,
    IntermediateSize = 128,
    DecoderHiddenSize = 32,
    DecoderNumHiddenLayers = 1,
    DecoderNumAttentionHeads = 2,
    DecoderIntermediateSize = 64,
};
var ml = new MLContext(1);
IDataView data = ml.Data.LoadVideosFromDirectory(args[1]);
var videos = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"));
if (args[0] == "train")
{
    videos.Append(ml.MulticlassClassification.Trainers.VideoMae(new VideoMaeTrainer.Options
    {
        Config = config,
        NumberOfEpochs = 60,
        BatchSize = 2,
        EmaDecay = 0.99f,
        ValidationFraction = 0.2f,
        WorkspacePath = args[2],
        StateInterval = TimeSpan.Zero,
        StepCallback = m => Console.WriteLine(m.Step),
    })).Fit(data).LastTransformer.SavePretrained(args[3]);
}
else
{
    videos.Append(ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
    {
        Config = config,
        NumberOfEpochs = 150,
        BatchSize = 4,
        MaskRatio = 0.75f,
        ValidationFraction = 0.2f,
        WorkspacePath = args[2],
        StateInterval = TimeSpan.Zero,
        MetricsCallback = m => Console.WriteLine(m.Epoch),
    })).Fit(data).LastTransformer.SavePretrained(args[3]);
}
