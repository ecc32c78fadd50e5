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
using System.Text.Json.Nodes;
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
        WriteText(folder, name + ".segments.csv", Segments(found));
        WriteText(folder, name + ".windows.csv", Windows(found));
        WriteText(folder, name + ".vtt", WebVtt(found.Segments));
        WritePages(found, folder, name);
    }

    /// <summary>Writes the files that are one text from begin to end.</summary>
    public static void WritePages(FoundTimeline found, string folder, string name)
    {
        WriteText(folder, name + ".timeline.json", ToJson(found));
        WriteText(folder, name + ".timeline.html", TimelinePage.Render(found, folder));
    }

    private static void WriteText(string folder, string name, string text) =>
        OutputFile.Write(Path.Combine(folder, name), path => File.WriteAllText(path, text));

    /// <summary>A name for the files of a live video, of letters, digits, dots and hyphens.</summary>
    public static string SafeName(string live)
    {
        string plain = live[(live.LastIndexOf("://", StringComparison.Ordinal) is >= 0 and int scheme ? scheme + 3 : 0)..];
        string safe = string.Concat(plain.Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-')).Trim('-', '.');
        return safe.Length == 0 ? "live" : safe[..Math.Min(safe.Length, 100)];
    }

    /// <summary>A gap in a live video as a line of CSV: it has no class and no probability.</summary>
    public static string GapLine(string path, VideoWindowScore gap) => string.Create(CultureInfo.InvariantCulture,
        $"{Csv.Quote(path)},,{gap.Start.TotalSeconds:0.###},{gap.End.TotalSeconds:0.###},");

    /// <summary>A segment as a line of CSV.</summary>
    public static string Line(string path, VideoSegment segment) => string.Create(CultureInfo.InvariantCulture,
        $"{Csv.Quote(path)},{Csv.Quote(segment.Label)},{segment.Start.TotalSeconds:0.###},{segment.End.TotalSeconds:0.###},{segment.Probability:0.0000}");

    /// <summary>What subtitles begin with.</summary>
    public const string WebVttHeader = "WEBVTT\n";

    /// <summary>Subtitles that any player shows.</summary>
    public static string WebVtt(IReadOnlyList<VideoSegment> segments) => string.Concat(segments.Select(WebVtt).Prepend(WebVttHeader));

    /// <summary>A segment as a subtitle.</summary>
    public static string WebVtt(VideoSegment segment)
    {
        // What WebVTT would read as markup, or as the line between two times.
        string label = segment.Label.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").ReplaceLineEndings(" ");
        return string.Create(CultureInfo.InvariantCulture,
            $"\n{Clock(segment.Start)} --> {Clock(segment.End)}\n{label} {segment.Probability:0%}\n");
    }

    /// <summary>A gap in a live video: a remark, which players pass over.</summary>
    public static string WebVttGap(VideoWindowScore gap) =>
        $"\nNOTE Nothing was received from {Clock(gap.Start)} to {Clock(gap.End)}.\n";

    private static string Clock(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds:000}");

    private static string Segments(FoundTimeline found) =>
        string.Concat(found.Segments.Select(s => $"{Line(found.Path, s)}\n").Prepend(SegmentHeader + "\n"));

    private static string Windows(FoundTimeline found) =>
        string.Concat(found.Windows.Select(w => Line(w, found.Labels)).Prepend(WindowHeader(found.Labels)));

    /// <summary>The first line of the list of windows.</summary>
    public static string WindowHeader(IReadOnlyList<string> labels) =>
        $"start,end{string.Concat(labels.Select(l => "," + Csv.Quote(l)))}\n";

    /// <summary>A window as a line of CSV, without numbers where it has no probabilities.</summary>
    public static string Line(VideoWindowScore window, IReadOnlyList<string> labels)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{window.Start.TotalSeconds:0.###},{window.End.TotalSeconds:0.###}");
        for (int c = 0; c < labels.Count; c++)
            text.Append(',').Append(window.Probabilities?[c].ToString("0.0000", CultureInfo.InvariantCulture));
        return text.Append('\n').ToString();
    }

    private static string ToJson(FoundTimeline found)
    {
        JsonObject all = JsonSerializer.SerializeToNode(
            new
            {
                video = found.Path,
                found.Model,
                live = found.Live is null ? null : new
                {
                    found.Live.Started,
                    found.Live.IsRunning,
                    from = Math.Round(found.Live.From, 3),
                    gaps = found.Windows.Where(w => w.IsGap).Select(w => new { start = Seconds(w.Start), end = Seconds(w.End) }),
                },
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
                windows = found.Windows.Where(w => !w.IsGap).Select(w => new
                {
                    start = Seconds(w.Start),
                    end = Seconds(w.End),
                    scores = w.Probabilities?.Select(p => Math.Round(p, 4)),
                }),
            },
            Json.Options)!.AsObject();
        if (found.Live is null)
            all.Remove("live");
        return all.ToJsonString(Json.Options);
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}
