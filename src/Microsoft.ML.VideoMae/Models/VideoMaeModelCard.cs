// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json.Serialization;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// What a trained model says of itself: the data and settings it was trained with, what was measured, and what it is for.
/// </summary>
/// <remarks>
/// A trainer writes it into the model, as the stream 'ModelCard' of the .zip: JSON. It holds no time and no path but that of the pretrained
/// model, so that the same run gives the same file.
/// </remarks>
public sealed record VideoMaeModelCard
{
    /// <summary>The class that trained the model, such as 'VideoMaeTrainer'.</summary>
    public required string Trainer { get; init; }

    /// <summary>The version of this package that trained it.</summary>
    public required string PackageVersion { get; init; }

    /// <summary>What the model is for: the text of the option IntendedUse, or a sentence that says what the model does.</summary>
    public required string IntendedUse { get; init; }

    /// <summary>The number of clips it was trained on, those that could not be read included.</summary>
    public required int TrainingClips { get; init; }

    /// <summary>The number of clips that it was validated on; 0 for none.</summary>
    public required int ValidationClips { get; init; }

    /// <summary>The number of training clips that could not be read, and were left out.</summary>
    public required int SkippedClips { get; init; }

    /// <summary>The number of training clips of each class; empty where there are no classes.</summary>
    public required IReadOnlyDictionary<string, int> ClipsPerClass { get; init; }

    /// <summary>
    /// The options that decide the weights, by name, with what was left to choose chosen. The shape of the model is in its Config.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>
    /// What training measured, by name: Epochs; TrainingLoss and TrainingAccuracy of the last epoch; ValidationLoss, ValidationAccuracy and
    /// ValidationMacroAccuracy of the weights that the model has. Shares are 0 to 1. Empty where training was stopped in its first epoch.
    /// </summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>
    /// What the model took the validation clips for: a row for each true class, with the number of clips that it took for each class, both
    /// in the order of <see cref="ClipsPerClass"/>. Empty without validation, with more than 100 classes, and in models of earlier versions.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; } = [];

    /// <summary>
    /// How long a training clip is, in seconds: the median. Null where their files do not say it cheaply, and in models of earlier versions.
    /// Windows over a long video are as long where nothing else is asked for.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClipSeconds { get; init; }

    /// <summary>The card as text, a line for each part.</summary>
    public override string ToString()
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(invariant, $"Trained by {Trainer} of Microsoft.ML.VideoMae {PackageVersion}").AppendLine();
        text.Append(invariant, $"Intended use: {IntendedUse}").AppendLine();
        text.Append(
                invariant, $"Data: {TrainingClips} training clips ({SkippedClips} of them unreadable), {ValidationClips} validation clips")
            .AppendLine();
        if (ClipsPerClass.Count > 0)
            text.Append(invariant, $"Training clips per class: {string.Join(", ", ClipsPerClass.Select(c => $"{c.Key} {c.Value}"))}")
                .AppendLine();
        text.Append(invariant, $"Metrics: {string.Join(", ", Metrics.Select(m => string.Create(invariant, $"{m.Key} {m.Value:0.####}")))}")
            .AppendLine();
        text.Append(invariant, $"Settings: {string.Join(", ", Settings.Select(s => $"{s.Key}={s.Value}"))}");
        return text.ToString();
    }

    internal static readonly IReadOnlyDictionary<string, double> NoMetrics = ReadOnlyDictionary<string, double>.Empty;
}
