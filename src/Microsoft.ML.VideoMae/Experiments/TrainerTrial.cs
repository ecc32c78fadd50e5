// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Tries a VideoMAE trainer: as many steps as the time allows, the same for every training.</summary>
/// <remarks>
/// The first steps of a run that is thrown away tell how long a step takes. One fold is trained and scored, or two where it is small. Then
/// the model is trained on all rows, if it was chosen. No epoch is chosen by validation: a few clips say too little.
/// </remarks>
/// <param name="context">What all trials share.</param>
/// <param name="candidate">The candidate.</param>
internal sealed class TrainerTrial(ExperimentContext context, VideoExperimentCandidate candidate)
{
    private const int TimedSteps = 8;
    private const int UntimedSteps = 2;

    /// <summary>Scores it.</summary>
    /// <param name="available">How long there is, with the training on all rows.</param>
    /// <param name="secondsPerClip">How long a video takes to decode.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="NotEnoughTimeException">There is not enough time for it.</exception>
    public CandidateOutcome Run(TimeSpan available, double secondsPerClip, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        (TrainingTimes times, int batch) = Measure(secondsPerClip, stop);
        var plan = TrainingPlan.Make(
            times, available - Stopwatch.GetElapsedTime(start), context.Rows.Count, context.Rows.FoldCount, batch, candidate.MaxSteps);
        context.Channel.Info(string.Create(CultureInfo.InvariantCulture,
            $"{candidate.Name}: a step takes {times.Step:0.00} s, and what comes before the first one {times.Before(context.Rows.Count):0.0} s. " +
            $"{plan.Steps} steps ({plan.Epochs} epochs) fit, for {plan.Folds} of {context.Rows.FoldCount} folds and for all videos."));
        var scores = new float[]?[context.Rows.Count];
        double scoring = 0;
        for (int fold = 0; fold < plan.Folds; fold++)
            scoring += ScoreFold(fold, plan, scores, stop);
        OutOfFold judged = context.Rows.Task.Judge(scores);
        return new CandidateOutcome(
            [candidate.Name], candidate.Description, string.Create(CultureInfo.InvariantCulture, $"{plan.Steps} steps"), judged,
            token => [BuildFinal(plan, judged.Sharpness, token)])
        {
            ClipsPerSecond = judged.Count / scoring,
        };
    }

    /// <summary>What a step takes, and what the head starts from, by a run that is thrown away.</summary>
    private (TrainingTimes Times, int Batch) Measure(double secondsPerClip, CancellationToken stop)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        VideoMaeTrainerOptions options = OptionsFor(workspace: null, 1000, enough.Token);
        long from = 0;
        double seconds = 0;
        int steps = 0;
        var clock = new HeadStartClock(TimeProvider.System);
        options.ProgressCallback = clock.Report;
        options.StepCallback = metrics =>
        {
            if (metrics.Step == UntimedSteps)
                from = Stopwatch.GetTimestamp();
            if (metrics.Step != UntimedSteps + TimedSteps)
                return;
            (seconds, steps) = (Stopwatch.GetElapsedTime(from).TotalSeconds, TimedSteps);
            enough.Cancel();
        };
        int[] few = [.. Enumerable.Range(0, context.Rows.Count).OrderBy(i => i % context.Rows.FoldCount).Take(2 * options.BatchSize)];
        try
        {
            (Train(options, WithAllStrata(few)) as IDisposable)?.Dispose();
        }
        catch (OperationCanceledException) when (steps > 0 && !stop.IsCancellationRequested)
        {
        }

        return (
            new TrainingTimes(seconds / steps, secondsPerClip, clock.SecondsPerView), options.BatchSize * options.GradientAccumulation);
    }

    private ITransformer Train(VideoMaeTrainerOptions options, IEnumerable<int> rows) =>
        context.Rows.Task.TrainTransformer(context.Host, options, context.Rows.View(rows));

    /// <summary>A trainer refuses rows of a single class.</summary>
    private int[] WithAllStrata(int[] rows) =>
        [.. rows.Concat(Enumerable.Range(0, context.Rows.Count).GroupBy(i => context.Rows.Task.Strata[i]).Select(g => g.First())).Distinct()];

    /// <summary>Trains without a fold, and scores it.</summary>
    /// <returns>The seconds of scoring.</returns>
    private double ScoreFold(int fold, TrainingPlan plan, float[]?[] scores, CancellationToken stop)
    {
        int[] all = [.. Enumerable.Range(0, context.Rows.Count)];
        int[] held = [.. all.Where(i => context.Rows.Folds[i] == fold)], learned = [.. all.Where(i => context.Rows.Folds[i] != fold)];
        VideoMaeTrainerOptions options = OptionsFor(context.Folder, plan.Epochs, stop);
        options.OnScoringVideoError = context.Settings.OnVideoError;
        options.StepCallback = metrics =>
            context.Report(candidate, VideoExperimentStage.CrossValidation, (fold * metrics.NumberOfSteps) + metrics.Step,
                plan.Folds * metrics.NumberOfSteps);
        ITransformer model = Train(options, learned);
        using var disposal = model as IDisposable;
        long start = Stopwatch.GetTimestamp();
        float[][] result = [.. context.Rows.Task.ReadScores(model.Transform(context.Rows.View(held)))];
        for (int i = 0; i < held.Length; i++)
            scores[held[i]] = Array.TrueForAll(result[i], float.IsFinite) ? result[i] : null;
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private ModelPart BuildFinal(TrainingPlan plan, float sharpness, CancellationToken stop)
    {
        VideoMaeTrainerOptions options = OptionsFor(context.Folder, plan.Epochs, stop);
        options.StepCallback =
            metrics => context.Report(candidate, VideoExperimentStage.FinalTraining, metrics.Step, metrics.NumberOfSteps);
        return ModelPart.Of(context.Host, candidate.Name, sharpness, [Train(options, Enumerable.Range(0, context.Rows.Count))]);
    }

    private VideoMaeTrainerOptions OptionsFor(string? workspace, int epochs, CancellationToken stop)
    {
        VideoMaeTrainerOptions options = context.Rows.Task.OptionsOf(candidate)!;
        options.Distribution = VideoMaeDistribution.None; // What is tried depends on the clock, which is not the same everywhere.
        options.LabelColumnName = context.Rows.LabelColumn;
        options.FeatureColumnName = context.Rows.VideoColumn;
        options.NumberOfEpochs = epochs;
        options.ValidationFraction = 0;
        options.EarlyStoppingPatience = null;
        options.OnVideoError = context.Settings.OnVideoError;
        options.MaxSkippedFraction = context.Settings.MaxSkippedFraction;
        options.Seed = context.Seed;
        options.WorkspacePath = workspace;
        options.CancellationToken = stop;
        options.OnCancellation = CancellationBehavior.Throw;
        return options;
    }
}
