// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;

namespace VideoMaeCli.Scoring;

/// <summary>A label that is no class of the model, so that its videos cannot be measured.</summary>
/// <param name="Label">The label.</param>
/// <param name="Count">How many videos have it.</param>
internal sealed record UnknownLabel(string Label, int Count)
{
    private const int MostNamed = 10;

    public static UnknownLabel[] Tally(IEnumerable<string> labels) =>
        [.. labels.GroupBy(l => l).Select(g => new UnknownLabel(g.Key, g.Count()))];

    /// <summary>All of them, with their numbers.</summary>
    public static string Describe(IReadOnlyList<UnknownLabel> unknown) =>
        $"{string.Join(", ", unknown.Take(MostNamed).Select(u => $"'{u.Label}' ({u.Count})"))}{(unknown.Count > MostNamed ? ", ..." : "")}";
}
