// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using VideoMaeCli.Features;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae merge</c>: parts of a result become the whole.</summary>
internal static class MergeVerb
{
    public static Command Create()
    {
        var parts = new Argument<string[]>("parts") { Arity = ArgumentArity.OneOrMore, Description = "The files that --shard wrote." };
        var output = new Option<FileInfo?>("--output", "-o")
        {
            Description = "The file of the result. Predictions go to the standard output without it; features need it."
        };
        var command = new Command("merge", """
            Puts the parts together that predict, features and evaluate wrote with --shard, as one process would have written the whole.
            Parts that are missing or there twice are named, and nothing is written.

            Examples:
              videomae predict actions.zip clips --shard 3/16 --output 3.part
              videomae merge *.part --output predictions.csv
            """)
        {
            parts, output,
        };
        command.SetAction((result, _) =>
        {
            (PartHeader header, PartRow[] rows) = PartFile.ReadAll(result.GetValue(parts)!);
            FileInfo? file = result.GetValue(output);
            if (header.Kind == PartKind.Features)
                FeatureFile.CheckName(file?.FullName ?? throw new ArgumentException("Features go to a file: give --output."));
            return Task.FromResult(WholeResult.Write(header, rows, file));
        });
        return command;
    }
}
