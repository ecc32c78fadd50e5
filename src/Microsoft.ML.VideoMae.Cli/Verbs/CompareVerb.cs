// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using VideoMaeCli.Comparing;
using VideoMaeCli.Report;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae compare</c>: what changed from one run to another.</summary>
internal static class CompareVerb
{
    public static Command Create()
    {
        var first = new Argument<string>("first") { Description = "The folder of a run, or what 'videomae evaluate --json' printed." };
        var second = new Argument<string>("second") { Description = "The other run." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var page = new Option<FileInfo?>("--page") { Description = "A page, .html, that shows the videos that changed." };
        var command = new Command("compare", """
            Compares two runs on the videos that both were measured on: which videos changed, and how sure the difference is.

            Examples:
              videomae compare results/first results/second --page compare.html
              videomae evaluate a.zip --dataset new --json > a.json
              videomae evaluate b.zip --dataset new --json > b.json
              videomae compare a.json b.json
            """)
        {
            first, second, json, page,
        };
        command.SetAction((result, _) =>
        {
            var comparison = new Comparison(RunResult.Read(result.GetValue(first)!), RunResult.Read(result.GetValue(second)!));
            System.Console.WriteLine(result.GetValue(json) ? ToJson(comparison) : comparison.ToString());
            if (result.GetValue(page) is FileInfo file)
                OutputFile.Write(file.FullName, path => File.WriteAllText(path, Page(comparison)));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static string ToJson(Comparison comparison) => JsonSerializer.Serialize(
        new
        {
            first = comparison.First.Name,
            second = comparison.Second.Name,
            videos = comparison.Both.Count,
            accuracyDifference = comparison.Accuracy.Mean,
            accuracyInterval = Interval(comparison.Accuracy.Mean, comparison.Accuracy.HalfInterval),
            logLossDifference = comparison.LogLoss.Mean,
            logLossInterval = Interval(comparison.LogLoss.Mean, comparison.LogLoss.HalfInterval),
            better = comparison.Better,
            worse = comparison.Worse,
            otherMistakes = comparison.OtherMistakes,
        },
        Json.Options);

    private static double[]? Interval(double mean, double half) => double.IsFinite(half) ? [mean - half, mean + half] : null;

    private static string Page(Comparison comparison)
    {
        PageSection Section(string id, string title, string text, ClipChange[] clips) => new(id, title, text,
            clips.Length == 0 ? [] : [("", [.. clips.Take(60).Select(Clip)])]);
        PageClip Clip(ClipChange c) => new(c.First.Path,
            $"is {c.First.Label}", Said(comparison.First.Name, c.First), Said(comparison.Second.Name, c.Second));
        return ClipPage.Render($"{comparison.First.Name} and {comparison.Second.Name}", comparison.Sentences(),
        [
            Section("worse", "Right before, wrong now", "The surest mistakes stand first.", comparison.Worse),
            Section("better", "Wrong before, right now", "The surest stand first.", comparison.Better),
            Section("others", "Wrong in both, in another way", "", comparison.OtherMistakes),
        ]);
    }

    private static string Said(string run, ClipResult clip) =>
        string.Create(CultureInfo.InvariantCulture, $"{run}: {clip.PredictedLabel} {clip.Probability:0.00}");
}
