// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using VideoMaeCli.Report;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae validate</c>: finds videos that cannot be read, and files or recordings that are on both sides of a split.</summary>
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
        var page = new Option<FileInfo?>("--page") { Description = "A page, .html, that shows near duplicates side by side." };
        var quick = new Option<bool>("--no-near-duplicates") { Description = "Look for the very same files only." };
        var command = new Command("validate", """
            Finds unreadable videos, and the same file or nearly the same recording in several parts or classes of a data set: encoded
            anew, in another size, cut in length, mirrored, or shifted in time. The exit code is 3 where something was found, and where
            videos or folders without videos are left out.

            Examples:
              videomae validate --dataset actions
              videomae validate --dataset actions --page pairs.html
            """)
        {
            dataset, json, page, quick,
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
                Note);
            VideoList.CheckDecoder(data.GetColumn<string>("VideoPath").First());
            VideoValidationReport report = ml.Data.ValidateVideos(data,
                labelColumnName: DatasetLoader.LabelColumn(data), splitColumnName: DatasetLoader.SplitColumn(data),
                findNearDuplicates: !result.GetValue(quick), cancellationToken: stop, distribution: VideoMaeDistribution.Auto);
            if (!ProcessGroup.Current.IsFirst)
                return Task.FromResult(ExitCode.Done);
            if (result.GetValue(page) is FileInfo file)
                OutputFile.Write(file.FullName, path => File.WriteAllText(path, Page(report, result.GetValue(dataset)!)));
            Console.WriteLine(result.GetValue(json) ? ToJson(report, leftOut) : report.ToString());
            return Task.FromResult(report.IsClean && !hasLostVideos ? ExitCode.Done : ExitCode.SomethingWrong);
        });
        return command;
    }

    /// <summary>Near duplicates side by side.</summary>
    internal static string Page(VideoValidationReport report, string dataset)
    {
        IReadOnlyList<(string, IReadOnlyList<PageClip>)> Rows(Func<VideoNearDuplicate, bool> isWanted) =>
            [.. report.NearDuplicates.Where(isWanted).Select(p => (Heading(p), (IReadOnlyList<PageClip>)
                [new PageClip(p.First, Lines(p, 0)), new PageClip(p.Second, Lines(p, 1))]))];
        return ClipPage.Render($"Near duplicates in {dataset}",
            [$"{report.Count - report.Problems.Count} of {report.Count} videos can be read. " +
                $"{report.NearDuplicates.Count} pairs show nearly the same recording."],
            [
                new PageSection("leaks", "In several parts of the data set", "Results on such videos are too good.", Rows(p => p.IsLeak)),
                new PageSection("labels", "With several labels", "One of the two labels is wrong, or the classes overlap.",
                    Rows(p => !p.IsLeak && p.HasSeveralLabels)),
                new PageSection("others", "Others", "They count twice in training.", Rows(p => !p.IsLeak && !p.HasSeveralLabels)),
            ]);
    }

    private static string Heading(VideoNearDuplicate pair) => string.Create(CultureInfo.InvariantCulture,
        $"Similarity {pair.Similarity:0.000}{(pair.IsMirrored ? ", mirrored" : "")}") +
        (Math.Abs(pair.Shift.TotalSeconds) < 0.02
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", shifted by {pair.Shift.TotalSeconds:0.00} s"));

    private static string[] Lines(VideoNearDuplicate pair, int which) =>
        [.. pair.Labels.Skip(which).Take(1), .. pair.Splits.Skip(which).Take(1)];

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
