// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae features</c>: a vector for each video.</summary>
internal static class FeaturesVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "A checkpoint: a folder, a .safetensors, .bin, .pth or .zip file, or a hub id." };
        var videos = new Argument<string[]>("videos") { Arity = ArgumentArity.OneOrMore, Description = "Files, folders, wildcards, or - for a list on the standard input." };
        var output = new Option<FileInfo>("--output", "-o") { Required = true, Description = "The CSV file: path, and a column for each feature." };
        var layer = new Option<int>("--layer") { Description = "The block whose mean token is taken; 0 takes the last one with what normalises it." };
        var command = new Command("features", "Writes the features of videos.\n\nExample: videomae features pretrained.zip clips --output features.csv") { model, videos, output, layer };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            IDataView rows = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(ModelFile.Rows(ml, [])).Transform(ModelFile.Rows(ml, VideoList.Expand(result.GetValue(videos)!)));
            using VideoMaeFeaturizingTransformer featurizer = ml.Transforms.VideoMaeFeatures("Features", "Video", result.GetValue(model)!, result.GetValue(layer)).Fit(rows);
            OutputFile.Write(result.GetValue(output)!.FullName, path => Write(path, ml, featurizer.Transform(rows)));
            return 0;
        });
        return command;
    }

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public float[] Features { get; set; } = [];
    }

    private static void Write(string path, MLContext ml, IDataView scored)
    {
        using var writer = new StreamWriter(path);
        int count = 0;
        foreach (Row row in ml.Data.CreateEnumerable<Row>(scored, reuseRowObject: false))
        {
            if (count++ == 0)
                writer.WriteLine($"path,{string.Join(",", Enumerable.Range(0, row.Features.Length).Select(i => $"f{i}"))}");
            writer.WriteLine($"{Csv.Quote(row.VideoPath)},{string.Join(",", row.Features.Select(f => f.ToString("R", CultureInfo.InvariantCulture)))}");
        }
    }
}
