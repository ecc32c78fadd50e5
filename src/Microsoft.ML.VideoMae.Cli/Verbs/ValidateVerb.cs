// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae validate</c>: finds videos that cannot be read, and files that are on both sides of a split.</summary>
internal static class ValidateVerb
{
    /// <summary>
    /// Where the library tells of videos that it leaves out, and of folders without any: other files are no fault of a data set.
    /// </summary>
    private const string VideosLeftOut = "Leaving out videos";

    public static Command Create()
    {
        var common = new CommonOptions();
        var list = new ListOptions();
        var dataset = new Option<string>("--dataset")
        {
            Required = true,
            Description = "A folder of class folders, with train, val and test folders above them or without; a folder " +
                "of videos without classes; or a CSV file."
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("validate", """
            Finds unreadable videos, and the same file in several parts or classes of a data set. The exit code is 3 where something
            was found, and where videos or folders without videos are left out.

            Example:
              videomae validate --dataset actions
            """)
        {
            dataset, json,
        };
        list.AddTo(command);
        common.AddTo(command);
        command.SetAction((result, stop) =>
        {
            MLContext ml = common.CreateContext(result);
            var leftOut = new List<string>();
            bool hasLostVideos = false;
            ml.Log += (_, e) =>
            {
                if (e.Kind != ChannelMessageKind.Warning)
                    return;
                leftOut.Add(e.RawMessage);
                hasLostVideos |= e.Source.Contains(VideosLeftOut, StringComparison.Ordinal);
            };
            IDataView data = DatasetLoader.LoadWithOrWithoutLabels(ml, result.GetValue(dataset)!, list.Read(result),
                text => Note(text));
            VideoList.CheckDecoder(data.GetColumn<string>("VideoPath").First());
            VideoValidationReport report = ml.Data.ValidateVideos(data,
                labelColumnName: DatasetLoader.LabelColumn(data), splitColumnName: DatasetLoader.SplitColumn(data),
                cancellationToken: stop, distribution: VideoMaeDistribution.Auto);
            if (!ProcessGroup.Current.IsFirst)
                return Task.FromResult(ExitCode.Done);
            Console.WriteLine(result.GetValue(json) ? ToJson(report, leftOut) : report.ToString());
            return Task.FromResult(report.IsClean && !hasLostVideos ? ExitCode.Done : ExitCode.SomethingWrong);
        });
        return command;
    }

    private static void Note(string text)
    {
        if (ProcessGroup.Current.IsFirst)
            Console.Error.WriteLine(text);
    }

    private static string ToJson(VideoValidationReport report, IReadOnlyList<string> warnings)
    {
        JsonNode json = JsonSerializer.SerializeToNode(report, Json.Options)!;
        json["warnings"] = JsonSerializer.SerializeToNode(warnings, Json.Options);
        return json.ToJsonString(Json.Options);
    }
}
