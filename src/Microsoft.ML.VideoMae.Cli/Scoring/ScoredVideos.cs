// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Scoring;

/// <summary>One labelled video and the probabilities of its classes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">Its class, as an index; -1 where there is no label.</param>
/// <param name="Scores">A probability for each class.</param>
internal sealed record ScoredVideo(string Path, int Label, float[] Scores)
{
    public int Predicted { get; } = Scores.AsSpan().IndexOf(Scores.Max());

    public float Confidence => Scores[Predicted];
}

/// <summary>What a model says about videos.</summary>
/// <param name="Classes">The names of the classes.</param>
/// <param name="Videos">Those that can be read, in order.</param>
/// <param name="Unreadable">Why the others cannot.</param>
/// <param name="Unknown">The labels that are none of the model's, whose videos are not scored.</param>
/// <param name="Elapsed">The time it took, decoding included.</param>
internal sealed record ScoredVideos(string[] Classes, IReadOnlyList<ScoredVideo> Videos, IReadOnlyList<VideoReadException> Unreadable,
    IReadOnlyList<UnknownLabel> Unknown, TimeSpan Elapsed)
{
    /// <summary>The same from rows, of one process or of several.</summary>
    public static ScoredVideos Of(string[] classes, IReadOnlyList<PartRow> rows, IReadOnlyList<UnknownLabel> unknown, TimeSpan elapsed) => new(
        classes,
        [.. rows.Where(r => r.Values is not null).Select(r => new ScoredVideo(r.Path, Array.IndexOf(classes, r.Label), r.Values!))],
        [.. rows.Where(r => r.Values is null).Select(r => new VideoReadException(r.Path, r.ErrorKind, r.Error ?? ""))],
        unknown, elapsed);
}

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
