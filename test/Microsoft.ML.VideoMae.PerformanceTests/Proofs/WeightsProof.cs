// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Modeling;
using MotionClips;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// What the weights of the package are worth: the same model, clips, settings and steps, from the weights and from nothing. A result is a
/// line of weights.csv; a cell that has one is not run again.
/// </summary>
/// <param name="data">The folder of the data sets.</param>
/// <param name="output">Where results are kept, and frames that were decoded.</param>
/// <param name="steps">The number of steps; null for the trainer's default.</param>
/// <param name="changes">Options that differ from the defaults.</param>
internal sealed class WeightsProof(string data, string output, int? steps, IReadOnlyList<string> changes)
{
    private const int TestPerClass = 30;
    private const int TrainingPerClass = 120;
    private const string Header = "cell,start,seed,steps,epochs,batch,accuracy,balanced,still,training_seconds";

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    /// <summary>The cells by name, and the clips of each class that they train on; null for all.</summary>
    private static readonly (string Name, int? PerClass)[] s_cells =
    [
        ("motion-4", 4), ("motion-16", 16), ("motion-120", null), ("weizmann4-4", 4), ("weizmann4-all", null), ("tank-wagon", null),
        ("tank-wagon-camera", null),
    ];

    /// <summary>Runs cells.</summary>
    /// <param name="cells">Their names.</param>
    /// <param name="starts">
    /// Any of weights, scratch, scratch-tiny, scratch-tiny-frames, tiny (the default model from scratch), and what PretrainedModel takes.
    /// </param>
    /// <param name="seeds">The seeds.</param>
    public void Run(IReadOnlyList<string> cells, IReadOnlyList<string> starts, IReadOnlyList<int> seeds)
    {
        foreach (int seed in seeds)
        {
            foreach (string cell in cells)
            {
                foreach (string start in starts)
                    RunOne(cell, start, seed);
            }
        }
    }

