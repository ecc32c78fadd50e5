// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Chooses by the loss out of fold. Within one standard error, the one that was tried earlier is taken, since it is cheaper. Then others may
/// be added to it, as in ensemble selection (Caruana et al., 2004): a mean with it is kept where it is better.
/// </summary>
internal static class CandidateChoice
{
    private const int MostMembers = 3;

    /// <summary>A mean takes the time of all its members. So it has to lower the loss by this share.</summary>
    private const double LeastGain = 0.1;

    /// <summary>Chooses.</summary>
    /// <param name="single">Single candidates, in the order of their cost.</param>
    /// <param name="averages">Averages of them.</param>
    /// <param name="rows">The rows.</param>
    public static CandidateOutcome Best(
        IReadOnlyList<CandidateOutcome> single, IReadOnlyList<CandidateOutcome> averages, ExperimentRows rows)
    {
        CandidateOutcome chosen = single.Aggregate((best, next) => IsBetter(next, best, rows) ? next : best);
        return averages.Where(a => a.Names.Contains(chosen.Name) && IsWorthIt(a, chosen, rows)).MinBy(a => a.Scores.Loss) ?? chosen;
    }

    /// <summary>Where a member has scored few folds, an average is compared on these alone, and has to be better for certain.</summary>
    private static bool IsWorthIt(CandidateOutcome average, CandidateOutcome than, ExperimentRows rows) =>
        average.Scores.Count == than.Scores.Count
            ? average.Scores.Loss <= (1 - LeastGain) * than.Scores.Loss
            : IsBetter(average, than, rows);

    /// <summary>The averages of two and three of the best single candidates.</summary>
    /// <param name="single">Single candidates.</param>
    /// <param name="task">What is learned. It judges an average as any candidate: the mean of probabilities is less sure than it may be.</param>
    public static IEnumerable<CandidateOutcome> Averages(IReadOnlyList<CandidateOutcome> single, ExperimentTask task)
    {
        CandidateOutcome[] top = [.. single.OrderBy(o => o.Scores.Loss).Take(MostMembers)];
        for (int i = 0; i < top.Length; i++)
        {
            for (int j = i + 1; j < top.Length; j++)
                yield return Average([top[i], top[j]], task);
        }

        if (top.Length == MostMembers)
            yield return Average(top, task);
    }

    /// <summary>Whether a candidate's loss is lower by more than one standard error, on the rows that both have scored.</summary>
    public static bool IsBetter(CandidateOutcome candidate, CandidateOutcome than, ExperimentRows rows)
    {
        var difference = PairedDifference.Of(than.Scores.Losses, candidate.Scores.Losses, rows.Groups);
        return difference.Mean > difference.Error;
    }

    private static CandidateOutcome Average(CandidateOutcome[] members, ExperimentTask task) =>
        new([.. members.Select(m => m.Name)], "the mean of their outputs", "", task.Judge(OutOfFold.Mean([.. members.Select(m => m.Scores)])),
            stop => [.. members.SelectMany(m => m.Build(stop))])
        {
            // A clip takes the time of all members. Those of one encoder share a step.
            ClipsPerSecond = 1 / members.GroupBy(m => m.Encoder ?? m.Name).Sum(g => g.Max(m => 1 / m.ClipsPerSecond)),
            IsQuick = members.All(m => m.IsQuick),
        };
}
