// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The README.md of a folder for the hub: what its pages are made of, how the model came about, how it is used.</summary>
internal static class HubCard
{
    private const string Mark = "<!-- Written by Microsoft.ML.VideoMae. Take this line out to keep the file when the model is saved " +
        "again. -->";

    /// <summary>Sections that are made anew whenever the model is saved.</summary>
    private static readonly string[] s_renewed = [HubCardUse.Heading, "## Licence"];

    /// <summary>Writes the card, unless somebody else's is there.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="model">The model in it.</param>
    /// <param name="card">What the model says of its training; null where it was not trained here.</param>
    /// <param name="options">What its owner says; null for nothing.</param>
    public static void Write(string folder, VideoMaePreTrainedModel model, VideoMaeModelCard? card, PretrainedSaveOptions? options = null)
    {
        string path = Path.Combine(folder, CheckpointCardFile.FileName);
        if (!File.Exists(path) || File.ReadAllText(path).Contains(Mark, StringComparison.Ordinal))
        {
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
            AtomicFile.Write(path, Text(name, model, card, options));
        }
    }

    internal static string Text(
        string name, VideoMaePreTrainedModel model, VideoMaeModelCard? card, PretrainedSaveOptions? options = null)
    {
        var facts = new HubCardFacts(
            card, model.Source ?? CheckpointCardFile.OfRepository(HubCardFacts.HubId(card)), options ?? new PretrainedSaveOptions());
        var text = new StringBuilder(new HubCardFields(name, model, facts).ToString());
        text.Append(CultureInfo.InvariantCulture, $"\n{Mark}\n\n# {name}\n\n{Summary(model)}\n");
        if (facts.LicenseSentence is string license)
            text.Append(CultureInfo.InvariantCulture, $"\n## Licence\n\n{license}\n");
        if (card is not null)
            Training(text, card);
        text.Append(HubCardUse.Section(name, model));
        if (facts.Own is { Text.Length: > 0 } own)
            text.Append(TakenOver(own));
        return text.ToString();
    }

    private static string Summary(VideoMaePreTrainedModel model)
    {
        VideoMaeConfig config = model.Config;
        const int MostNamed = 20;
        string classes = "";
        if (config.Id2Label is { Count: > 0 } labels && model.Kind == ModelKind.Classification)
        {
            string named = string.Join(", ", labels.OrderBy(l => l.Key).Select(l => l.Value).Take(MostNamed));
            classes = $" It knows {labels.Count} classes: {named}{(labels.Count > MostNamed ? ", ..." : "")}.";
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"A VideoMAE model with {model.ParameterCount:#,0} parameters. " +
            $"It takes {config.NumFrames} frames of {config.ImageSize}.{classes}");
    }

    private static void Training(StringBuilder text, VideoMaeModelCard card)
    {
        const string Settings = "Settings: ";
        text.Append("\n## Training\n\n");
        foreach (string line in card.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!line.StartsWith(Settings, StringComparison.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        }

        Confusion(text, card);
        text.Append("\n### Settings\n\n| setting | value |\n| --- | --- |\n");
        foreach ((string setting, string value) in card.Settings)
            text.Append(CultureInfo.InvariantCulture, $"| {setting} | {Cell(Shown(setting, value))} |\n");
    }

    /// <summary>Where the weights to start from lie on somebody's disk is nobody else's business.</summary>
    private static string Shown(string setting, string value) =>
        setting == nameof(VideoMaeTrainingOptions.PretrainedModel) && !HubCardFacts.IsHubId(value)
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(value)) : value;

    /// <summary>What was taken for what: a table, or with many classes the most frequent mistakes.</summary>
    private static void Confusion(StringBuilder text, VideoMaeModelCard card)
    {
        const int MostClasses = 20, MostMistakes = 10;
        string[] classes = [.. card.ClipsPerClass.Keys.Select(Cell)];
        if (card.Confusion.Count == 0 || card.Confusion.Count != classes.Length)
            return;
        text.Append("\n### Confusion matrix\n\n");
        if (classes.Length <= MostClasses)
        {
            text.Append("A row for each true class. A column for each class that was predicted. The numbers are validation clips.\n\n");
            text.Append(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", classes)} |\n");
            text.Append(CultureInfo.InvariantCulture, $"| --- |{string.Concat(Enumerable.Repeat(" ---: |", classes.Length))}\n");
            foreach ((string name, IReadOnlyList<int> row) in classes.Zip(card.Confusion))
                text.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", row)} |\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"The {MostMistakes} most frequent mistakes on the validation clips:\n\n");
        text.Append("| true class | predicted | clips |\n| --- | --- | ---: |\n");
        foreach ((int actual, int predicted, int count) in card.Confusion.SelectMany((row, actual) => row.Index()
            .Where(cell => cell.Index != actual && cell.Item > 0).Select(cell => (actual, cell.Index, cell.Item)))
            .OrderByDescending(mistake => mistake.Item).Take(MostMistakes))
            text.Append(CultureInfo.InvariantCulture, $"| {classes[actual]} | {classes[predicted]} | {count} |\n");
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>The text of the checkpoint's card: of ours its sections, of another all of it, below a heading of its own.</summary>
    private static string TakenOver(CheckpointCard source)
    {
        string[] lines = source.Text.Split('\n');
        bool isOurs = source.Text.Contains(Mark, StringComparison.Ordinal), isCode = false, isTaken = !isOurs;
        var text = new StringBuilder(isOurs ? "\n" : $"\n## What the card of {source.Repository ?? "the checkpoint"} says\n\n");
        foreach (string line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            bool isHeading = !isCode && line.StartsWith('#');
            if (isOurs && isHeading && line.StartsWith("## ", StringComparison.Ordinal))
                isTaken = !s_renewed.Contains(line);
            if (isTaken)
                text.Append(!isOurs && isHeading ? $"##{line}" : line).Append('\n');
        }

        return text.Length == 1 ? "" : $"{text.ToString().TrimEnd()}\n";
    }
}
