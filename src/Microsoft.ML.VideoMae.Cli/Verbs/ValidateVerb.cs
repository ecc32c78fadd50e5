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
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using VideoMaeCli.Report;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae validate</c>: finds videos that cannot be read, and files or recordings that are on both sides of a split.</summary>
internal sealed class ValidateVerb
{
    /// <summary>
    /// Where the library tells of videos that it leaves out, and of folders without any: other files are no fault of a data set.
    /// </summary>
    private const string VideosLeftOut = "Leaving out videos";

    private readonly CommonOptions _common = new();
    private readonly ListOptions _list = new();
    private readonly ShardOption _shard = new();
    private readonly Option<string> _dataset = new("--dataset")
    {
        Required = true,
        Description = "A folder of class folders, with train, val and test folders above them or without; a folder " +
            "of videos without classes; or a CSV file."
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };
    private readonly Option<FileInfo?> _page = new("--page") { Description = "A page, .html, that shows near duplicates side by side." };
    private readonly Option<bool> _quick = new("--no-near-duplicates") { Description = "Look for the very same files only." };
    private readonly Option<FileInfo?> _output =
        new("--output", "-o") { Description = "A file to write to instead of the standard output." };

    public static Command Create() => new ValidateVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("validate", """
            Finds unreadable videos, and the same file or nearly the same recording in several parts or classes of a data set: encoded
            anew, in another size, cut in length, mirrored, or shifted in time. The exit code is 3 where something was found, and where
            videos or folders without videos are left out.

            Examples:
              videomae validate --dataset actions
              videomae validate --dataset actions --page pairs.html
            """)
        {
            _dataset, _json, _page, _quick, _output,
        };
        _shard.AddTo(command);
        _list.AddTo(command);
        _common.AddTo(command);
        command.SetAction((result, stop) => Task.FromResult(Run(result, stop)));
        return command;
    }

    private int Run(ParseResult result, CancellationToken stop)
    {
        string dataset = result.GetValue(_dataset)!;
        (FileInfo? output, FileInfo? page) = (result.GetValue(_output), result.GetValue(_page));
        Shard shard = _shard.Read(result, output);
        if (shard.HasOwnFile && page is not null)
            throw new ArgumentException("--page shows near duplicates of all videos: give it to 'videomae merge', and not with --shard.");
        MLContext ml = _common.CreateContext(result);
        var leftOut = new List<string>();
        bool hasLostVideos = false;
        ml.Log += (_, e) =>
        {
            if (e.Kind != ChannelMessageKind.Warning)
                return;
            leftOut.Add(e.RawMessage);
            hasLostVideos |= e.Source.Contains(VideosLeftOut, StringComparison.Ordinal);
        };
        IDataView data = DatasetLoader.LoadWithOrWithoutLabels(ml, dataset, _list.Read(result), Note);
        string[] paths = [.. data.GetColumn<string>("VideoPath")];
        VideoList.CheckDecoder(paths[0]);
        (string? label, string? split) = (DatasetLoader.LabelColumn(data), DatasetLoader.SplitColumn(data));
        if (shard.HasOwnFile)
        {
            IReadOnlyList<VideoFinding> found = ml.Data.InspectVideos(data, shard.Number, shard.Count, labelColumnName: label,
                splitColumnName: split, cancellationToken: stop, findNearDuplicates: !result.GetValue(_quick));
            return shard.Finish(Header(), [.. found.Select(ToRow)], output);
        }

        VideoValidationReport report = ml.Data.ValidateVideos(data, labelColumnName: label, splitColumnName: split,
            findNearDuplicates: !result.GetValue(_quick), cancellationToken: stop, distribution: VideoMaeDistribution.Auto);
        return ProcessGroup.Current.IsFirst ? Write(Header(), report, output, page) : ExitCode.Done;

        PartHeader Header() => new(PartKind.Validation, dataset, paths.Length)
        {
            Json = result.GetValue(_json),
            Warnings = [.. leftOut],
            LeavesOutVideos = hasLostVideos,
        };
    }

    /// <summary>Says what parts found.</summary>
    /// <param name="ml">Compares videos of different parts.</param>
    /// <param name="header">What the parts have in common.</param>
    /// <param name="rows">Those of all parts.</param>
    /// <param name="output">Where it goes; null for the standard output.</param>
    /// <param name="page">Gets near duplicates side by side; null for none.</param>
    public static int Report(MLContext ml, PartHeader header, IEnumerable<PartRow> rows, FileInfo? output, FileInfo? page) =>
        Write(header, ml.Data.ValidateVideos(rows.Select(row => row.Finding!.Value.Deserialize<VideoFinding>()!)), output, page);

    private static PartRow ToRow(VideoFinding finding) => new((int)finding.Row, finding.Video, null, finding.Reason)
    {
        Finding = JsonSerializer.SerializeToElement(finding),
    };

    private static int Write(PartHeader header, VideoValidationReport report, FileInfo? output, FileInfo? page)
    {
        if (page is not null)
            OutputFile.Write(page.FullName, path => File.WriteAllText(path, Page(report, header.Model)));
        string text = header.Json ? ToJson(report, header.Warnings) : report.ToString();
        if (output is null)
            Console.WriteLine(text);
        else
            OutputFile.Write(output.FullName, path => File.WriteAllText(path, text + Environment.NewLine));
        return report.IsClean && !header.LeavesOutVideos ? ExitCode.Done : ExitCode.SomethingWrong;
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
