// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae;

/// <summary>What was found in the videos of a data set.</summary>
public sealed record VideoValidationReport
{
    internal VideoValidationReport(long count, IReadOnlyList<VideoProblem> problems, IReadOnlyList<VideoDuplicate> duplicates)
    {
        Count = count;
        Problems = problems;
        Duplicates = duplicates;
    }

    /// <summary>The number of videos.</summary>
    public long Count { get; }

    /// <summary>The videos that cannot be read, in the order of their rows.</summary>
    public IReadOnlyList<VideoProblem> Problems { get; }

    /// <summary>The files that are there more than once.</summary>
    public IReadOnlyList<VideoDuplicate> Duplicates { get; }

    /// <summary>
    /// Pairs of videos that show the same recording: encoded anew, in another size, cut in length, mirrored, or shifted in time. Where labels
    /// or parts were given, these are pairs across labels or parts. The most alike stand first.
    /// </summary>
    public IReadOnlyList<VideoNearDuplicate> NearDuplicates { get; init; } = [];

    /// <summary>
    /// Whether all videos can be read, and no file is in several parts of the data set or has several labels, nor nearly the same one.
    /// </summary>
    public bool IsClean => Problems.Count == 0 && !Duplicates.Any(d => d.IsLeak || d.HasSeveralLabels)
        && !NearDuplicates.Any(d => d.IsLeak || d.HasSeveralLabels);

    /// <summary>A line for each thing that was found.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        text.Append(invariant, $"{Count - Problems.Count} of {Count} videos can be read.");
        foreach (VideoProblem problem in Problems)
            text.AppendLine().Append(invariant, $"Row {problem.Row}, '{problem.Video}' ({problem.Error}): {problem.Reason}");
        foreach (VideoDuplicate duplicate in Duplicates)
        {
            string what = duplicate.IsLeak ? $" They are in {string.Join(" and ", duplicate.Splits)}: results are too good."
                : duplicate.HasSeveralLabels ? $" They are labelled {string.Join(" and ", duplicate.Labels)}."
                : "";
            text.AppendLine().Append(invariant,
                $"The same file {duplicate.Videos.Count} times: '{string.Join("', '", duplicate.Videos)}'.{what}");
        }

        foreach (VideoNearDuplicate pair in NearDuplicates)
            text.AppendLine().Append(pair);

        return text.ToString();
    }
}

/// <summary>A video of a data set that cannot be read.</summary>
public sealed record VideoProblem
{
    internal VideoProblem(long row, string video, VideoReadError error, string reason)
    {
        Row = row;
        Video = video;
        Error = error;
        Reason = reason;
    }

    /// <summary>The row of the data, from 0.</summary>
    public long Row { get; }

    /// <summary>The video's path or name.</summary>
    public string Video { get; }

    /// <summary>The kind of problem.</summary>
    public VideoReadError Error { get; }

    /// <summary>What was found, and what to do about it.</summary>
    public string Reason { get; }
}

/// <summary>Files of a data set with the very same content.</summary>
public sealed record VideoDuplicate
{
    internal VideoDuplicate(IReadOnlyList<string> videos, IReadOnlyList<string> labels, IReadOnlyList<string> splits)
    {
        Videos = videos;
        Labels = labels;
        Splits = splits;
    }

    /// <summary>Their paths or names.</summary>
    public IReadOnlyList<string> Videos { get; }

    /// <summary>The labels they have, where a label column was given.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The parts of the data set they are in, where a split column was given.</summary>
    public IReadOnlyList<string> Splits { get; }

    /// <summary>Whether the files contradict each other by their labels.</summary>
    public bool HasSeveralLabels => Labels.Count > 1;

    /// <summary>Whether a file to test or validate on is one to train on, too: results on it are too good.</summary>
    public bool IsLeak => Splits.Count > 1;
}

/// <summary>Two videos of a data set that show the same recording, though their files differ.</summary>
public sealed record VideoNearDuplicate
{
    internal VideoNearDuplicate()
    {
    }

    /// <summary>The path or name of the first.</summary>
    public required string First { get; init; }

    /// <summary>The path or name of the second.</summary>
    public required string Second { get; init; }

    /// <summary>The labels of the two, where a label column was given.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The parts of the data set that the two are in, where a split column was given.</summary>
    public required IReadOnlyList<string> Splits { get; init; }

    /// <summary>How alike what changes in the two is; 1 at most.</summary>
    public required double Similarity { get; init; }

    /// <summary>Whether one is the mirror image of the other.</summary>
    public required bool IsMirrored { get; init; }

    /// <summary>How much later the second begins in the recording than the first; negative if it begins earlier.</summary>
    public required TimeSpan Shift { get; init; }

    /// <summary>Whether the two contradict each other by their labels.</summary>
    public bool HasSeveralLabels => Labels.Distinct().Count() > 1;

    /// <summary>Whether one is to test or validate on, and the other to train on: results are too good.</summary>
    public bool IsLeak => Splits.Distinct().Count() > 1;

    /// <summary>The pair in a line.</summary>
    public override string ToString()
    {
        string what = IsLeak ? $" They are in {string.Join(" and ", Splits)}: results are too good."
            : HasSeveralLabels ? $" They are labelled {string.Join(" and ", Labels)}."
            : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"Nearly the same{(IsMirrored ? ", mirrored" : "")}: '{First}' and '{Second}' (similarity {Similarity:0.000}).{what}");
    }
}
