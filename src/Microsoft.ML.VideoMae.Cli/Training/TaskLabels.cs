// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace VideoMaeCli.Training;

/// <summary>The labels of a data set, as a task takes them.</summary>
internal static class TaskLabels
{
    private const string Column = "Label";
    private const int FewClasses = 10;

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    /// <summary>
    /// The same rows with labels in one form. Rows without a number are left out, which is told. An empty yes or no may mean either, and is
    /// refused.
    /// </summary>
    /// <param name="ml">The context.</param>
    /// <param name="data">The rows.</param>
    /// <param name="task">The task.</param>
    /// <param name="dataset">Where they are from, for messages.</param>
    /// <param name="note">Is told what is left out.</param>
    /// <exception cref="InvalidDataException">The task does not take a label; the message names its video.</exception>
    public static IDataView Check(MLContext ml, IDataView data, VideoTask task, string dataset, Action<string> note)
    {
        if (task == VideoTask.Classification)
            return data;
        Row[] rows = [.. ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];
        Row[] labelled = [.. rows.Where(r => r.Label.Length > 0 || task != VideoTask.Regression)];
        Row[] wrong = [.. labelled.Where(r => VideoTasks.Canonical(task, r.Label) is null)];
        if (wrong.Length > 0)
        {
            string others = wrong.Length == 1 ? "" : $"{wrong.Length - 1} more of {labelled.Length} labels are not such either. ";
            throw new InvalidDataException($"The label of '{wrong[0].VideoPath}' in '{dataset}' is '{wrong[0].Label}', and --task " +
                $"{VideoTasks.NameOf(task)} takes {VideoTasks.Takes(task)}. {others}Correct it, name the column of the labels with " +
                "--label-column, or leave --task out to learn classes of any name.");
        }

        if (labelled.Length < rows.Length)
        {
            note($"{rows.Length - labelled.Length} of {rows.Length} videos in '{dataset}' have no label, and are left out.");
            data = ml.Data.FilterByCustomPredicate<Row>(data, row => row.Label.Length == 0);
        }

        // Whatever the words of a list are, reports and metrics have one.
        Dictionary<string, string> forms =
            labelled.Select(r => r.Label).Distinct().ToDictionary(l => l, l => VideoTasks.Canonical(task, l)!);
        return forms.All(f => f.Key == f.Value) ? data : ml.Transforms.Conversion.MapValue(Column, forms, Column).Fit(data).Transform(data);
    }

    /// <summary>What someone may want to know whose labels are many numbers, taken for classes; null for nothing.</summary>
    public static string? HintOf(IReadOnlyList<string> labels)
    {
        string[] different = [.. labels.Distinct()];
        bool areNumbers = different.Length > 0 && different.All(label => VideoTasks.Number(label) is not null);
        // Numbers that stand for classes are whole, and each has its videos.
        bool areMany = different.Length > FewClasses && labels.Count < FewClasses * different.Length;
        bool areFractions = different.Length > 2 && different.Any(label => VideoTasks.Number(label) % 1 != 0);
        return areNumbers && (areMany || areFractions)
            ? $"All {labels.Count} labels are numbers, {different.Length} different ones, and each of these is taken for a class. " +
                "--task regression predicts numbers."
            : null;
    }

    /// <summary>The step of a model that makes of texts what its trainer takes.</summary>
    public static IEstimator<ITransformer> Convert(MLContext ml, VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => ml.Transforms.Conversion.ConvertType(Column, outputKind: DataKind.Boolean),
        VideoTask.Regression => ml.Transforms.Conversion.ConvertType(Column, outputKind: DataKind.Single),
        _ => ml.Transforms.Conversion.MapValueToKey(Column),
    };
}
