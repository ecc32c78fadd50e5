// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using Microsoft.ML;
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
            Description = "The file of the result. Without it, it goes to the standard output; features need it."
        };
        var page = new Option<FileInfo?>("--page") { Description = "Parts of validate: a page, .html, with near duplicates side by side." };
        var command = new Command("merge", """
            Puts the parts together that predict, features, evaluate and validate wrote with --shard, as one process would have written the
            whole.
            Parts that are missing or there twice are named, and nothing is written.

            Examples:
              videomae predict actions.zip clips --shard 3/16 --output 3.part
              videomae merge *.part --output predictions.csv
            """)
        {
            parts, output, page,
        };
        command.SetAction((result, _) =>
        {
            (PartHeader header, PartRow[] rows) = PartFile.ReadAll(result.GetValue(parts)!);
            FileInfo? file = result.GetValue(output);
            if (header.Kind == PartKind.Features)
                FeatureFile.CheckName(file?.FullName ?? throw new ArgumentException("Features go to a file: give --output."));
            if (header.Kind == PartKind.Validation)
                return Task.FromResult(ValidateVerb.Report(new MLContext(), header, rows, file, result.GetValue(page)));
            if (result.GetValue(page) is not null)
                throw new ArgumentException("--page is for parts of 'videomae validate', and these are of another verb: leave it out.");
            return Task.FromResult(WholeResult.Write(header, rows, file));
        });
        return command;
    }
}
