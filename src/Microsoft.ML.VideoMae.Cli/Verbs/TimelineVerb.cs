// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using VideoMaeCli.Progress;
using VideoMaeCli.Timeline;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae timeline</c>: when what happens in long videos.</summary>
internal sealed class TimelineVerb
{
    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model = new("model")
    {
        Description =
            "A classifier: a .zip, or a checkpoint, which is a folder, a .safetensors, .bin, .pth or .ckpt file, or a hub id."
    };
    private readonly Argument<string[]> _videos = new("videos")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Files, folders or wildcards; or one live input: a URL such as rtsp://camera/stream, a camera such as /dev/video0, " +
            "or - with --input-size and --input-rate for raw frames on the standard input."
    };
    private readonly Option<TimeSpan?> _window = Time("--window",
        "How long the stretches are that the model sees, such as 2s. The default is the length of the training clips, where the model " +
        "says it.");
    private readonly Option<TimeSpan?> _stride = Time("--stride",
        "From one stretch to the next, such as 0.5s. The default is a quarter of a window.");
    private readonly Option<float> _threshold = new("--threshold")
    {
        Description = "A segment begins where the probability of its class reaches this.",
        DefaultValueFactory = _ => new VideoTimelineOptions().Threshold,
    };
    private readonly Option<float?> _keep = new("--keep-threshold")
    {
        Description = "A segment goes on while its probability is not below this. The default is seven tenths of the threshold."
    };
    private readonly Option<TimeSpan?> _shortest = Time("--shortest",
        "Shorter segments are left out, and shorter breaks closed. The default is a window.");
    private readonly Option<string?> _other = new("--other") { Description = "A class of the model that means that nothing happens." };
    private readonly Option<DirectoryInfo?> _output = new("--output", "-o")
    {
        Description = "The folder of the files that are written. The default is the current folder."
    };
    private readonly LiveOptions _live = new();
    private readonly Option<DirectoryInfo?> _watch = new("--watch")
    {
        Description = "A folder whose new videos are taken as they arrive, until Ctrl+C."
    };

    public static Command Create() => new TimelineVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("timeline", """
            Says when what happens in long videos, as CSV: path, class, start, end, probability; times are in seconds.
            Beside it, it writes for each video NAME.timeline.html, a page with the video and a track for every class;
            NAME.vtt, subtitles; NAME.segments.csv, NAME.windows.csv and NAME.timeline.json.
            A video that cannot be read gets no segments, and the exit code is 3.
            A live input is watched until Ctrl+C; gaps in it are lines without a class.

            Examples:
              videomae timeline actions.zip recording.mp4
              videomae timeline actions.zip recordings --window 2s --stride 0.5s --threshold 0.6 --output timelines
              videomae timeline actions.zip --watch incoming --output timelines
              videomae timeline actions.zip rtsp://camera/stream --output timelines
              frames | videomae timeline actions.zip - --input-size 640x360 --input-rate 25
            """)
        {
            _model, _videos, _window, _stride, _threshold, _keep, _shortest, _other, _output, _watch,
        };
        _live.AddTo(command);
        _common.AddTo(command);
        command.SetAction((result, stop) => Task.FromResult(Run(result, stop)));
        return command;
    }

    private int Run(ParseResult result, CancellationToken stop)
    {
        string[] arguments = result.GetValue(_videos)!;
        DirectoryInfo? watched = result.GetValue(_watch);
        if (watched is null && arguments.Length == 0)
            throw new ArgumentException("There is nothing to look at: give files, folders or wildcards, or --watch with a folder.");
        if (watched is { Exists: false })
            throw new DirectoryNotFoundException($"--watch is '{watched}', which is no folder.");
        ProcessGroup group = ProcessGroup.Current;
        if (watched is not null && group.Size > 1)
            throw new ArgumentException("--watch is for one process: leave it out, or mpirun.");
        IRunDisplay display = RunDisplay.Create(_common.VerbosityOf(result));
        MLContext ml = _common.CreateContext(result, display.Note);
        LiveVideo? live = _live.Read(result, arguments, watched is not null);
        if (live is not null && group.Size > 1)
            throw new ArgumentException($"{live.Name} is live, and is watched by one process: leave it out, or mpirun.");
        string[] paths = live is null ? new VideoList(ml, display.Note).Expand(arguments) : [];
        string zip = result.GetValue(_model)!;
        var options = new VideoTimelineOptions
        {
            Window = result.GetValue(_window),
            Stride = result.GetValue(_stride),
            Threshold = result.GetValue(_threshold),
            KeepThreshold = result.GetValue(_keep),
            ShortestSegment = result.GetValue(_shortest),
            OtherClass = result.GetValue(_other),
            Note = display.Note,
        };
        var run = new TimelineRun(new VideoTimeline(ModelFile.LoadAny(ml, zip), options), options, display,
            result.GetValue(_output)?.FullName ?? Directory.GetCurrentDirectory(), Path.GetFileName(zip));
        if (group.IsFirst)
            Console.WriteLine(TimelineFiles.SegmentHeader);
        if (live is not null)
        {
            run.Watch(live, stop);
            return ExitCode.Done;
        }

        int failed = display.Show(() => group.Size == 1 ? paths.Count(path => !run.Run(path, stop)) : run.RunShared(paths, group, stop));
        if (watched is null)
            return failed == 0 ? ExitCode.Done : ExitCode.SomethingWrong;
        display.Note($"Watching '{watched.FullName}'; Ctrl+C ends it.");
        foreach (string path in new FolderWatch(watched.FullName, display.Note).Arrivals(stop))
            run.Run(path, CancellationToken.None);
        return ExitCode.Done;
    }

    /// <summary>A time: 2s, 0.5s, 500ms, 1.5m, or seconds alone.</summary>
    internal static TimeSpan? ParseTime(string text)
    {
        (string number, double unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 0.001),
            _ when text.EndsWith('s') => (text[..^1], 1),
            _ when text.EndsWith('m') => (text[..^1], 60),
            _ => (text, 1.0),
        };
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * unit < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(value * unit) : null;
    }

    private static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            TimeSpan? time = ParseTime(text);
            if (time is null)
                result.AddError($"{name} is '{text}'; it has to be a time, such as 2s, 0.5s or 500ms.");
            return time;
        },
    };
}
