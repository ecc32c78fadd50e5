// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using VideoMaeCli.Scoring;
using System.Linq;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Features;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae features</c>: a vector for each video.</summary>
internal sealed class FeaturesVerb
{
    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public float[] Features { get; set; } = [];
    }

    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model =
        new("model") { Description = "A checkpoint: a folder, a .safetensors, .bin, .pth, .ckpt or .zip file, or a hub id." };
    private readonly Argument<string[]> _videos = new("videos")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = "Files, folders, wildcards, or - for a list on the standard input."
    };
    private readonly Option<FileInfo> _output = new("--output", "-o")
    {
        Required = true,
        Description = "The file: .csv, .parquet, or .npy (with the paths in a .paths.txt beside it)."
    };
    private readonly ShardOption _shard = new();
    private readonly Option<int> _layer =
        new("--layer") { Description = "The block whose mean token is taken; 0 takes the last one with what normalises it." };

    public static Command Create() => new FeaturesVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("features", """
            Writes the features of videos, a row for each. A video that cannot be read is left out with a warning, and the exit code is 3.

            Examples:
              videomae features pretrained.zip clips --output features.csv
              videomae features MCG-NJU/videomae-base clips/*.mp4 --output features.parquet
            """)
        {
            _model, _videos, _output, _layer,
        };
        _shard.AddTo(command);
        _common.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken stop)
    {
        string target = result.GetValue(_output)!.FullName;
        Shard shard = _shard.Read(result, result.GetValue(_output));
        if (!shard.HasOwnFile)
            FeatureFile.CheckName(target);
        MLContext ml = _common.CreateContext(result);
        string[] paths = new VideoList(ml, Console.Error.WriteLine).Expand(result.GetValue(_videos)!);
        VideoList.CheckDecoder(paths[0]);
        int[] own = shard.Own(paths.Length);
        IDataView rows = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(ModelFile.Rows(ml, []))
            .Transform(ModelFile.Rows(ml, [.. own.Select(i => paths[i])]));
        using VideoMaeFeaturizingTransformer featurizer = ml.Transforms
            .VideoMaeFeatures("Features", "Video", result.GetValue(_model)!, result.GetValue(_layer), onVideoError: VideoErrorPolicy.Skip)
            .Fit(rows);
        var part = new List<PartRow>();
        foreach (Row row in ml.Data.CreateEnumerable<Row>(featurizer.Transform(rows), reuseRowObject: false))
        {
            stop.ThrowIfCancellationRequested();
            part.Add(new PartRow(own[part.Count], row.VideoPath, float.IsNaN(row.Features[0]) ? null : row.Features, null));
        }

        var header = new PartHeader(PartKind.Features, result.GetValue(_model)!, paths.Length) { Layer = result.GetValue(_layer) };
        return shard.IsWhole
            ? await WriteAsync(part, target, stop).ConfigureAwait(false)
            : shard.Finish(header, part, result.GetValue(_output));
    }

    /// <summary>Writes the rows that have features.</summary>
    public static async Task<int> WriteAsync(IReadOnlyList<PartRow> rows, string target, CancellationToken stop)
    {
        var table = new FeatureTable([], []);
        foreach (PartRow row in rows.Where(row => row.Values is not null))
            table.Add(row.Path, row.Values!);
        if (table.Paths.Count == 0)
            throw new InvalidDataException($"None of the {rows.Count} videos can be read.");
        await FeatureFile.WriteAsync(target, table, stop).ConfigureAwait(false);
        Console.WriteLine($"Wrote {table.Paths.Count} x {table.Rows[0].Length} features to {target}.");
        return table.Paths.Count == rows.Count ? ExitCode.Done : ExitCode.SomethingWrong;
    }
}