    private void RunOne(string cell, string start, int seed)
    {
        Directory.CreateDirectory(output);
        string file = Path.Combine(output, "weights.csv"), key = FormattableString.Invariant($"{cell},{start},{seed},{Name},");
        if (File.Exists(file) && File.ReadLines(file).Any(line => line.StartsWith(key, StringComparison.Ordinal)))
            return;
        SplitClip[] clips = Clips(cell), training = [.. clips.Where(c => !c.IsTest)];
        VideoMaeTrainer.Options options = Options(cell, start, seed);
        if (steps is int count)
            options.NumberOfEpochs = Math.Max(1, (int)Math.Round(count / Math.Ceiling((double)training.Length / options.BatchSize)));
        var ml = new MLContext(seed);
        ml.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Info && e.Message.Contains("Training for", StringComparison.Ordinal))
                Console.WriteLine(e.Message);
        };
        var clock = Stopwatch.StartNew();
        int epochs = 0;
        options.MetricsCallback = m =>
        {
            epochs = m.Epoch;
            Report(cell, start, m);
        };
        var model = ml
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.VideoMae(options))
            .Fit(Rows(training));
        double seconds = clock.Elapsed.TotalSeconds;
        MulticlassClassificationMetrics metrics = Evaluate(still: false);
        // Long clips are not read a second time.
        string still = cell.StartsWith("tank", StringComparison.Ordinal)
            ? ""
            : FormattableString.Invariant($"{Evaluate(still: true).MicroAccuracy:0.000}");
        ComparePrecisions();
        model.LastTransformer.Dispose();
        string line = key + FormattableString.Invariant(
            $"{epochs},{options.BatchSize},{metrics.MicroAccuracy:0.000},{metrics.MacroAccuracy:0.000},{still},{seconds:0}");
        if (!File.Exists(file))
            File.WriteAllText(file, Header + "\n");
        File.AppendAllText(file, line + "\n");
        Console.WriteLine(line);

        IDataView Rows(IEnumerable<SplitClip> rows, bool frozen = false) =>
            ml.Data.LoadFromEnumerable(rows.Select(c => new Row { Video = ScratchProof.Video(c, frozen), Label = c.Label }));

        // Whether a faster precision may be the default is decided by models that were trained.
        void ComparePrecisions()
        {
            foreach (ComputePrecision precision in (ComputePrecision[])[ComputePrecision.Float32, ComputePrecision.BFloat16])
            {
                model.LastTransformer.Precision = precision;
                MulticlassClassificationMetrics scored = Evaluate(still: false);
                Console.WriteLine(FormattableString.Invariant(
                    $"  {cell} {start} {seed}, scored in {precision}: accuracy {scored.MicroAccuracy:0.0000}, log-loss {scored.LogLoss:0.00000}"));
            }
        }

        MulticlassClassificationMetrics Evaluate(bool still) =>
            ml.MulticlassClassification.Evaluate(model.Transform(Rows(clips.Where(c => c.IsTest), still)));
    }

    /// <summary>What the run differs in, so that a result of other settings is not taken for it.</summary>
    private string Name => string.Join(' ', ((string[])[$"{(steps is int count ? count : "default")}"]).Concat(changes));

    private static void Report(string cell, string start, VideoMaeMetrics metrics)
    {
        if (metrics.Epoch % Math.Max(1, metrics.NumberOfEpochs / 5) == 0)
            Console.WriteLine($"  {cell} {start} {metrics}");
    }

    /// <summary>
    /// The defaults, but for the length of the run and what each set needs: cameras that stand still are not mirrored, and unequal classes
    /// are weighted.
    /// </summary>
    private VideoMaeTrainer.Options Options(string cell, string start, int seed)
    {
        var options = new VideoMaeTrainer.Options { Seed = seed, FrameCacheFolder = Path.Combine(output, "frames") };
        if (cell.StartsWith("tank", StringComparison.Ordinal))
            (options.HorizontalFlip, options.ClassBalancing, options.Resizing) = (false, ClassBalancing.Weights, FrameResizing.Fill);
        if (start == "scratch")
            (options.PretrainedModel, options.Config) = ("none", VideoMaeConfig.CpuMotion with { InitializerRange = 0.05 });
        else if (start == "scratch-tiny")
            (options.PretrainedModel, options.Config) = ("none", VideoMaeConfig.CpuMotionTiny);
        else if (start == "scratch-tiny-frames")
            (options.PretrainedModel, options.Config) = ("none", VideoMaeConfig.CpuMotionTiny with { UseMeanFrameDifference = false });
        else if (start == "tiny")
            options.PretrainedModel = "none";
        else if (start != "weights")
            options.PretrainedModel = start;
        return ProofCommand.Change(options, changes);
    }

    /// <summary>The clips of a cell.</summary>
    public SplitClip[] Clips(string cell)
    {
        int? perClass = s_cells.First(c => c.Name == cell).PerClass;
        SplitClip[] all = cell.Split('-')[0] switch
        {
            "motion" => Motion(),
            "weizmann4" => SplitClip.Read(Path.Combine(data, "weizmann4")),
            _ => SplitClip.Read(Path.Combine(data, "tank-wagon"), split: cell == "tank-wagon" ? "split" : "split_camera",
                group: cell == "tank-wagon" ? "group" : "camera"),
        };
        return perClass is not int count
            ? all
            :
            [.. all.Where(c => !c.IsTest)
                    .OrderBy(c => c.Path, StringComparer.Ordinal)
                    .GroupBy(c => c.Label)
                    .SelectMany(g => g.Take(count)),
                .. all.Where(c => c.IsTest)];
    }

    private SplitClip[] Motion()
    {
        string train = Path.Combine(output, "motion", "train"), test = Path.Combine(output, "motion", "test");
        MotionDataset.Make(train, TrainingPerClass, seed: 1);
        MotionDataset.Make(test, TestPerClass, seed: 2);
        return [.. PretrainingPlans.Clips(train, isTest: false), .. PretrainingPlans.Clips(test, isTest: true)];
    }
}
