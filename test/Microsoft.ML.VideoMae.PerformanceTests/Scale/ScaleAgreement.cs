// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>
/// Trains on the demo's clips to the end, in one process, in two, and in two whose gradients travel as BFloat16, and says how good each
/// model is on clips that it has not seen: rounding that grows over hundreds of steps must not be more than what another seed makes.
/// </summary>
internal static class ScaleAgreement
{
    private const int TrainingClips = 40, TestClips = 20, BatchSize = 16;

    /// <param name="steps">The optimizer steps of a run.</param>
    /// <param name="seeds">How many runs of each kind.</param>
    /// <param name="mpi">The launcher.</param>
    public static void Run(int steps, int seeds, string mpi)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("scale");
        try
        {
            MotionDataset.Make(Path.Combine(folder.FullName, "train"), TrainingClips, seed: 1);
            MotionDataset.Make(Path.Combine(folder.FullName, "test"), TestClips, seed: 2);
            Console.WriteLine("| seed | processes | gradients travel as | loss of the last 20 steps | test accuracy | test log-loss |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
            for (int seed = 1; seed <= seeds; seed++)
            {
                foreach ((int processes, VideoMaeGradientTransport transport) in (ReadOnlySpan<(int, VideoMaeGradientTransport)>)
                    [(1, default), (2, default), (2, VideoMaeGradientTransport.BFloat16)])
                {
                    double[] ends = ScaleProcess.Start(
                        mpi, processes, "agree ", ["agree-child", folder.FullName, $"{steps}", $"{seed}", $"{transport}"]);
                    string what = processes == 1 ? "" : $"{transport}";
                    Console.WriteLine(FormattableString.Invariant(
                        $"| {seed} | {processes} | {what} | {ends[0]:0.0000} | {ends[1]:0.000} | {ends[2]:0.000} |"));
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What a process does: folder, steps, seed, transport.</summary>
    public static void Train(string[] args)
    {
        (string folder, int steps, int seed) = (args[0], int.Parse(args[1]), int.Parse(args[2]));
        var ml = new MLContext(seed);
        IDataView Load(string part) => ml.Data.LoadVideosFromDirectory(Path.Combine(folder, part));
        int stepsPerEpoch = (TrainingClips * MotionClip.Classes.Length + BatchSize - 1) / BatchSize;
        var losses = new List<double>();
        var options = new VideoMaeTrainer.Options
        {
            Config = VideoMaeConfig.CpuTiny,
            PretrainedModel = "none",
            NumberOfEpochs = Math.Max(1, steps / stepsPerEpoch),
            BatchSize = BatchSize,
            GradientTransport = Enum.Parse<VideoMaeGradientTransport>(args[3]),
            StepCallback = m => losses.Add(m.Loss),
        };
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"))
            .Append(ml.MulticlassClassification.Trainers.VideoMae(options)).Fit(Load("train"));
        if (!ProcessGroup.Current.IsFirst)
            return;
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(Load("test")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"agree {losses.TakeLast(20).Average():0.00000} {metrics.MicroAccuracy:0.0000} {metrics.LogLoss:0.0000}"));
    }
}
