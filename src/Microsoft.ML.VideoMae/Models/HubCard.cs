// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The README.md of a folder for the hub: what its pages are made of (YAML), and how the model is used.</summary>
internal static partial class HubCard
{
    private const string FileName = "README.md";
    private const string Mark = "<!-- Written by Microsoft.ML.VideoMae. Take this line out to keep the file when the model is saved " +
        "again. -->";

    /// <summary>Published checkpoints allow no commercial use, and neither does what was made of them.</summary>
    private const string PublishedOwner = "MCG-NJU/";
    private const string PublishedLicense = "cc-by-nc-4.0";

    /// <summary>Writes the card, unless somebody else's is there.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="model">The model in it.</param>
    /// <param name="card">What the model says of its training; null where it was not trained here.</param>
    public static void Write(string folder, VideoMaePreTrainedModel model, VideoMaeModelCard? card)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path) || File.ReadAllText(path).Contains(Mark, StringComparison.Ordinal))
            AtomicFile.Write(path, Text(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), model, card));
    }

    internal static string Text(string name, VideoMaePreTrainedModel model, VideoMaeModelCard? card)
    {
        string? baseModel = card?.Settings.GetValueOrDefault(nameof(VideoMaeTrainingOptions.PretrainedModel));
        var text = new StringBuilder();
        Yaml(text, name, model.Kind, baseModel is not null && HubId().IsMatch(baseModel) ? baseModel.Split('@')[0] : null, card);
        text.Append(CultureInfo.InvariantCulture, $"\n{Mark}\n\n# {name}\n\n{Summary(model)}\n");
        if (card is not null)
            Training(text, card);
        Use(text, name, model.Kind);
        return text.ToString();
    }

    private static void Yaml(StringBuilder text, string name, ModelKind kind, string? baseModel, VideoMaeModelCard? card)
    {
        text.Append("---\nlibrary_name: transformers\n");
        text.Append(kind == ModelKind.Classification ? "pipeline_tag: video-classification\n" : "");
        text.Append("tags:\n- videomae\n- video\n- ml.net\n");
        if (baseModel is not null)
            text.Append(CultureInfo.InvariantCulture, $"base_model: {baseModel}\n");
        if (baseModel?.StartsWith(PublishedOwner, StringComparison.OrdinalIgnoreCase) == true)
            text.Append(CultureInfo.InvariantCulture, $"license: {PublishedLicense}\n");
        (string Type, string Name, double Value)[] metrics =
            [.. s_metrics.Where(m => card?.Metrics.ContainsKey(m.Key) == true && double.IsFinite(card.Metrics[m.Key]))
                .Select(m => (m.Type, m.Name, card!.Metrics[m.Key]))];
        if (metrics.Length > 0 && kind == ModelKind.Classification)
        {
            text.Append("metrics:\n- accuracy\nmodel-index:\n");
            text.Append(CultureInfo.InvariantCulture, $"- name: {Quoted(name)}\n  results:\n  - task:\n      type: video-classification\n");
            text.Append(CultureInfo.InvariantCulture, $"    dataset:\n      name: {card!.ValidationClips} validation clips\n");
            text.Append("      type: videofolder\n    metrics:\n");
            foreach ((string type, string title, double value) in metrics)
                text.Append(CultureInfo.InvariantCulture, $"    - type: {type}\n      name: {title}\n      value: {value:0.####}\n");
        }

        text.Append("---\n");
    }

    private static readonly (string Key, string Type, string Name)[] s_metrics =
    [
        ("ValidationAccuracy", "accuracy", "Accuracy"),
        ("ValidationMacroAccuracy", "accuracy", "Accuracy, mean of the classes"),
    ];

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
        // Where the weights to start from lie on somebody's disk is nobody else's business.
        string model = nameof(VideoMaeTrainingOptions.PretrainedModel);
        VideoMaeModelCard shown = card with
        {
            Settings = card.Settings.ToDictionary(s => s.Key, s => s.Key == model && !HubId().IsMatch(s.Value)
                ? Path.GetFileName(Path.TrimEndingDirectorySeparator(s.Value)) : s.Value),
        };
        text.Append("\n## Training\n\n");
        foreach (string line in shown.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
    }

    private static void Use(StringBuilder text, string name, ModelKind kind)
    {
        text.Append("\n## Use\n\n");
        text.Append(kind switch
        {
            ModelKind.Classification => $"""
                ```python
                from transformers import pipeline
                classify = pipeline("video-classification", model="{name}")
                print(classify("clip.mp4"))
                ```

                ```csharp
                var ml = new MLContext();
                using var classifier = ml.Model.LoadVideoMae("{name}");
                Console.WriteLine(classifier.Predict(MLVideo.CreateFromFile("clip.mp4"))[0]);
                ```

                """,
            _ => $"""
                ```python
                from transformers import VideoMAEModel
                encoder = VideoMAEModel.from_pretrained("{name}")
                ```

                ```csharp
                using var encoder = VideoMaeModel.FromPretrained("{name}");
                ```

                """,
        });
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}(@.{1,200})?$")]
    private static partial Regex HubId();
}
