// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using VideoMaeCli.Progress;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae evaluate</c>: a model on labelled videos.</summary>
internal sealed class EvaluateVerb
{
    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model = new("model")
    {
        Description =
            "A model: a .zip, or a checkpoint, which is a folder, a .safetensors, .bin, .pth or .ckpt file, or a hub id."
    };
    private readonly Option<string> _dataset = new("--dataset")
    {
        Required = true,
        Description = "Labelled videos: a folder of class folders, or a CSV file. Of one with splits, the test videos are taken."
    };
    private readonly ListOptions _list = new();
    private readonly ShardOption _shard = new();
    private readonly Option<FileInfo?> _output = new("--output", "-o") { Description = "The file of a part, with --shard." };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new EvaluateVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("evaluate", """
            Evaluates a classifier: accuracy, precision and recall of each class, confusion. A model of numbers: R squared and errors. The
            exit code is 3 where videos could not be read, or have a label that the model does not know.

            Examples:
              videomae evaluate actions.zip --dataset more-actions
              videomae evaluate actions.zip --dataset more-actions --json > metrics.json
            """)
        {
            _model, _dataset, _json, _output,
        };
        _list.AddTo(command);
        _shard.AddTo(command);
        _common.AddTo(command);
        command.SetAction((result, stop) => Task.FromResult(Run(result, stop)));
        return command;
    }

    private int Run(ParseResult result, CancellationToken stop)
    {
        bool json = result.GetValue(_json);
        IRunDisplay display = RunDisplay.Create(json ? Verbosity.Q : _common.VerbosityOf(result));
        MLContext ml = _common.CreateContext(result, display.Note);
        string zip = result.GetValue(_model)!;
        ITransformer model = ModelFile.LoadAny(ml, zip);
        (IDataView train, _, IDataView? test) =
            DatasetLoader.Split(ml, DatasetLoader.Load(ml, result.GetValue(_dataset)!, _list.Read(result)));
        string which = test is null ? "all" : "test";
        Shard shard = _shard.Read(result, result.GetValue(_output));
        var scorer = new VideoScorer(ml, model, zip);
        (VideoInput[] rows, UnknownLabel[] unknown) = scorer.Known(test ?? train);
        int[] own = shard.Own(rows.Length);
        PartRow[] scored = display.Show(() => scorer
            .Score(rows, own, (done, count) => display.Scoring(which, done, count), stop).ToArray());
        var header = new PartHeader(PartKind.Evaluation, zip, rows.Length)
        {
            Task = scorer.Task,
            Classes = scorer.Classes,
            Unknown = unknown,
            Which = which,
            Json = json,
        };
        return shard.IsWhole ? Report(ml, header, scored, display) : shard.Finish(header, scored, result.GetValue(_output));
    }

    /// <summary>Says how good the model is on what was scored.</summary>
    public static int Report(MLContext ml, PartHeader header, IReadOnlyList<PartRow> rows, IRunDisplay display)
    {
        ModelQuality quality = ModelQuality.Of(ml, header.Task, header.Classes, rows, header.Unknown, TimeSpan.Zero);
        if (quality.Unknown.Count > 0)
        {
            display.Note($"Warning: {quality.Unknown.Sum(u => u.Count)} videos have labels that the model " +
                $"does not know, and are not measured: {UnknownLabel.Describe(quality.Unknown)}. {quality.Known}");
        }

        if (header.Json)
            Console.WriteLine(quality.ToJson(header.Which).ToJsonString(Json.Options));
        else
            quality.Print();
        return quality.Unreadable.Count == 0 && quality.Unknown.Count == 0 ? ExitCode.Done : ExitCode.SomethingWrong;
    }
}
