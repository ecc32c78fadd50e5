// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The fields at the head of a card, which the pages of the hub are made of. What is not known has no field.</summary>
/// <param name="name">The name of the model.</param>
/// <param name="model">The model.</param>
/// <param name="facts">What is known of it.</param>
internal sealed partial class HubCardFields(string name, VideoMaePreTrainedModel model, HubCardFacts facts)
{
    private static readonly (string Key, string Type, string Name)[] s_metrics =
    [
        ("ValidationAccuracy", "accuracy", "Accuracy"),
        ("ValidationMacroAccuracy", "accuracy", "Accuracy, mean of the classes"),
    ];

    /// <summary>The fields between their two lines of dashes.</summary>
    public override string ToString()
    {
        // The hub's page shows how to load a model with the library that is named here.
        var fields = new YamlMappingNode { { "library_name", HubCardUse.Obstacle(model) is null ? "transformers" : "Microsoft.ML.VideoMae" } };
        if (model.Kind == ModelKind.Classification)
            fields.Add("pipeline_tag", "video-classification");
        Add(fields, "license", facts.License);
        Add(fields, "license_name", facts.LicenseName);
        Add(fields, "license_link", facts.LicenseLink);
        Add(fields, "language", facts.Own?.Languages ?? []);
        Add(fields, "base_model", facts.BaseModels);
        AddList(fields, "datasets", facts.Datasets);
        YamlNode? results = Results();
        AddList(fields, "metrics", results is null ? [] : facts.Card is null ? facts.Own!.Metrics : ["accuracy"]);
        AddList(fields, "tags", ["videomae", "video", "ml.net"]);
        if (results is not null)
            fields.Add("model-index", results);
        return $"---\n{Written(fields)}---\n";
    }

    /// <summary>What was measured here, or else what the card of the checkpoint says; null for neither.</summary>
    private YamlNode? Results()
    {
        if (facts.Card is not VideoMaeModelCard card)
            return facts.Own?.ModelIndex is string known ? Read(known) : null;
        (string Type, string Name, double Value)[] metrics =
            [.. s_metrics.Where(m => double.IsFinite(card.Metrics.GetValueOrDefault(m.Key, double.NaN)))
                .Select(m => (m.Type, m.Name, card.Metrics[m.Key]))];
        if (metrics.Length == 0 || model.Kind != ModelKind.Classification)
            return null;
        // Data of one's own have no id on the hub: it asks for a name and a type all the same.
        string? dataset = facts.Datasets.Count == 1 ? facts.Datasets[0] : null;
        return new YamlSequenceNode(new YamlMappingNode
        {
            { "name", Scalar(name) },
            {
                "results", new YamlSequenceNode(new YamlMappingNode
                {
                    { "task", new YamlMappingNode { { "type", "video-classification" } } },
                    {
                        "dataset", new YamlMappingNode
                        {
                            { "name", Scalar(dataset ?? $"{card.ValidationClips} validation clips") },
                            { "type", Scalar(dataset ?? "videofolder") },
                            { "split", "validation" },
                        }
                    },
                    {
                        "metrics", new YamlSequenceNode(metrics.Select(m => new YamlMappingNode
                        {
                            { "type", m.Type },
                            { "name", m.Name },
                            { "value", m.Value.ToString("0.####", CultureInfo.InvariantCulture) },
                        }))
                    },
                })
            },
        });
    }

    private static YamlNode? Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Count > 0 ? stream.Documents[0].RootNode : null;
    }

    private static string Written(YamlNode node)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, EmitterSettings.Default.WithBestWidth(int.MaxValue).WithNewLine("\n"));
        new YamlStream(new YamlDocument(node)).Save(emitter, assignAnchors: false);
        return string.Join('\n', text.ToString().Split('\n').Where(line => line is not ("..." or ""))) + "\n";
    }

    private static void Add(YamlMappingNode fields, string field, string? text)
    {
        if (text is not null)
            fields.Add(field, Scalar(text));
    }

    private static void Add(YamlMappingNode fields, string field, IReadOnlyList<string> texts)
    {
        if (texts.Count == 1)
            Add(fields, field, texts[0]);
        else
            AddList(fields, field, texts);
    }

    private static void AddList(YamlMappingNode fields, string field, IReadOnlyList<string> texts)
    {
        if (texts.Count > 0)
            fields.Add(field, new YamlSequenceNode(texts.Select(Scalar)));
    }

    /// <summary>A text in quotes, unless nobody can take it for anything but a text.</summary>
    private static YamlScalarNode Scalar(string text) =>
        new(text) { Style = PlainText().IsMatch(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted };

    [GeneratedRegex(@"^(?!(y|yes|n|no|true|false|on|off|null)$)([A-Za-z][A-Za-z0-9_./-]*|[0-9]+ [a-z ]+)$", RegexOptions.IgnoreCase)]
    private static partial Regex PlainText();
}

/// <summary>What is known of a model that goes to the hub: of its training here, of its checkpoint, and from its owner.</summary>
/// <param name="Card">What the model says of its training; null where it was not trained here.</param>
/// <param name="Source">What the card of the checkpoint says that it came from; null where there is none.</param>
/// <param name="Options">What its owner says.</param>
internal sealed partial record HubCardFacts(VideoMaeModelCard? Card, CheckpointCard? Source, PretrainedSaveOptions Options)
{
    /// <summary>The card of the checkpoint where the model is that checkpoint, and not one that was trained on from it.</summary>
    public CheckpointCard? Own => Card is null ? Source : null;

    public string? License => Options.License ?? Source?.License;

    public string? LicenseName => Options.License is null ? Source?.LicenseName : null;

    /// <summary>Where the licence is; a file of the checkpoint's is found there.</summary>
    public string? LicenseLink => Options.License is not null || Source?.LicenseLink is not string link ? null
        : Source.Repository is null || Uri.TryCreate(link, UriKind.Absolute, out _) ? link
        : $"https://huggingface.co/{Source.Repository}/blob/main/{link.TrimStart('/')}";

    public IReadOnlyList<string> BaseModels =>
        (Source is null ? HubId(Card) : Source.Repository) is string id ? [id] : Source?.BaseModels ?? [];

    public IReadOnlyList<string> Datasets => Options.Datasets.Count > 0 ? Options.Datasets : Own?.Datasets ?? [];

    /// <summary>The licence in a sentence; null where none is known.</summary>
    public string? LicenseSentence => Options.License is string given
        ? new CheckpointCard { License = given }.ToString() : Source?.ToString();

    /// <summary>The id on the hub of the weights that training started from; null where they came from elsewhere.</summary>
    public static string? HubId(VideoMaeModelCard? card) =>
        card?.Settings.GetValueOrDefault(nameof(VideoMaeTrainingOptions.PretrainedModel)) is string start && IsHubId(start)
            ? start.Split('@')[0] : null;

    /// <summary>Whether a name of weights has the form of an id.</summary>
    public static bool IsHubId(string name) => HubIdForm().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}(@.{1,200})?$")]
    private static partial Regex HubIdForm();
}
