// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Makes weights from nothing but generated videos, in rounds of clips that no round before has seen: the recipe of
/// build/pretrain-weights.sh. A round that is there is not made again, and one that was stopped goes on where it was.
/// </summary>
/// <param name="output">Where rounds, their state, the curve and the weights are kept.</param>
/// <param name="rounds">The number of rounds.</param>
/// <param name="clipsPerRound">The clips of a round; they are held in memory, a quarter of a megabyte each.</param>
/// <param name="seed">The seed of the weights and of all clips.</param>
/// <param name="changes">Options that differ from the recipe's.</param>
internal sealed class WeightsRecipe(string output, int rounds, int clipsPerRound, int seed, IReadOnlyList<string> changes)
{
    /// <summary>The trial's peak, with as many clips a step as two processors do in a few seconds.</summary>
    private const double PeakRate = 1.5e-3;

    /// <summary>Fresh clips of each round that are measured and not trained on.</summary>
    private const float HeldOut = 0.05f;

    private const string Header = "round,clips,loss,held-out loss,loss of no motion,learning rate,clips/s";

    private string Curve => Path.Combine(output, "curve.csv");

    /// <summary>Makes the rounds that are missing, and then the folder with the weights.</summary>
    public void Run()
    {
        Directory.CreateDirectory(output);
        if (!File.Exists(Curve))
            File.WriteAllText(Curve, Header + "\n");
        for (int round = 1; round <= rounds; round++)
        {
            if (!File.Exists(ZipOf(round)))
                RunRound(round);
        }

        var ml = new MLContext(seed);
        using var model = (VideoMaePretrainedTransformer)ml.Model.Load(ZipOf(rounds), out _);
        string folder = Path.Combine(output, "weights");
        model.SavePretrained(folder, WeightStorage.Float16);
        Console.WriteLine($"The weights are in {folder}, the curve is {Curve}.");
    }

    private void RunRound(int round)
    {
        var ml = new MLContext(seed);
        // Each round has a seed of its own for its clips, so that no clip is seen twice.
        GeneratedVideos clips = ml.Data.GenerateVideos(
            clipsPerRound, seed: seed * 100_000 + round, VideoMaeConfig.CpuMotion.NumFrames, VideoMaeConfig.CpuMotion.ImageSize.Height);
        VideoMaePretrainingEstimator.Options options = ProofCommand.Change(OptionsOf(round), changes);
        VideoMaePretrainingMetrics last = null!;
        options.MetricsCallback = m => last = m;
        using (VideoMaePretrainedTransformer model = ml.Transforms.PretrainVideoMae(options).Fit(clips))
        {
            string partial = ZipOf(round) + ".part";
            ml.Model.Save(model, clips.Schema, partial);
            File.Move(partial, ZipOf(round));
        }

        if (last is null) // The round had ended, and was stopped before it was saved.
            return;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{round},{(long)round * clipsPerRound},{last.Loss:0.0000},{last.ValidationLoss:0.0000},{NoMotion(clips):0.0000},") +
            string.Create(CultureInfo.InvariantCulture, $"{options.LearningRate:0.0e+0},{last.ClipsPerSecond:0.0}");
        File.AppendAllText(Curve, line + "\n");
        Console.WriteLine(line);
    }

    /// <summary>Down along half a cosine over all rounds; the first one warms up longer.</summary>
    private VideoMaePretrainingEstimator.Options OptionsOf(int round)
    {
        double rate = RateAt(round - 1);
        return new VideoMaePretrainingEstimator.Options
        {
            Config = round == 1 ? VideoMaeConfig.CpuMotion : null,
            PretrainedModel = round == 1 ? null : ZipOf(round - 1),
            Target = VideoMaePretrainingTarget.Motion,
            DisplacementColumnName = "Displacement",
            MinCropScale = 1,
            Resizing = FrameResizing.Fill,
            NumberOfEpochs = 1,
            BatchSize = 64,
            LearningRate = (float)rate,
            FinalLearningRateRatio = (float)(RateAt(round) / rate),
            WarmupRatio = round == 1 ? 0.2f : 0.05f,
            ValidationFraction = HeldOut,
            Precision = ComputePrecision.Auto,
            NumberOfTestMasks = 1,
            Seed = seed,
            WorkspacePath = Path.Combine(output, "state"),
        };
    }

    private double RateAt(int round) => PeakRate * Math.Max(0.01, 0.5 * (1 + Math.Cos(Math.PI * round / rounds)));

    private string ZipOf(int round) => Path.Combine(output, string.Create(CultureInfo.InvariantCulture, $"round-{round:0000}.zip"));

    /// <summary>The loss of a model that says that nothing moves, over some clips.</summary>
    private static double NoMotion(GeneratedVideos clips)
    {
        const int Count = 64;
        return Enumerable.Range(0, (int)Math.Min(Count, clips.GetRowCount()!.Value)).Average(i =>
            clips.Create(i).Displacement.ToArray().Average(pixels =>
            {
                double d = Math.Min(3, Math.Abs(pixels * 32 / clips.FrameSize));
                return d < 0.25 ? d * d / 0.5 : d - 0.125;
            }));
    }
}
