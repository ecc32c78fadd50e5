// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// A model of some of the videos, by the cheapest features. It is there in seconds, while all videos take minutes or hours to decode. It is
/// the result where an experiment ends before a candidate is done. Otherwise it is thrown away.
/// </summary>
internal sealed class FirstModel : IDisposable
{
    private const int WantedRows = 96;
    private const int FewestOfStratum = 4;

    private readonly ExperimentContext _context;
    private readonly CandidateOutcome _outcome;

    private FirstModel(ExperimentContext context, CandidateOutcome outcome, VideoExperimentRunDetail detail) =>
        (_context, _outcome, Detail) = (context, outcome, detail);

    /// <summary>How it did, and the model.</summary>
    public VideoExperimentRunDetail Detail { get; }

    /// <summary>Trains it.</summary>
    /// <param name="context">What all trials share. Its rows are divided among folds, which a later division replaces.</param>
    /// <param name="features">The features to use. They are kept for the candidate itself.</param>
    /// <param name="grouping">Groups the rows by these features; null where they have groups, or the features are others.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Null where all videos are hardly more than the first ones.</returns>
    public static FirstModel? Try(ExperimentContext context, FeatureTrial features, RowGrouping? grouping, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        int[] rows = Choose(context.Rows.Task.Strata, context.Seed);
        if (2 * rows.Length > context.Rows.Count)
            return null;
        IReadOnlyList<float[]?> known = features.Features(rows, stop);
        grouping?.Group(known);
        context.Rows.Divide(context.Seed);
        CandidateOutcome outcome = features.Run(known, stop);
        ITransformer model = outcome.Train(context, stop);
        outcome = outcome with
        {
            Names = [$"{outcome.Name} of {rows.Length} videos"],
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        return new FirstModel(context, outcome, new RunDetails(context).Of(outcome, model));
    }

    /// <summary>The result of an experiment that has nothing better.</summary>
    /// <param name="others">What was not scored.</param>
    /// <param name="wasStopped">Whether the user stopped it.</param>
    public VideoExperimentResult AsResult(IReadOnlyList<VideoExperimentRunDetail> others, bool wasStopped)
    {
        string finding = $"No candidate was done with all {_context.Rows.Count} videos: '{_outcome.Name}' is taken.";
        _context.Channel.Warning(finding);
        return new VideoExperimentResult(
            [Detail, .. others], Detail, [finding], _context.Rows.Task.Suspects(_outcome.Scores), _context.Rows.FoldCount, wasStopped);
    }

    /// <inheritdoc/>
    public void Dispose() => (Detail.Model as IDisposable)?.Dispose();

    /// <summary>Some rows, in proportion to the strata, and a few of each.</summary>
    /// <param name="strata">The stratum of every row.</param>
    /// <param name="seed">The seed of the order within a stratum.</param>
    internal static int[] Choose(IReadOnlyList<int> strata, int seed)
    {
        int[] order = [.. Enumerable.Range(0, strata.Count)];
        new Random(seed).Shuffle(order);
        return [.. order.GroupBy(i => strata[i])
            .SelectMany(g => g.Select((row, rank) => (Row: row, Rank: rank, Place: (rank + 0.5) / g.Count())))
            .OrderBy(r => r.Place)
            .Where((r, place) => place < WantedRows || r.Rank < FewestOfStratum)
            .Select(r => r.Row).Order()];
    }
}
