// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>What the best of several models reaches, and what each of them does: test rows are read once. docs/explore.md.</summary>
/// <param name="clips">The clips of a cell.</param>
/// <param name="output">Features are kept there, so that another seed does not compute them again.</param>
/// <param name="seconds">The time of an experiment.</param>
/// <param name="tried">The names of the candidates; null for all.</param>
internal sealed class ExploreProof(Func<string, SplitClip[]> clips, string output, int seconds, IReadOnlyList<string>? tried)
{
    private const double WrongShare = 0.05;
    private static readonly string[] s_cells =
        ["tank-wagon", "tank-wagon-camera", "weizmann4-all", "motion-4", "motion-16", "motion-120"];

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string Label { get; set; } = "";

        public string Group { get; set; } = "";
    }

    /// <summary>Runs cells.</summary>
    /// <param name="cells">Their names; null for all.</param>
    /// <param name="seeds">The seeds.</param>
    /// <param name="isFlipping">Whether labels are made wrong, and looked for, in place of test rows being scored.</param>
    public void Run(IReadOnlyList<string>? cells, IReadOnlyList<int> seeds, bool isFlipping)
    {
        Console.WriteLine(isFlipping
            ? "| cell | seed | taken | wrong labels | found among as many | listed | wrong among them |"
            : "| cell | seed | model | log-loss | accuracy, out of fold | test accuracy | balanced | seconds | clips/s |");
        Console.WriteLine(isFlipping ? "| --- | --- | --- | --- | --- | --- | --- |" : "| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (string cell in cells ?? s_cells)
        {
            foreach (int seed in seeds)
                RunOne(cell, clips(cell), seed, isFlipping);
        }
    }

    private void RunOne(string cell, SplitClip[] all, int seed, bool isFlipping)
    {
        var ml = new MLContext(seed);
        SplitClip[] training = [.. all.Where(c => !c.IsTest)];
        HashSet<int> wrong = isFlipping ? Flip(training, new Random(seed)) : [];
        IDataView rows = Rows(ml, training);
        ITransformer keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows);
        using VideoExperimentResult result = ml.MulticlassClassification
            .CreateVideoExperiment(new VideoExperimentSettings
            {
                MaxExperimentTimeInSeconds = (uint)seconds,
                WorkspacePath = Path.Combine(output, "explore"),
                Candidates = [.. Candidates()],
            })
            .Execute(keys.Transform(rows), groupColumnName: "Group");
        if (isFlipping)
        {
            IReadOnlyList<VideoSuspectLabel> found = result.SuspectLabels;
            Console.WriteLine(FormattableString.Invariant(
                $"| {cell} | {seed} | {result.BestRun.TrainerName} | {wrong.Count} | {found.Take(wrong.Count).Count(s => wrong.Contains(s.Row))} | ")
                + FormattableString.Invariant($"{found.Count} | {found.Count(s => wrong.Contains(s.Row))} |"));
            return;
        }

        IDataView test = keys.Transform(Rows(ml, [.. all.Where(c => c.IsTest)]));
        foreach (VideoExperimentRunDetail detail in result.RunDetails)
            Print(ml, cell, seed, detail, detail == result.BestRun, test);
        foreach (string finding in result.Findings)
            Console.WriteLine($"  {finding}");
    }

    private IEnumerable<VideoExperimentCandidate> Candidates() => VideoExperimentCandidate.Defaults()
        .SelectMany(c => c == VideoExperimentCandidate.Motion ? (VideoExperimentCandidate[])[c, VideoImageCandidate.ImageFeatures] : [c])
        .Where(c => tried is null || tried.Contains(c.Name));

    private static void Print(MLContext ml, string cell, int seed, VideoExperimentRunDetail detail, bool isBest, IDataView test)
    {
        MulticlassClassificationMetrics? metrics =
            detail.Model is null ? null : ml.MulticlassClassification.Evaluate(detail.Model.Transform(test));
        Console.WriteLine(
            FormattableString.Invariant(
                $"| {cell} | {seed} | {(isBest ? "**" : "")}{detail.TrainerName}{(isBest ? "**" : "")} {detail.NotScored} | {detail.LogLoss:0.000} | ")
                + FormattableString.Invariant($"{detail.MicroAccuracy:0.000} | {metrics?.MicroAccuracy:0.000} | ")
                + FormattableString.Invariant($"{metrics?.MacroAccuracy:0.000} | {detail.RuntimeInSeconds:0} | {detail.ClipsPerSecond:0.0} |"));
    }

    /// <summary>Gives a part of the clips the label of another class.</summary>
    private static HashSet<int> Flip(SplitClip[] training, Random random)
    {
        string[] labels = [.. training.Select(c => c.Label).Distinct().Order(StringComparer.Ordinal)];
        int[] order = [.. Enumerable.Range(0, training.Length)];
        random.Shuffle(order);
        HashSet<int> wrong = [.. order.Take(Math.Max(1, (int)Math.Round(WrongShare * training.Length)))];
        foreach (int i in wrong)
        {
            string[] others = [.. labels.Where(l => l != training[i].Label)];
            training[i] = training[i] with { Label = others[random.Next(others.Length)] };
        }

        return wrong;
    }

    private static IDataView Rows(MLContext ml, SplitClip[] clips) => ml.Data.LoadFromEnumerable(clips.Select(
        c => new Row { Video = MLVideo.CreateFromFile(c.Path), Label = c.Label, Group = c.Group }).ToArray());
}
