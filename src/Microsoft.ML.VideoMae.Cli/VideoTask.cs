// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace VideoMaeCli;

/// <summary>What is learned, named as the verbs of the tool <c>mlnet</c>.</summary>
internal enum VideoTask
{
    /// <summary>Which of several classes.</summary>
    Classification,

    /// <summary>Yes or no.</summary>
    BinaryClassification,

    /// <summary>A number.</summary>
    Regression,
}

/// <summary>The names of tasks, and what they take for labels.</summary>
internal static class VideoTasks
{
    // ML.NET reads these words too, so that generated code takes the same lists.
    private static readonly string[] s_yes = ["true", "yes", "t", "y", "1"];
    private static readonly string[] s_no = ["false", "no", "f", "n", "0"];

    private static readonly (VideoTask Task, string Name)[] s_names =
    [
        (VideoTask.Classification, "classification"), (VideoTask.BinaryClassification, "binary-classification"),
        (VideoTask.Regression, "regression"),
    ];

    /// <summary>The classes of yes or no, in the order of their probabilities.</summary>
    public static IReadOnlyList<string> YesOrNo { get; } = [bool.FalseString, bool.TrueString];

    public static IEnumerable<string> Names => s_names.Select(n => n.Name);

    public static string NameOf(VideoTask task) => s_names.First(n => n.Task == task).Name;

    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static VideoTask Parse(string name) => s_names.Where(n => n.Name == name).Select(n => (VideoTask?)n.Task).FirstOrDefault()
        ?? throw new ArgumentException($"--task is '{name}'; it has to be one of {string.Join(", ", Names)}.");

    /// <summary>What the task takes for a label, for messages.</summary>
    public static string Takes(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => "true or false, yes or no, or 1 or 0",
        VideoTask.Regression => "numbers, such as 2.5 or -1e3",
        _ => "any text",
    };

    /// <summary>A label in the one form that the tool shows; null where the task does not take it.</summary>
    public static string? Canonical(VideoTask task, string label) => task switch
    {
        VideoTask.BinaryClassification =>
            s_yes.Contains(label.Trim(), StringComparer.OrdinalIgnoreCase) ? bool.TrueString
            : s_no.Contains(label.Trim(), StringComparer.OrdinalIgnoreCase) ? bool.FalseString : null,
        VideoTask.Regression => Number(label)?.ToString("R", CultureInfo.InvariantCulture),
        _ => label,
    };

    /// <summary>The number that a label is; null for another label.</summary>
    public static float? Number(string label) =>
        float.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number) ? number : null;

    /// <summary>What a model was trained for, by the columns that it gives.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="source">Where the model is from, for messages.</param>
    /// <exception cref="InvalidDataException">It was trained for nothing that is known here.</exception>
    public static VideoTask Of(DataViewSchema schema, string source)
    {
        DataViewSchema.Column? score = schema.GetColumnOrNull("Score");
        if (score is { } classes && classes.HasSlotNames())
            return VideoTask.Classification;
        bool isNumber = score?.Type == NumberDataViewType.Single;
        if (isNumber && schema.GetColumnOrNull("Probability")?.Type == NumberDataViewType.Single)
            return VideoTask.BinaryClassification;
        if (isNumber && schema.GetColumnOrNull("PredictedLabel") is null)
            return VideoTask.Regression;
        throw new InvalidDataException($"'{source}' is no classifier of videos: its output has no Score column with the names of classes. " +
            "Nor has it a Probability of yes or no, or a Score that is a number alone.");
    }
}
