// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Trainers;

/// <summary>
/// Reads a validation set. Its label keys may have been numbered by a MapValueToKey of their own, so that the same number stands for
/// another class: they are matched with those of the training data by their values.
/// </summary>
internal static class ValidationRows
{
    private const int MostListed = 20;

    /// <summary>Reads the rows, with the classes of the training data.</summary>
    /// <param name="host">Makes errors.</param>
    /// <param name="channel">Gets what a user should know before the first epoch.</param>
    /// <param name="options">The trainer's options, with or without a validation set.</param>
    /// <param name="trainingSchema">The schema of the training data.</param>
    /// <param name="training">The training clips.</param>
    /// <exception cref="InvalidOperationException">The keys cannot be matched; the message has both lists.</exception>
    public static List<ClipExample> Read(
        IHost host, IChannel channel, VideoMaeTrainerOptions options, DataViewSchema trainingSchema, IReadOnlyList<ClipExample> training)
    {
        if (options.ValidationSet is not IDataView data)
            return [];
        List<ClipExample> rows = TrainingRows.Read(host, channel, data, options.LabelColumnName, options.FeatureColumnName);
        DataViewSchema.Column label = trainingSchema[options.LabelColumnName];
        if (label.Type is not KeyDataViewType)
            return rows;
        ClassLabels classes = ClassLabels.FromColumn(host, label), own = ClassLabels.FromColumn(host, data.Schema[options.LabelColumnName]);
        List<ClipExample> matched = Match(host, channel, rows, classes, own, options.LabelColumnName);
        HashSet<int> learned = [.. training.Select(e => e.ClassIndex)];
        string[] unseen =
        [.. matched.Where(e => !learned.Contains(e.ClassIndex)).GroupBy(e => classes.Names[e.ClassIndex]).Select(Describe)];
        if (unseen.Length > 0)
            channel.Warning($"Some classes have validation rows and no training rows: {List(unseen)}. The model cannot learn them; their " +
                "rows count as mistakes.");
        return matched;
    }

    private static List<ClipExample> Match(
        IHost host, IChannel channel, List<ClipExample> rows, ClassLabels classes, ClassLabels own, string column)
    {
        bool areNamed = classes.ValuesType is not null;
        if (areNamed != own.ValuesType is not null || (areNamed && !own.Names.Any(classes.Names.Contains)))
        {
            throw host.Except($"The keys in column '{column}' of the validation set do not match those of the training data. Training: " +
                $"{NamesOf(classes)}. Validation: {NamesOf(own)}. Map both with one MapValueToKey that was fitted to the training data.");
        }

        int[] places = areNamed ? [.. own.Names.Select(name => IndexOf(classes.Names, name))]
            : [.. Enumerable.Range(0, own.Count).Select(i => i < classes.Count ? i : -1)];
        if (areNamed && !own.Names.SequenceEqual(classes.Names))
            channel.Info(
                $"The keys in column '{column}' of the validation set are numbered otherwise than in the training data: they are matched " +
                "by value."
            );
        string[] unknown = [.. rows.Where(e => places[e.ClassIndex] < 0).GroupBy(e => own.Names[e.ClassIndex]).Select(Describe)];
        if (unknown.Length > 0)
            channel.Warning($"The validation set has classes that the training data does not have: {List(unknown)}. Their rows are left " +
                "out.");
        return [.. rows.Where(e => places[e.ClassIndex] >= 0).Select(e => e with { Target = places[e.ClassIndex] })];
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
                return i;
        }

        return -1;
    }

    private static string Describe(IGrouping<string, ClipExample> rows) => $"'{rows.Key}' ({rows.Count()})";

    private static string NamesOf(ClassLabels labels) =>
        labels.ValuesType is null ? $"{labels.Count} keys without values" : List([.. labels.Names.Select(n => $"'{n}'")]);

    private static string List(string[] names) =>
        string.Join(", ", names.Take(MostListed)) + (names.Length > MostListed ? $" and {names.Length - MostListed} more" : "");
}
