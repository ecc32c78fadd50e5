// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Timeline;

/// <summary>Writes what was found in a video.</summary>
internal static class TimelineFiles
{
    public const string SegmentHeader = "path,class,start,end,probability";

    /// <summary>Writes all files of a video.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="name">What their names begin with.</param>
    public static void Write(FoundTimeline found, string folder, string name)
    {
        (string Ending, string Text)[] files =
        [
            (".segments.csv", Segments(found)),
            (".windows.csv", Windows(found)),
            (".timeline.json", ToJson(found)),
            (".vtt", WebVtt(found.Segments)),
            (".timeline.html", TimelinePage.Render(found, folder)),
        ];
        foreach ((string ending, string text) in files)
            OutputFile.Write(Path.Combine(folder, name + ending), path => File.WriteAllText(path, text));
    }

    /// <summary>A segment as a line of CSV.</summary>
    public static string Line(string path, VideoSegment segment) => string.Create(CultureInfo.InvariantCulture,
        $"{Csv.Quote(path)},{Csv.Quote(segment.Label)},{segment.Start.TotalSeconds:0.###},{segment.End.TotalSeconds:0.###},{segment.Probability:0.0000}");

    /// <summary>Subtitles that any player shows.</summary>
    public static string WebVtt(IReadOnlyList<VideoSegment> segments)
    {
        var text = new StringBuilder("WEBVTT\n");
        foreach (VideoSegment segment in segments)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Clock(segment.Start)} --> {Clock(segment.End)}\n");

            // What WebVTT would read as markup, or as the line between two times.
            string label = segment.Label.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").ReplaceLineEndings(" ");
            text.Append(CultureInfo.InvariantCulture, $"{label} {segment.Probability:0%}\n");
        }

        return text.ToString();
    }

    private static string Clock(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds:000}");

    private static string Segments(FoundTimeline found) =>
        string.Concat(found.Segments.Select(s => $"{Line(found.Path, s)}\n").Prepend(SegmentHeader + "\n"));

    private static string Windows(FoundTimeline found)
    {
        var text = new StringBuilder("start,end");
        foreach (string label in found.Labels)
            text.Append(',').Append(Csv.Quote(label));
        text.Append('\n');
        foreach (VideoWindowScore window in found.Windows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{window.Start.TotalSeconds:0.###},{window.End.TotalSeconds:0.###}");
            for (int c = 0; c < found.Labels.Count; c++)
                text.Append(',').Append(window.Probabilities?[c].ToString("0.0000", CultureInfo.InvariantCulture));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string ToJson(FoundTimeline found) => JsonSerializer.Serialize(
        new
        {
            video = found.Path,
            found.Model,
            found.Duration,
            found.Window,
            found.Stride,
            found.Threshold,
            classes = found.Labels,
            segments = found.Segments.Select(s => new
            {
                predictedLabel = s.Label,
                start = Seconds(s.Start),
                end = Seconds(s.End),
                probability = Math.Round(s.Probability, 4),
            }),
            windows = found.Windows.Select(w => new
            {
                start = Seconds(w.Start),
                end = Seconds(w.End),
                scores = w.Probabilities?.Select(p => Math.Round(p, 4)),
            }),
        },
        Json.Options);

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}
