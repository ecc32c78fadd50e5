// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae;

/// <summary>A row whose label looks wrong to models that were not trained on it.</summary>
/// <remarks>
/// The rule is that of confident learning (Northcutt, Jiang and Chuang, 2021, arXiv 1911.00068). The models are as sure of a class as they
/// are of it on the mean of the rows that have it. A row is suspect where they are so sure of another class than its own.
/// </remarks>
/// <param name="Row">The row, counted from 0 without those that have no label.</param>
/// <param name="Label">The class that it has.</param>
/// <param name="Suggested">The class that the models give it.</param>
/// <param name="LabelProbability">The probability of the class that it has.</param>
/// <param name="SuggestedProbability">The probability of the class that the models give it.</param>
public sealed record VideoSuspectLabel(
    int Row, string Label, string Suggested, float LabelProbability, float SuggestedProbability)
{
    /// <summary>Finds rows whose labels look wrong.</summary>
    /// <param name="scores">Probabilities out of fold; null for a row that was not scored.</param>
    /// <param name="classes">The class of every row.</param>
    /// <param name="names">The names of the classes.</param>
    /// <returns>Such rows, the most certain first.</returns>
    internal static IReadOnlyList<VideoSuspectLabel> Find(
        IReadOnlyList<float[]?> scores, IReadOnlyList<int> classes, IReadOnlyList<string> names)
    {
        int[] scored = [.. Enumerable.Range(0, classes.Count).Where(i => scores[i] is not null)];
        var sure = new double[names.Count];
        Array.Fill(sure, double.PositiveInfinity);
        foreach (IGrouping<int, int> group in scored.GroupBy(i => classes[i]))
            sure[group.Key] = group.Average(i => (double)scores[i]![group.Key]);
        return [.. scored
            .Select(i => (Row: i, Best: scores[i].AsSpan().IndexOf(scores[i]!.Max())))
            .Where(r => r.Best != classes[r.Row] && scores[r.Row]![r.Best] >= sure[r.Best])
            .Select(r => new VideoSuspectLabel(
                r.Row, names[classes[r.Row]], names[r.Best], scores[r.Row]![classes[r.Row]], scores[r.Row]![r.Best]))
            .OrderBy(s => s.LabelProbability - s.SuggestedProbability)];
    }
}
