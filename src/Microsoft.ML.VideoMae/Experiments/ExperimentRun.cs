// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>One run of an experiment, from the first candidate to the model that is chosen.</summary>
/// <param name="context">What all trials share.</param>
/// <param name="hasGroups">Whether the user said which rows belong together.</param>
/// <param name="progress">Is told of each candidate that is done; null for nobody.</param>
internal sealed class ExperimentRun(ExperimentContext context, bool hasGroups, IProgress<VideoExperimentRunDetail>? progress)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<CandidateOutcome> _outcomes = [];
    private readonly List<VideoExperimentRunDetail> _details = [];
    private readonly Dictionary<VideoExperimentCandidate, FeatureTrial> _features = [];
    private readonly RunDetails _tell = new(context);
    private readonly RowGrouping _grouping = new(context);
    private FirstModel? _first;

    private string TimeOver => context.Folder is null
        ? "Its time was over. Give more."
        : "Its time was over. Start again to go on: what was computed is kept.";

    private CancellationToken Stop => context.Settings.CancellationToken;

    private TimeSpan Left => TimeSpan.FromSeconds(context.Settings.MaxExperimentTimeInSeconds) - Stopwatch.GetElapsedTime(_start);

    /// <summary>Tries all candidates, and trains the best.</summary>
    public VideoExperimentResult Execute()
    {
        try
        {
            using var time = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            time.CancelAfter(TimeSpan.FromSeconds(context.Settings.MaxExperimentTimeInSeconds));
            TryFirst(time.Token);
            if (!hasGroups)
                FindGroups(time.Token);
            if (context.Rows.Divide(context.Seed) is string note)
                context.Channel.Warning(note);
            foreach (VideoExperimentCandidate candidate in context.Settings.Candidates)
                TryInTime(candidate, time.Token);
            return Choose();
        }
        catch
        {
            foreach (VideoExperimentRunDetail detail in _details)
                (detail.Model as IDisposable)?.Dispose();
            _first?.Dispose();
            throw;
        }
    }

    private FeatureTrial FeaturesOf(VideoExperimentCandidate candidate)
    {
        if (_features.TryGetValue(candidate, out FeatureTrial? trial))
            return trial;
        VideoExperimentCandidate[] together = candidate.Encoder is null ? [candidate]
            : [.. context.Settings.Candidates.Where(c => c.Encoder == candidate.Encoder)];
        var source = new FeatureSource(context, together);
        foreach (VideoExperimentCandidate each in together)
            _features[each] = new FeatureTrial(context, each, source);
        return _features[candidate];
    }

    /// <summary>A model of some videos, in seconds. Whatever is wrong with its features is said when all videos are tried.</summary>
    private void TryFirst(CancellationToken stop)
    {
        VideoExperimentCandidate? candidate = context.Settings.Candidates.FirstOrDefault(c => c.Features is not null);
        if (candidate is null)
            return;
        try
        {
            bool isGrouped = hasGroups || candidate != VideoExperimentCandidate.Pixels;
            _first = FirstModel.Try(context, FeaturesOf(candidate), isGrouped ? null : _grouping, stop);
            if (_first is not null)
                progress?.Report(_first.Detail);
        }
        catch (Exception e) when (e is not VideoReadException && (e is not OperationCanceledException || stop.IsCancellationRequested))
        {
            context.Channel.Trace($"There is no first model. {e.Message}");
        }
    }

    /// <summary>Rows that look alike belong together, where nobody has said which do.</summary>
    private void FindGroups(CancellationToken stop)
    {
        try
        {
            _grouping.GroupAll(FeaturesOf(VideoExperimentCandidate.Pixels).Features(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // No candidate is begun: each says why.
        }
    }

    /// <summary>Features that take long leave half of the time to what comes after them.</summary>
    private void TryInTime(VideoExperimentCandidate candidate, CancellationToken stop)
    {
        bool isLast = candidate == context.Settings.Candidates[^1];
        if (isLast || candidate.Features is null || _outcomes.Count == 0 || Left <= TimeSpan.Zero)
        {
            Try(candidate, stop);
            return;
        }

        using var share = CancellationTokenSource.CreateLinkedTokenSource(stop);
        share.CancelAfter(Left / 2);
        Try(candidate, share.Token);
    }

    private void Try(VideoExperimentCandidate candidate, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        VideoExperimentRunDetail detail;
        try
        {
            stop.ThrowIfCancellationRequested();
            CandidateOutcome outcome = Score(candidate, stop);
            ITransformer? model = outcome.IsQuick ? outcome.Train(context, stop) : null;
            outcome = outcome with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
            _outcomes.Add(outcome);
            detail = _tell.Of(outcome, model);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            detail = RunDetails.NotScored(candidate, Stop.IsCancellationRequested ? "It was stopped." : TimeOver);
        }
        catch (NotEnoughTimeException e)
        {
            detail = RunDetails.NotScored(candidate, e.Message);
        }
        catch (Exception e) when (e is not (VideoReadException or OperationCanceledException))
        {
            // Another candidate may do without what this one lacks.
            context.Channel.Warning($"'{candidate.Name}' failed: {e.Message}");
            detail = RunDetails.NotScored(candidate, e.Message) with { Exception = e };
        }

        Add(detail with { RuntimeInSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds });
    }

    private CandidateOutcome Score(VideoExperimentCandidate candidate, CancellationToken stop)
    {
        if (candidate.Features is not null)
            return FeaturesOf(candidate).Run(stop);
        VideoExperimentCandidate[] trainers = [.. context.Settings.Candidates.Where(c => c.Features is null)];
        double slowest = _features.Values.Select(f => 1 / f.ClipsPerSecond).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return new TrainerTrial(context, candidate).Run(Left / (trainers.Length - Array.IndexOf(trainers, candidate)), slowest, stop);
    }

    private VideoExperimentResult Choose()
    {
        if (_outcomes.Count == 0)
        {
            if (_first is not null)
                return _first.AsResult(_details, Stop.IsCancellationRequested);
            Stop.ThrowIfCancellationRequested();
            throw context.Host.Except(
                $"No candidate was scored. {string.Join(" ", _details.Select(d => $"{d.TrainerName}: {d.NotScored}"))}");
        }

        _first?.Dispose();
        CandidateOutcome[] averages = [.. CandidateChoice.Averages(_outcomes, context.Rows.Task)];
        CandidateOutcome best = CandidateChoice.Best(_outcomes, averages, context.Rows);
        CandidateOutcome? shown = averages.Contains(best) ? best : averages.MinBy(a => a.Scores.Loss);
        if (shown is not null)
            Add(_tell.Of(shown, null));
        best = Built(best);
        string[] findings = [.. ExperimentFindings.Write(_outcomes, best, context.Rows)];
        foreach (string finding in findings)
            context.Channel.Info(finding);
        return new VideoExperimentResult(
            [.. _details], _details.Single(d => d.TrainerName == best.Name), findings,
            context.Rows.Task.Suspects(best.Scores), context.Rows.FoldCount,
            Stop.IsCancellationRequested);
    }

    /// <summary>Trains what was chosen. If that is stopped, the best of those that are trained is taken.</summary>
    private CandidateOutcome Built(CandidateOutcome best)
    {
        int place = _details.FindIndex(d => d.TrainerName == best.Name);
        if (_details[place].Model is not null)
            return best;
        try
        {
            long start = Stopwatch.GetTimestamp();
            ITransformer model = best.Train(context, Stop);
            _details[place] = _details[place] with
            {
                Model = model,
                ModelSize = _tell.SizeOf(model),
                RuntimeInSeconds = _details[place].RuntimeInSeconds + Stopwatch.GetElapsedTime(start).TotalSeconds,
            };
            return best;
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            CandidateOutcome[] trained = [.. _outcomes.Where(o => _details.Exists(d => d.TrainerName == o.Name && d.Model is not null))];
            if (trained.Length == 0)
                throw;
            CandidateOutcome other = CandidateChoice.Best(trained, [], context.Rows);
            context.Channel.Warning($"'{best.Name}' was chosen, but its training was stopped: '{other.Name}' is taken.");
            return other;
        }
    }

    private void Add(VideoExperimentRunDetail detail)
    {
        _details.Add(detail);
        progress?.Report(detail);
    }
}
