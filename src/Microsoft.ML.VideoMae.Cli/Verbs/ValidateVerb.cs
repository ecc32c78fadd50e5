// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae validate</c>: finds videos that cannot be read, and files that are on both sides of a split.</summary>
internal static class ValidateVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var dataset = new Option<string>("--dataset") { Required = true, Description = "A folder of class folders, with train, val and test folders above them or without, or a CSV file." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("validate", """
            Finds unreadable videos, and the same file in several parts or classes of a data set. The exit code is 3 where something was found.

            Example:
              videomae validate --dataset actions
            """)
        {
            dataset, json,
        };
        common.AddTo(command);
        command.SetAction((result, stop) =>
        {
            MLContext ml = common.CreateContext(result);
            IDataView data = DatasetLoader.Load(ml, result.GetValue(dataset)!);
            VideoList.CheckDecoder(data.GetColumn<string>("VideoPath").First());
            VideoValidationReport report = ml.Data.ValidateVideos(data, labelColumnName: "Label", splitColumnName: DatasetLoader.SplitColumn(data), cancellationToken: stop);
            Console.WriteLine(result.GetValue(json) ? JsonSerializer.Serialize(report, Json.Options) : report.ToString());
            return Task.FromResult(report.IsClean ? ExitCode.Done : ExitCode.SomethingWrong);
        });
        return command;
    }
}
