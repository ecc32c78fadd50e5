// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// What pre-training on unlabelled clips is worth: a model that is pre-trained and fine-tuned, a linear probe on the pre-trained features, and
/// one from scratch that gets as much time as pre-training and fine-tuning together. All see the same labels and the same test clips.
/// </summary>
internal static class PretrainingProof
{
    private const int ReportedEpochs = 10;

    /// <param name="UnlabelledClips">Clips to pre-train on.</param>
    /// <param name="Labelled">Clips to fine-tune on, and to test on.</param>
    /// <param name="Pretraining">Makes the options of pre-training for a seed.</param>
    /// <param name="FineTuning">Makes the options of training for a seed; the weights are set here.</param>
    internal sealed record Plan(
        IReadOnlyList<string> UnlabelledClips, IReadOnlyList<SplitClip> Labelled, Func<int, VideoMaePretrainingEstimator.Options> Pretraining, Func<int, VideoMaeTrainer.Options> FineTuning);

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private sealed record Score(double Accuracy, double Balanced, double Seconds);

    private sealed record Result(int Seed, double Loss, double PretrainingSeconds, Score Tuned, Score Probe, Score Scratch);

    public static void Run(string title, Plan plan, int[] seeds, string output)
    {
        Directory.CreateDirectory(output);
        Console.WriteLine($"{title}: {plan.UnlabelledClips.Count} clips without labels, {plan.Labelled.Count(c => !c.IsTest)} with, {plan.Labelled.Count(c => c.IsTest)} to test.");
        Result[] results = [.. seeds.Select(seed => RunSeed(plan, seed, output))];
        Console.WriteLine();
        Console.WriteLine("| seed | reconstruction loss | pre-training | pre-trained, fine-tuned | linear probe | from scratch, as much time |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (Result r in results)
        {
            Console.WriteLine(FormattableString.Invariant($"| {r.Seed} | {r.Loss:0.000} | {r.PretrainingSeconds:0} s | {r.Tuned.Accuracy:0.000} (balanced {r.Tuned.Balanced:0.000}, {r.Tuned.Seconds:0} s) | ") +
                FormattableString.Invariant($"{r.Probe.Accuracy:0.000} (balanced {r.Probe.Balanced:0.000}, {r.Probe.Seconds:0} s) | {r.Scratch.Accuracy:0.000} (balanced {r.Scratch.Balanced:0.000}, {r.Scratch.Seconds:0} s) |"));
        }
    }

    private static Result RunSeed(Plan plan, int seed, string output)
    {
        var ml = new MLContext(seed);
        var clock = Stopwatch.StartNew();
        double loss = double.NaN;
        VideoMaePretrainingEstimator.Options pretraining = plan.Pretraining(seed);
        pretraining.Seed = seed;
        pretraining.MetricsCallback = m =>
        {
            loss = m.Loss;
            if (m.Epoch % ReportedEpochs == 0 || m.Epoch == 1)
                Console.WriteLine($"  seed {seed} {m}");
        };
        string folder = Path.Combine(output, $"pretrained-{seed}");
        using (VideoMaePretrainedTransformer model = ml.Transforms.PretrainVideoMae(pretraining)
            .Fit(ml.Data.LoadFromEnumerable(plan.UnlabelledClips.Select(path => new Row { Video = MLVideo.CreateFromFile(path) }))))
        {
            model.SavePretrained(folder);
            SplitClip[] pictured = [.. plan.Labelled.Where(c => c.IsTest).DistinctBy(c => c.Label)];
            foreach (SplitClip clip in pictured)
            {
                VideoMaeReconstruction reconstruction = model.Reconstruct(MLVideo.CreateFromFile(clip.Path));
                reconstruction.SavePng(Path.Combine(output, $"{clip.Label}-{seed}.png"));
                reconstruction.SaveGif(Path.Combine(output, $"{clip.Label}-{seed}.gif"));
            }
        }

        double pretrainingSeconds = clock.Elapsed.TotalSeconds;
        VideoMaeTrainer.Options tuning = plan.FineTuning(seed);
        tuning.Config = null;
        tuning.PretrainedModel = folder;
        tuning.FineTuning = FineTuningMode.Full;
        Score tuned = Train(ml, plan, seed, tuning, "fine-tuned");
        VideoMaeTrainer.Options probing = plan.FineTuning(seed);
        probing.Config = null;
        probing.PretrainedModel = folder;
        probing.FineTuning = FineTuningMode.LinearProbe;
        probing.LearningRate = null;
        Score probe = Train(ml, plan, seed, probing, "probe");
        VideoMaeTrainer.Options scratching = plan.FineTuning(seed);
        scratching.LearningRate = null;
        scratching.LayerDecay = null;
        scratching.NumberOfEpochs = (int)Math.Round(scratching.NumberOfEpochs * (pretrainingSeconds + tuned.Seconds) / tuned.Seconds);
        Score scratch = Train(ml, plan, seed, scratching, "from scratch");
        return new Result(seed, loss, pretrainingSeconds, tuned, probe, scratch);
    }

    private static Score Train(MLContext ml, Plan plan, int seed, VideoMaeTrainer.Options options, string name)
    {
        options.Seed = seed;
        var clock = Stopwatch.StartNew();
        var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.VideoMae(options)).Fit(Rows(ml, plan, isTest: false));
        double seconds = clock.Elapsed.TotalSeconds;
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(Rows(ml, plan, isTest: true)));
        model.LastTransformer.Dispose();
        var score = new Score(metrics.MicroAccuracy, metrics.MacroAccuracy, seconds);
        Console.WriteLine($"  seed {seed} {name}, {options.NumberOfEpochs} epochs: {score}");
        return score;
    }

    private static IDataView Rows(MLContext ml, Plan plan, bool isTest) => ml.Data.LoadFromEnumerable(
        plan.Labelled.Where(c => c.IsTest == isTest).Select(c => new Row { Video = MLVideo.CreateFromFile(c.Path), Label = c.Label }));
}
