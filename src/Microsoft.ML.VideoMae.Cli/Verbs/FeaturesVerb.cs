// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
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
        _common.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken stop)
    {
        string target = result.GetValue(_output)!.FullName;
        FeatureFile.CheckName(target);
        MLContext ml = _common.CreateContext(result);
        string[] paths = new VideoList(ml, Console.Error.WriteLine).Expand(result.GetValue(_videos)!);
        VideoList.CheckDecoder(paths[0]);
        IDataView rows = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(ModelFile.Rows(ml, [])).Transform(ModelFile.Rows(ml, paths));
        using VideoMaeFeaturizingTransformer featurizer = ml.Transforms
            .VideoMaeFeatures("Features", "Video", result.GetValue(_model)!, result.GetValue(_layer), onVideoError: VideoErrorPolicy.Skip)
            .Fit(rows);
        var table = new FeatureTable([], []);
        int count = 0;
        foreach (Row row in ml.Data.CreateEnumerable<Row>(featurizer.Transform(rows), reuseRowObject: false))
        {
            stop.ThrowIfCancellationRequested();
            count++;
            if (!float.IsNaN(row.Features[0]))
                table.Add(row.VideoPath, row.Features);
        }

        if (table.Paths.Count == 0)
            throw new InvalidDataException($"None of the {count} videos can be read.");
        await FeatureFile.WriteAsync(target, table, stop).ConfigureAwait(false);
        Console.WriteLine($"Wrote {table.Paths.Count} x {table.Rows[0].Length} features to {target}.");
        return table.Paths.Count == count ? ExitCode.Done : ExitCode.SomethingWrong;
    }
}
