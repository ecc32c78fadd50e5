// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Says in words what an experiment's scores mean.</summary>
internal static class ExperimentFindings
{
    /// <summary>Writes them.</summary>
    /// <param name="outcomes">What was scored: single candidates in the order of trial, then averages.</param>
    /// <param name="best">What was chosen.</param>
    /// <param name="rows">The rows.</param>
    public static IEnumerable<string> Write(IReadOnlyList<CandidateOutcome> outcomes, CandidateOutcome best, ExperimentRows rows)
    {
        CandidateOutcome[] single = [.. outcomes.Where(o => o.Names.Count == 1)];
        CandidateOutcome? still = single.Where(o => o.SeesFramesAlone).MinBy(o => o.Scores.Loss);
        CandidateOutcome? moving = single.FirstOrDefault(o => o.Name == VideoExperimentCandidate.Motion.Name);
        if (still is not null && moving is not null)
            yield return CompareKinds(still, moving, rows);
        if (best != single[0])
        {
            (PairedDifference difference, double first, double second) = Qualities(single[0], best, rows);
            yield return string.Create(CultureInfo.InvariantCulture,
                $"'{best.Name}' {best.Scores.Say(second)} of {difference.Rows} videos out of fold, and the plainest, " +
                $"'{single[0].Name}', {best.Scores.Say(first)}: a difference of {difference.Mean:+0.000;-0.000} " +
                $"(95 % interval {difference.Mean - difference.HalfInterval:+0.000;-0.000} to " +
                $"{difference.Mean + difference.HalfInterval:+0.000;-0.000}).");
        }
        else if (single.Length > 1)
        {
            yield return $"The plainest, '{best.Name}', is taken: nothing else is better by more than one standard error.";
        }
    }

    private static string CompareKinds(CandidateOutcome still, CandidateOutcome moving, ExperimentRows rows)
    {
        (PairedDifference right, double frames, double motion) = Qualities(still, moving, rows);
        string numbers = string.Create(CultureInfo.InvariantCulture,
            $"'{still.Name}' {still.Scores.Say(frames)}, and '{moving.Name}' {moving.Scores.Say(motion)}");
        if (right.Mean > right.HalfInterval)
            return string.Create(CultureInfo.InvariantCulture, $"Motion decides: {numbers}, {right.Mean:+0.000}.");
        CandidateOutcome better = still.Scores.Loss <= moving.Scores.Loss ? still : moving;
        OutOfFold both = rows.Task.Judge(OutOfFold.Mean([still.Scores, moving.Scores]));
        var gain = PairedDifference.Of(better.Scores.Losses, both.Losses, rows.Groups);
        bool isMore = gain.Mean > gain.Error;
        if (-right.Mean > right.HalfInterval)
        {
            return isMore
                ? $"Single frames decide, and motion adds to that: {numbers}."
                : $"Single frames decide, and motion adds nothing: {numbers}.";
        }

        return isMore
            ? $"Single frames and motion both tell something, and more together: {numbers}."
            : $"These videos don't show whether single frames or motion tell more, and both together are no better: " +
              $"{numbers}.";
    }

    /// <summary>How much better the second is, on rows that both scored.</summary>
    private static (PairedDifference Difference, double First, double Second) Qualities(
        CandidateOutcome first, CandidateOutcome second, ExperimentRows rows)
    {
        double[] one = OfRows(first.Scores, rows.Count), other = OfRows(second.Scores, rows.Count);
        int[] both = [.. Enumerable.Range(0, rows.Count).Where(i => double.IsFinite(one[i]) && double.IsFinite(other[i]))];
        return (PairedDifference.Of(other, one, rows.Groups), both.Average(i => one[i]), both.Average(i => other[i]));
    }

    private static double[] OfRows(OutOfFold scores, int count)
    {
        var qualities = new double[count];
        Array.Fill(qualities, double.NaN);
        foreach (int row in scores.Rows())
            qualities[row] = scores.Quality(row);
        return qualities;
    }
}
