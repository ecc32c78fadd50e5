// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae;

/// <summary>What was found in the videos of a data set.</summary>
/// <param name="Count">The number of videos.</param>
/// <param name="Problems">The videos that cannot be read, in the order of their rows.</param>
/// <param name="Duplicates">The files that are there more than once.</param>
public sealed record VideoValidationReport(long Count, IReadOnlyList<VideoProblem> Problems, IReadOnlyList<VideoDuplicate> Duplicates)
{
    /// <summary>Whether all videos can be read, and no file is in several parts of the data set or has several labels.</summary>
    public bool IsClean => Problems.Count == 0 && !Duplicates.Any(d => d.IsLeak || d.HasSeveralLabels);

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

        return text.ToString();
    }
}

/// <summary>A video of a data set that cannot be read.</summary>
/// <param name="Row">The row of the data, from 0.</param>
/// <param name="Video">The video's path or name.</param>
/// <param name="Error">The kind of problem.</param>
/// <param name="Reason">What was found, and what to do about it.</param>
public sealed record VideoProblem(long Row, string Video, VideoReadError Error, string Reason);

/// <summary>Files of a data set with the very same content.</summary>
/// <param name="Videos">Their paths or names.</param>
/// <param name="Labels">The labels they have, where a label column was given.</param>
/// <param name="Splits">The parts of the data set they are in, where a split column was given.</param>
public sealed record VideoDuplicate(IReadOnlyList<string> Videos, IReadOnlyList<string> Labels, IReadOnlyList<string> Splits)
{
    /// <summary>Whether the files contradict each other by their labels.</summary>
    public bool HasSeveralLabels => Labels.Count > 1;

    /// <summary>Whether a file to test or validate on is one to train on, too: results on it are too good.</summary>
    public bool IsLeak => Splits.Count > 1;
}
