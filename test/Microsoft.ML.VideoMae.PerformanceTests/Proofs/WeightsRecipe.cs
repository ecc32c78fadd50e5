// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Shipped;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// Makes weights from nothing but generated videos, in rounds of clips that no round before has seen: the recipe of
/// build/pretrain-weights.sh. A round that is there is not made again, and one that was stopped goes on where it was.
/// </summary>
/// <param name="preset">The model that the weights are for.</param>
/// <param name="output">Where rounds, their state, the curve and the weights are kept.</param>
/// <param name="rounds">The number of rounds.</param>
/// <param name="clipsPerRound">The clips of a round; they are held in memory, a quarter of a megabyte each.</param>
/// <param name="seed">The seed of the weights and of all clips.</param>
/// <param name="start">Weights to go on from: a name of the package's, or a folder. Nothing where it is null.</param>
/// <param name="changes">Options that differ from the recipe's.</param>
internal sealed class WeightsRecipe(
    VideoMaeConfig preset, string output, int rounds, int clipsPerRound, int seed, string? start, IReadOnlyList<string> changes)
{
    /// <summary>The trial's peak, with as many clips a step as two processors do in a few seconds.</summary>
    private const double PeakRate = 1.5e-3;

    /// <summary>A third of it, for weights that have learned something.</summary>
    private const double PeakRateOfStart = 5e-4;

    /// <summary>Fresh clips of each round that are measured and not trained on.</summary>
    private const float HeldOut = 0.05f;

    private const string Header = "round,clips,loss,held-out loss,loss of no motion,learning rate,clips/s";

    /// <summary>
    /// Of the first weights: that of PyTorch's linear layers, with which narrow models start to learn far sooner than with the original's
    /// 0.02.
    /// </summary>
    private const double InitializerRange = 0.05;

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public float[] Displacement { get; set; } = [];
    }

    private string Curve => Path.Combine(output, "curve.csv");

    /// <summary>Makes the rounds that are missing, and then the folder with the weights.</summary>
    public void Run()
    {
        Directory.CreateDirectory(output);
        if (!File.Exists(Curve))
            File.WriteAllText(Curve, Header + "\n");
        Task<Row[]>? next = null;
        for (int round = 1; round <= rounds; round++)
        {
            if (File.Exists(ZipOf(round)))
                continue;
            Row[] rows = (next ?? Make(round)).GetAwaiter().GetResult();
            // The clips of the next round are made while the model works.
            next = round < rounds ? Make(round + 1) : null;
            RunRound(round, rows);
        }

        string whole = Path.Combine(output, "whole"), folder = Path.Combine(output, "weights");
        using (var model = (VideoMaePretrainedTransformer)new MLContext(seed).Model.Load(ZipOf(rounds), out _))
            model.SavePretrained(whole);
        // The heads of pre-training are of no use to what comes after.
        using (var encoder = VideoMaeModel.FromPretrained(whole, options: new PretrainedOptions { Configure = _ => preset }))
            encoder.SavePretrained(folder, ScalarType.Float16);
        VideoMaeImageProcessor.FromPretrained(whole).SavePretrained(folder);
        MotionPicture.Draw(whole, Path.Combine(output, "motion.png"));
        Console.WriteLine($"The weights are in {folder}, the curve is {Curve}.");
    }

    /// <summary>Each round has a seed of its own for its clips, so that no clip is seen twice.</summary>
    private Task<Row[]> Make(int round)
    {
        GeneratedVideos clips = new MLContext(seed).Data.GenerateVideos(
            clipsPerRound, seed: seed * 100_000 + round, preset.NumFrames, preset.ImageSize.Height);
        return Task.Run(() =>
        {
            var rows = new Row[clipsPerRound];
            Parallel.For(0, rows.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                GeneratedClip clip = clips.Create(i);
                rows[i] = new Row
                {
                    Video = MLVideo.CreateFromFrames(clip.Frames, $"generated {round}-{i}"),
                    Displacement = clip.Displacement.ToArray(),
                };
            });
            return rows;
        });
    }

    private void RunRound(int round, Row[] rows)
    {
        var ml = new MLContext(seed);
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Displacement)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Displacement.Length);
        IDataView clips = ml.Data.LoadFromEnumerable(rows, schema);
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
            $"{round},{(long)round * clipsPerRound},{last.Loss:0.0000},{last.ValidationLoss:0.0000},{NoMotion(rows):0.0000},") +
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
            Config = round == 1 && start is null ? preset with { InitializerRange = InitializerRange } : null,
            PretrainedModel = round > 1 ? ZipOf(round - 1) : start is null ? null : Started(start),
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

    /// <summary>The weights to go on from, in the preset's form: inputs that they do not know have weights of zero.</summary>
    private string Started(string weights)
    {
        string from = ShippedWeights.Named(weights)?.Folder ?? weights, folder = Path.Combine(output, "start");
        using var encoder = VideoMaeModel.FromPretrained(from, options: new PretrainedOptions { Configure = _ => preset });
        encoder.SavePretrained(folder);
        VideoMaeImageProcessor.FromPretrained(from).SavePretrained(folder);
        return folder;
    }

    private double RateAt(int round) =>
        (start is null ? PeakRate : PeakRateOfStart) * Math.Max(0.01, 0.5 * (1 + Math.Cos(Math.PI * round / rounds)));

    private string ZipOf(int round) => Path.Combine(output, string.Create(CultureInfo.InvariantCulture, $"round-{round:0000}.zip"));

    /// <summary>The loss of a model that says that nothing moves.</summary>
    private double NoMotion(Row[] rows) => rows.Average(row => row.Displacement.Average(pixels =>
    {
        double d = Math.Min(3, Math.Abs(pixels * 32 / preset.ImageSize.Width));
        return d < 0.25 ? d * d / 0.5 : d - 0.125;
    }));
}
