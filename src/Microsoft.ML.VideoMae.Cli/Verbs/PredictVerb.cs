// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae predict</c>: the classes of videos.</summary>
internal sealed class PredictVerb
{
    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model = new("model")
    {
        Description =
            "A model: a .zip, or a checkpoint, which is a folder, a .safetensors, .bin, .pth or .ckpt file, or a hub id."
    };
    private readonly Argument<string[]> _videos = new("videos")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Files, folders, wildcards, or - for a list on the standard input."
    };
    private readonly Option<bool> _json = new("--json") { Description = "A line of JSON for each video instead of CSV." };
    private readonly Option<FileInfo?> _output =
        new("--output", "-o") { Description = "A file to write to instead of the standard output." };
    private readonly ShardOption _shard = new();
    private readonly Option<DirectoryInfo?> _watch =
        new("--watch") { Description = "A folder whose new videos are predicted as they arrive, until Ctrl+C." };

    public static Command Create() => new PredictVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("predict", """
            Predicts the classes of videos, as CSV: path, class, probability. A model of numbers gives path and score.
            A video that cannot be read gets an empty class, and the exit code is 3.
            Of a folder, the videos directly in it are taken, and folders of pictures, each of which is a clip.

            Examples:
              videomae predict actions.zip clips/*.mp4
              find . -name '*.mp4' | videomae predict actions.zip - --json > predictions.jsonl
              videomae predict actions.zip --watch incoming
              videomae predict trainer-output clip.mp4
            """)
        {
            _model, _videos, _json, _output, _watch,
        };
        _shard.AddTo(command);
        _common.AddTo(command);
        command.SetAction((result, stop) => Task.FromResult(Run(result, stop)));
        return command;
    }

    private int Run(ParseResult result, CancellationToken stop)
    {
        string[] arguments = result.GetValue(_videos)!;
        DirectoryInfo? watched = result.GetValue(_watch);
        if (watched is null && arguments.Length == 0)
            throw new ArgumentException("There is nothing to predict: give files, folders, wildcards, - for a list on the standard " +
                "input, or --watch with a folder.");
        if (watched is { Exists: false })
            throw new DirectoryNotFoundException($"--watch is '{watched}', which is no folder.");
        MLContext ml = _common.CreateContext(result);
        string[] paths = new VideoList(ml, Console.Error.WriteLine).Expand(arguments);
        string zip = result.GetValue(_model)!;
        Shard shard = _shard.Read(result, result.GetValue(_output), watched is null ? null : "--watch");
        var scorer = new VideoScorer(ml, ModelFile.LoadAny(ml, zip), zip);
        bool json = result.GetValue(_json);
        var header = new PartHeader(PartKind.Predictions, zip, paths.Length) { Task = scorer.Task, Classes = scorer.Classes, Json = json };
        if (!shard.IsWhole)
            return shard.Finish(header, Part(scorer, shard, paths, stop), result.GetValue(_output));
        if (result.GetValue(_output) is not FileInfo output)
            return Predict(scorer, paths, watched, new PredictionWriter(Console.Out, scorer.Task, scorer.Classes, json), stop);
        int code = ExitCode.Done;
        OutputFile.Write(output.FullName, path =>
        {
            using var writer = new StreamWriter(path);
            code = Predict(scorer, paths, watched, new PredictionWriter(writer, scorer.Task, scorer.Classes, json), stop);
        });
        return code;
    }

    private static PartRow[] Part(VideoScorer scorer, Shard shard, string[] paths, CancellationToken stop)
    {
        int[] own = shard.Own(paths.Length);
        return [.. scorer.ScoreRows([.. own.Select(i => new VideoInput { VideoPath = paths[i] })], stop)
            .Select((row, i) => new PartRow(own[i], paths[own[i]], row.Scores, row.Error?.Message))];
    }

    private static int Predict(VideoScorer scorer, string[] paths, DirectoryInfo? watched, PredictionWriter writer, CancellationToken stop)
    {
        int failed = Write(scorer, paths, writer, stop);
        if (watched is null)
            return failed == 0 ? ExitCode.Done : ExitCode.SomethingWrong;
        Console.Error.WriteLine($"Watching '{watched.FullName}'; Ctrl+C ends it.");
        foreach (string path in new FolderWatch(watched.FullName, Console.Error.WriteLine).Arrivals(stop))
            Write(scorer, [path], writer, CancellationToken.None);
        return ExitCode.Done;
    }

    private static int Write(VideoScorer scorer, string[] paths, PredictionWriter writer, CancellationToken stop)
    {
        int done = 0, failed = 0;
        foreach ((float[]? scores, VideoReadException? error) in scorer.ScoreRows([.. paths.Select(p => new VideoInput { VideoPath = p })],
            stop))
        {
            if (error is not null)
            {
                failed++;
                Console.Error.WriteLine(error.Message);
            }

            writer.Write(paths[done++], scores, error?.Message);
        }

        return failed;
    }
}
