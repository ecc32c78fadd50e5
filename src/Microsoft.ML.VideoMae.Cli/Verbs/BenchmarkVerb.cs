// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Spectre.Console;
using VideoMaeCli.Benchmarking;
using VideoMaeCli.Progress;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae benchmark</c>: how fast this machine is, and the settings that follow.</summary>
internal sealed class BenchmarkVerb
{
    private readonly CommonOptions _common = new();
    private readonly Option<string?> _model = new("--pretrained-model")
    {
        Description = "The model to train and score. Without it, the small model that is trained from scratch."
    };
    private readonly Option<string?> _dataset = new("--dataset") { Description = "Videos whose decoding is measured too." };
    private readonly Option<int[]> _batches = new("--batch-size")
    {
        Description = "The numbers of clips per step to try.",
        DefaultValueFactory = _ => [4, 8, 16, 32],
        AllowMultipleArgumentsPerToken = true
    };
    private readonly ListOptions _list = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new BenchmarkVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("benchmark", """
            Measures how many clips this machine trains on, scores and decodes in a second, and suggests settings.

            Examples:
              videomae benchmark
              videomae benchmark --pretrained-model MCG-NJU/videomae-base --dataset actions
            """)
        {
            _model, _dataset, _batches, _json,
        };
        _list.AddTo(command);
        _common.AddTo(command);
        command.SetAction((result, stop) => Task.FromResult(Run(result, stop)));
        return command;
    }

    private int Run(ParseResult result, CancellationToken stop)
    {
        int[] batches = result.GetValue(_batches)!;
        if (batches.Any(b => b is < 1 or > 1024))
            throw new ArgumentException($"--batch-size is {string.Join(" ", batches)}; every number has to be 1 to 1024.");
        MLContext ml = _common.CreateContext(result, _ => { });
        DecodingSpeed? decoding = result.GetValue(_dataset) is string dataset
            ? DecodingSpeed.Measure(ml, dataset, _list.Read(result), stop)
            : null;
        var speeds = new List<BatchSpeed>();
        var measurement = new SpeedMeasurement(ml, result.GetValue(_model));
        foreach (int batch in batches)
            speeds.Add(measurement.Measure(batch, stop));
        BatchSpeed best = speeds.MaxBy(s => s.TrainingClipsPerSecond)!;
        if (result.GetValue(_json))
            Console.WriteLine(JsonSerializer.Serialize(
                new { processors = Environment.ProcessorCount, batches = speeds, decoding, suggestedBatchSize = best.BatchSize },
                Json.Options));
        else
            Print(speeds, best, decoding);
        return ExitCode.Done;
    }

    private static void Print(List<BatchSpeed> speeds, BatchSpeed best, DecodingSpeed? decoding)
    {
        Table table = new Table { Border = RunDisplay.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii2 }
            .AddColumn("clips per step").AddColumn("trained clips/s").AddColumn("scored clips/s");
        foreach (BatchSpeed speed in speeds)
            table.AddRow(speed.BatchSize.ToString(CultureInfo.InvariantCulture), Text($"{speed.TrainingClipsPerSecond:0.0}"),
                Text($"{speed.ScoringClipsPerSecond:0.0}"));
        AnsiConsole.Write(table);
        if (decoding is not null)
        {
            Console.Write(Text($"Decoding: {decoding.VideosPerSecond:0.0} videos/s with {decoding.Threads} threads; "));
            Console.WriteLine(Text($"{decoding.BytesPerVideo / 1048576:0.0} MB of frames for each video."));
        }

        Console.WriteLine($"Fastest here: --batch-size {best.BatchSize}");
        if (decoding is not null && decoding.VideosPerSecond < best.TrainingClipsPerSecond)
            Console.WriteLine("Decoding is slower than training: the first epoch waits for it, and later ones where the frames do not " +
                "fit into a quarter of the memory.");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
