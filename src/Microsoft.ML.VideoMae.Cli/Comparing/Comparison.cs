// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Comparing;

/// <summary>One video in two runs.</summary>
/// <param name="First">What the first said.</param>
/// <param name="Second">What the second said.</param>
internal sealed record ClipChange(ClipResult First, ClipResult Second);

/// <summary>How two runs differ on the videos that both were measured on.</summary>
internal sealed class Comparison
{
    /// <exception cref="InvalidDataException">No video is in both, or the two disagree on its class.</exception>
    public Comparison(RunResult first, RunResult second)
    {
        (First, Second) = (first, second);
        Both = [.. first.Clips.Where(c => second.Clips.ContainsKey(c.Key)).Select(c => new ClipChange(c.Value, second.Clips[c.Key]))];
        if (Both.Count == 0)
        {
            throw new InvalidDataException($"No video is in both runs: {first.Name} was measured on {first.Clips.Count} ({first.Data}), " +
                $"{second.Name} on {second.Clips.Count} others ({second.Data}). Evaluate both on one data set.");
        }

        if (Both.FirstOrDefault(c => c.First.Label != c.Second.Label) is ClipChange other)
        {
            throw new InvalidDataException($"'{other.First.Path}' is labelled {other.First.Label} in {first.Name}, and {other.Second.Label} in " +
                $"{second.Name}: the two runs were not measured by the same labels.");
        }

        Accuracy = PairedDifference.Of([.. Both.Select(c => c.Second.IsRight ? 1.0 : 0)], [.. Both.Select(c => c.First.IsRight ? 1.0 : 0)]);
        LogLoss = PairedDifference.Of([.. Both.Select(c => c.Second.LogLoss)], [.. Both.Select(c => c.First.LogLoss)]);
    }

    public RunResult First { get; }

    public RunResult Second { get; }

    /// <summary>The videos that both were measured on.</summary>
    public IReadOnlyList<ClipChange> Both { get; }

    /// <summary>How much higher the accuracy of the second is.</summary>
    public PairedDifference Accuracy { get; }

    /// <summary>How much higher the log-loss of the second is.</summary>
    public PairedDifference LogLoss { get; }

    /// <summary>Wrong before, right now.</summary>
    public ClipChange[] Better => [.. Both.Where(c => !c.First.IsRight && c.Second.IsRight).OrderByDescending(c => c.Second.Probability)];

    /// <summary>Right before, wrong now.</summary>
    public ClipChange[] Worse => [.. Both.Where(c => c.First.IsRight && !c.Second.IsRight).OrderByDescending(c => c.Second.Probability)];

    /// <summary>Wrong in both, in another way.</summary>
    public ClipChange[] OtherMistakes =>
        [.. Both.Where(c => !c.First.IsRight && !c.Second.IsRight && c.First.PredictedLabel != c.Second.PredictedLabel)];

    /// <summary>What follows, in sentences.</summary>
    public IReadOnlyList<string> Sentences()
    {
        double before = Both.Average(c => c.First.IsRight ? 1.0 : 0), after = Both.Average(c => c.Second.IsRight ? 1.0 : 0);
        double low = Accuracy.Mean - Accuracy.HalfInterval, high = Accuracy.Mean + Accuracy.HalfInterval;
        List<string> lines =
        [
            Text($"{Both.Count} videos are in both runs. {First.Name}: accuracy {before:0.000}. {Second.Name}: accuracy {after:0.000}."),
            Accuracy.Error == 0 || !double.IsFinite(Accuracy.Error)
                ? Text($"The difference is {Accuracy.Mean:+0.000;-0.000;0.000}; there are too few changes for an interval.")
                : Text($"The difference is {Accuracy.Mean:+0.000;-0.000;0.000}, from {low:+0.000;-0.000;0.000} to ") +
                    Text($"{high:+0.000;-0.000;0.000} with 95 % confidence: ") +
                    (low > 0 ? $"{Second.Name} is better." : high < 0 ? $"{First.Name} is better." : "which is better is not settled."),
            Text($"The log-loss of {Second.Name} is higher by {LogLoss.Mean:+0.000;-0.000;0.000} (plus or minus {LogLoss.HalfInterval:0.000})."),
            $"{Better.Length} videos got right, {Worse.Length} got wrong, {OtherMistakes.Length} are taken for another wrong class.",
        ];
        int onlyFirst = First.Clips.Count - Both.Count, onlySecond = Second.Clips.Count - Both.Count;
        if (onlyFirst + onlySecond > 0)
            lines.Add($"Left out: {onlyFirst} videos that only {First.Name} was measured on, and {onlySecond} that only {Second.Name} was.");
        return lines;
    }

    /// <summary>The sentences, and a line for each video that changed.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().AppendJoin(Environment.NewLine, Sentences());
        foreach ((string what, ClipChange[] clips) in new[] { ("right now", Better), ("wrong now", Worse), ("otherwise wrong", OtherMistakes) })
        {
            foreach (ClipChange clip in clips)
            {
                text.AppendLine().Append(CultureInfo.InvariantCulture, $"{what}: '{clip.First.Path}' ({clip.First.Label}): ")
                    .Append(CultureInfo.InvariantCulture, $"{clip.First.PredictedLabel} {clip.First.Probability:0.00}, ")
                    .Append(CultureInfo.InvariantCulture, $"then {clip.Second.PredictedLabel} {clip.Second.Probability:0.00}");
            }
        }

        return text.ToString();
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
