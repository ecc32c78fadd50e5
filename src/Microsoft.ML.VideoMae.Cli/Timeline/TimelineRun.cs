// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using VideoMaeCli.Progress;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Timeline;

/// <summary>What was found in one video.</summary>
/// <param name="Path">The video, as it was named.</param>
/// <param name="Model">The name of the model's file.</param>
/// <param name="Labels">The classes.</param>
/// <param name="Duration">How long the video is, in seconds.</param>
/// <param name="Window">How long a window is, in seconds.</param>
/// <param name="Stride">From window to window, in seconds.</param>
/// <param name="Threshold">Where a segment begins.</param>
/// <param name="Segments">The segments.</param>
/// <param name="Windows">The windows.</param>
internal sealed record FoundTimeline(string Path, string Model, IReadOnlyList<string> Labels, double Duration, double Window, double Stride,
    float Threshold, IReadOnlyList<VideoSegment> Segments, IReadOnlyList<VideoWindowScore> Windows)
{
    /// <summary>What there is to say of a live video; null for a file.</summary>
    public LiveFacts? Live { get; init; }
}

/// <summary>What there is to say of a live video.</summary>
/// <param name="Started">When the first window was scored, which is when the video began or a little later.</param>
/// <param name="IsRunning">Whether it goes on.</param>
/// <param name="From">Where what is shown begins, in seconds from the first frame.</param>
internal sealed record LiveFacts(DateTimeOffset Started, bool IsRunning, double From);

/// <summary>What a video gave: lines of CSV, or why it cannot be read.</summary>
/// <param name="Index">Its place in the list of all videos.</param>
/// <param name="Lines">A line for each segment.</param>
/// <param name="Error">Why it cannot be read; null where it can.</param>
internal sealed record TimelineOutcome(int Index, IReadOnlyList<string> Lines, string? Error);

/// <summary>Looks at videos one after the other, and writes what is found.</summary>
/// <param name="timeline">The model.</param>
/// <param name="options">Its settings.</param>
/// <param name="display">Shows how it goes.</param>
/// <param name="folder">The folder of the files.</param>
/// <param name="model">The name of the model's file.</param>
internal sealed class TimelineRun(VideoTimeline timeline, VideoTimelineOptions options, IRunDisplay display, string folder, string model)
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks at a video; false where it cannot be read.</summary>
    public bool Run(string path, CancellationToken stop)
    {
        if (Run(path, NameOf(path), Console.WriteLine, stop) is not string error)
            return true;
        display.Note(error);
        return false;
    }

    /// <summary>
    /// Looks at a part of the videos, which processes share out. Each writes the files of its own; the first one says what all found, in
    /// the order of the videos.
    /// </summary>
    /// <param name="paths">All videos, the same in all processes.</param>
    /// <param name="group">The processes.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>How many videos cannot be read; 0 in all processes but the first.</returns>
    public int RunShared(string[] paths, ProcessGroup group, CancellationToken stop)
    {
        if (paths.Length < group.Size)
            display.Note($"{paths.Length} {(paths.Length == 1 ? "video is" : "videos are")} looked at by as many of the {group.Size} " +
                "processes: the others have nothing to do.");
        string[] names = [.. paths.Select(NameOf)];
        TimelineOutcome[] own =
        [
            .. new Shard(group.Rank, group.Size, HasOwnFile: false).Own(paths.Length).Select(i =>
            {
                var lines = new List<string>();
                return new TimelineOutcome(i, lines, Run(paths[i], names[i], lines.Add, stop));
            }),
        ];
        IReadOnlyList<byte[]> all = group.Gather(JsonSerializer.SerializeToUtf8Bytes(own));
        if (!group.IsFirst)
            return 0;
        TimelineOutcome[] found = [.. all.SelectMany(part => JsonSerializer.Deserialize<TimelineOutcome[]>(part)!).OrderBy(f => f.Index)];
        foreach (string line in found.SelectMany(f => f.Lines))
            Console.WriteLine(line);
        foreach (string error in found.Select(f => f.Error).OfType<string>())
            display.Note(error);
        return found.Count(f => f.Error is not null);
    }

    /// <summary>Looks at a video and writes its files; says why it cannot be read, and null where it can.</summary>
    private string? Run(string path, string name, Action<string> say, CancellationToken stop)
    {
        try
        {
            TimelineFiles.Write(Look(path, say, stop), folder, name);
            return null;
        }
        catch (VideoReadException e) when (e.Error != VideoReadError.DecoderMissing)
        {
            return e.Message;
        }
    }

    /// <summary>Watches a live video until it ends, or is ended. What was found is in the files whatever happens.</summary>
    public void Watch(LiveVideo video, CancellationToken end)
    {
        LiveTimelineFiles? files = null;
        IEnumerable<VideoWindowScore> Scored()
        {
            foreach (VideoWindowScore window in timeline.ScoreWindows(video, endOfVideo: end))
            {
                if (files is null)
                {
                    var facts = new LiveFacts(DateTimeOffset.Now, IsRunning: true, From: 0);
                    files = new LiveTimelineFiles(About(video.Name) with { Live = facts }, folder, display.Note);
                    display.Note($"Watching {video.Name}; Ctrl+C ends it. See {files.FullName}.timeline.html");
                }

                files.Add(window);
                if (window.IsGap)
                    Console.WriteLine(TimelineFiles.GapLine(video.Name, window));
                yield return window;
            }
        }

        try
        {
            foreach (VideoSegment segment in timeline.Join(Scored()))
            {
                files!.Add(segment);
                Console.WriteLine(TimelineFiles.Line(video.Name, segment));
            }
        }
        finally
        {
            files?.Dispose();
        }
    }

    private FoundTimeline About(string path) => new(path, model, timeline.Labels, 0, timeline.Window.TotalSeconds,
        timeline.Stride.TotalSeconds, options.Threshold, [], []);

    /// <summary>Segments are told of as they are found: a recording may take hours.</summary>
    private FoundTimeline Look(string path, Action<string> say, CancellationToken stop)
    {
        MLVideo video = MLVideo.CreateFromFile(path);
        TimeSpan duration = VideoReader.Default.Probe(video, cancellationToken: stop).Duration;
        int count = timeline.CountWindows(duration);
        var windows = new List<VideoWindowScore>();
        IEnumerable<VideoWindowScore> Scored()
        {
            foreach (VideoWindowScore window in timeline.ScoreWindows(video, stop))
            {
                windows.Add(window);
                display.Windows(Path.GetFileName(path), Math.Min(windows.Count, count), count);
                yield return window;
            }
        }

        var segments = new List<VideoSegment>();
        foreach (VideoSegment segment in timeline.Join(Scored()))
        {
            segments.Add(segment);
            say(TimelineFiles.Line(path, segment));
        }

        display.Windows(Path.GetFileName(path), count, count);
        double end = Math.Max(duration.TotalSeconds, windows.Count == 0 ? 0 : windows[^1].End.TotalSeconds);
        return About(path) with { Duration = end, Segments = segments, Windows = windows };
    }

    /// <summary>A name for the files: videos of one name in several folders are numbered.</summary>
    private string NameOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path)), free = name;
        for (int i = 2; !_names.Add(free); i++)
            free = $"{name}-{i}";
        return free;
    }
}
