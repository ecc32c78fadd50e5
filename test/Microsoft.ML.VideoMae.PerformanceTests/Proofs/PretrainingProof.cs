// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>
/// What pre-training on unlabelled clips is worth: a model that is pre-trained and fine-tuned, a linear probe on the pre-trained features,
/// and one from scratch that gets as much processor time as pre-training and fine-tuning together. All see the same labels and the same
/// test clips.
/// </summary>
internal sealed class PretrainingProof
{
    private const int PicturedClasses = 6;

    private readonly Plan _plan;
    private readonly string _output;

    /// <param name="Title">The name of the data.</param>
    /// <param name="UnlabelledClips">Clips to pre-train on.</param>
    /// <param name="Labelled">Clips to fine-tune on, and to test on.</param>
    /// <param name="Pretraining">Makes the options of pre-training.</param>
    /// <param name="FineTuning">Makes the options of fine-tuning; the weights are set here.</param>
    /// <param name="Probing">Makes the options of the linear probe; the weights are set here.</param>
    /// <param name="Scratch">
    /// Makes the options of training from scratch; where it has no epochs of its own, it gets the processor time of the other way.
    /// </param>
    internal sealed record Plan(
        string Title,
        IReadOnlyList<string> UnlabelledClips,
        IReadOnlyList<SplitClip> Labelled,
        Func<VideoMaePretrainingEstimator.Options> Pretraining,
        Func<VideoMaeTrainer.Options> FineTuning,
        Func<VideoMaeTrainer.Options> Probing,
        Func<VideoMaeTrainer.Options> Scratch);

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";
    }

    private PretrainingProof(Plan plan, string output) => (_plan, _output) = (plan, output);

    /// <summary>Runs what has not been run yet, and prints tables of all that has.</summary>
    /// <param name="plan">The data and settings.</param>
    /// <param name="seeds">The seeds.</param>
    /// <param name="output">A folder for results; a proof that was stopped goes on from there.</param>
    /// <param name="parts">Which of p(re-train), f(ine-tune), l(inear probe) and s(cratch) to run.</param>
    public static void Run(Plan plan, int[] seeds, string output, string parts)
    {
        Directory.CreateDirectory(output);
        Console.WriteLine($"{plan.Title}: {plan.UnlabelledClips.Count} clips without labels, {plan.Labelled.Count(c => !c.IsTest)} with, " +
            $"{plan.Labelled.Count(c => c.IsTest)} to test.");
        var proof = new PretrainingProof(plan, output);
        foreach (int seed in seeds)
            proof.RunSeed(seed, parts);
        ProofTables.Print(output, seeds);
        if (parts.Contains('p', StringComparison.Ordinal))
            ProofCurves.Save(output, seeds);
    }

    private void RunSeed(int seed, string parts)
    {
        string folder = Path.Combine(_output, $"pretrained-{seed}");
        if (parts.Contains('p', StringComparison.Ordinal))
            ProofPhase.Run(_output, ProofPhase.Pretraining, seed, phase => Pretrain(phase, seed, folder));
        if (parts.Contains('f', StringComparison.Ordinal))
        {
            VideoMaeTrainer.Options options = _plan.FineTuning();
            options.Config = null;
            options.PretrainedModel = folder;
            Train(ProofPhase.FineTuning, seed, options);
        }

        if (parts.Contains('l', StringComparison.Ordinal))
        {
            VideoMaeTrainer.Options options = _plan.Probing();
            options.Config = null;
            options.PretrainedModel = folder;
            Train(ProofPhase.Probe, seed, options);
        }

        if (parts.Contains('s', StringComparison.Ordinal))
            Train(ProofPhase.Scratch, seed, _plan.Scratch());
    }

    private IReadOnlyList<ProofPrediction> Pretrain(ProofPhase phase, int seed, string folder)
    {
        var ml = new MLContext(seed);
        VideoMaePretrainingEstimator.Options options = _plan.Pretraining();
        options.Seed = seed;
        options.WorkspacePath = Path.Combine(_output, "state");
        options.MetricsCallback = m => phase.Report(m.Epoch, m.NumberOfEpochs, m.Loss, null, m.ToString());
        using VideoMaePretrainedTransformer model = ml.Transforms.PretrainVideoMae(options)
            .Fit(ml.Data.LoadFromEnumerable(_plan.UnlabelledClips.Select(path => new Row { Video = MLVideo.CreateFromFile(path) })));
        model.SavePretrained(folder);
        foreach (SplitClip clip in _plan.Labelled.Where(c => c.IsTest).DistinctBy(c => c.Label).Take(PicturedClasses))
        {
            VideoMaeReconstruction reconstruction = model.Reconstruct(MLVideo.CreateFromFile(clip.Path));
            reconstruction.SavePng(Path.Combine(_output, $"{clip.Label}-{seed}.png"));
            reconstruction.SaveGif(Path.Combine(_output, $"{clip.Label}-{seed}.gif"));
        }

        return [];
    }

    private void Train(string name, int seed, VideoMaeTrainer.Options options) => ProofPhase.Run(_output, name, seed, phase =>
        {
            var ml = new MLContext(seed);
            options.Seed = seed;
            options.WorkspacePath = Path.Combine(_output, "state");
            if (name == ProofPhase.Scratch && options.NumberOfEpochs == 0)
                options.NumberOfEpochs = EpochsOfEqualTime(seed);
            options.MetricsCallback = m => phase.Report(m.Epoch, m.NumberOfEpochs, m.Loss, m.Accuracy, m.ToString());
            var model = ml
                .Transforms.Conversion.MapValueToKey("Label")
                .Append(ml.MulticlassClassification.Trainers.VideoMae(options))
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
                .Fit(Rows(ml, _plan.Labelled.Where(c => !c.IsTest)));
            SplitClip[] test = [.. _plan.Labelled.Where(c => c.IsTest)];
            string[] predicted =
            [
                .. ml
                    .Data.CreateEnumerable<Prediction>(model.Transform(Rows(ml, test)), reuseRowObject: false)
                    .Select(p => p.PredictedLabel)];
            (model.First(t => t is VideoMaeClassificationTransformer) as IDisposable)!.Dispose();
            return
            [.. test.Zip(predicted, (clip, label) => new ProofPrediction(Path.GetFileName(clip.Path), clip.Group, clip.Label, label))];
        });

    /// <summary>
    /// As many epochs from scratch as take the processor time of pre-training and fine-tuning: an epoch costs what it costs in fine-tuning.
    /// </summary>
    private int EpochsOfEqualTime(int seed)
    {
        ProofResult pretraining = ProofResult.Read(_output, ProofPhase.Pretraining, seed),
            tuning = ProofResult.Read(_output, ProofPhase.FineTuning, seed);
        return (int)Math.Round(tuning.Epochs * (pretraining.ProcessorSeconds + tuning.ProcessorSeconds) / tuning.ProcessorSeconds);
    }

    private static IDataView Rows(MLContext ml, IEnumerable<SplitClip> clips) =>
        ml.Data.LoadFromEnumerable(clips.Select(c => new Row { Video = MLVideo.CreateFromFile(c.Path), Label = c.Label }));
}
