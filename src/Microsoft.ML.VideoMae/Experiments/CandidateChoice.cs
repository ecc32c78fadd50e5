// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Chooses by the loss out of fold: within one standard error, the one that was tried earlier, and so is cheaper.</summary>
internal static class CandidateChoice
{
    private const int MostMembers = 3;

    /// <summary>Chooses among candidates in the order of their cost.</summary>
    public static CandidateOutcome Best(IReadOnlyList<CandidateOutcome> outcomes, ExperimentRows rows) =>
        outcomes.Aggregate((best, next) => IsBetter(next, best, rows) ? next : best);

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
            // A clip takes the time of all members.
            ClipsPerSecond = 1 / members.Sum(m => 1 / m.ClipsPerSecond),
            IsQuick = members.All(m => m.IsQuick),
        };
}
