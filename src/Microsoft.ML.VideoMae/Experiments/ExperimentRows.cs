// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Data;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>The labelled videos of an experiment, and the folds that they are divided into.</summary>
internal sealed class ExperimentRows
{
    // A data set is divided into five up to this size. Beyond it, fewer folds say as much.
    private const int MostForFive = 300;
    private const int MostForThree = 1000;

    private readonly IHost _host;
    private readonly List<ClipExample> _clips;

    private ExperimentRows(IHost host, List<ClipExample> clips, ClassLabels labels, string label, string video)
    {
        (_host, _clips, Labels, LabelColumn, VideoColumn) = (host, clips, labels, label, video);
        Classes = [.. clips.Select(c => c.ClassIndex)];
        Groups = [.. clips.Select(c => c.Group)];
    }

    /// <summary>The classes, with the values of their keys.</summary>
    public ClassLabels Labels { get; }

    public string LabelColumn { get; }

    public string VideoColumn { get; }

    public int Count => _clips.Count;

    /// <summary>The class of every row.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>The group of every row; null for a row of its own.</summary>
    public IReadOnlyList<string?> Groups { get; private set; }

    /// <summary>The fold of every row.</summary>
    public IReadOnlyList<int> Folds { get; private set; } = [];

    public int FoldCount { get; private set; }

    /// <summary>The videos in words that tell one set of files from another, whatever their labels are.</summary>
    public IEnumerable<string> Identity => RunIdentity.OfClips(_clips.Select(c => new ClipExample(c.Video, 0)));

    /// <summary>Reads the rows; nothing is decoded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, one class, or a class with a single row.</exception>
    public static ExperimentRows Read(IHost host, IChannel channel, IDataView data, string label, string video, string? group)
    {
        var schema = SchemaShape.Create(data.Schema);
        TrainingRows.CheckSchema(host, schema, label, video);
        if (data.Schema[video].Type is not VideoDataViewType)
            throw host.ExceptSchemaMismatch(nameof(data), "video", video, VideoDataViewType.Expected, data.Schema[video].Type.ToString());
        if (group is not null)
            TrainingRows.CheckGroup(host, schema, group);
        List<ClipExample> clips = TrainingRows.Read(host, channel, data, label, video, group);
        ClassLabels labels = ClassLabels.FromColumn(host, data.Schema[label]);
        TrainingRows.CheckClasses(host, clips, labels, label);
        string[] single = [.. clips.GroupBy(c => c.ClassIndex).Where(g => g.Count() == 1).Select(g => $"'{labels.Names[g.Key]}'")];
        if (single.Length > 0)
        {
            throw host.Except($"One video is too few for a class, since each has to be in two folds: {string.Join(", ", single)}. " +
                "Add videos, or leave these classes out.");
        }

        return new ExperimentRows(host, clips, labels, label, video);
    }

    /// <summary>Makes groups of rows that had none.</summary>
    public void GroupBy(IReadOnlyList<string?> groups) => Groups = groups;

    /// <summary>Divides the rows into folds.</summary>
    /// <param name="seed">The seed of the order in which groups are dealt out.</param>
    /// <returns>What should be said of it; null for nothing.</returns>
    public string? Divide(int seed)
    {
        int wanted = Count <= MostForFive ? 5 : Count <= MostForThree ? 3 : 2;
        int[] groupsOfClass = [.. Enumerable.Range(0, Count).GroupBy(i => Classes[i])
            .Select(c => c.Select(i => Groups[i] ?? $"row {i}").Distinct().Count())];
        FoldCount = Math.Clamp(groupsOfClass.Min(), 2, wanted);
        Folds = GroupedFolds.Draw(Classes, Groups, FoldCount, new Random(seed));
        return groupsOfClass.Min() >= 2 ? null
            : "A class comes from one group alone. The fold that holds it is scored by models that have not seen it, so all scores are " +
              "too low. Give videos of another group.";
    }

    /// <summary>The video of a row.</summary>
    public MLVideo VideoOf(int row) => _clips[row].Video;

    /// <summary>Some of the rows as a trainer takes them.</summary>
    public IDataView View(IEnumerable<int> rows)
    {
        int[] chosen = [.. rows];
        var builder = new ArrayDataViewBuilder(_host);
        builder.AddColumn(VideoColumn, VideoDataViewType.Instance, [.. chosen.Select(i => _clips[i].Video)]);
        AddLabels(builder, chosen);
        return builder.GetDataView(chosen.Length);
    }

    /// <summary>Features of some of the rows, with labels and weights by which all classes count alike.</summary>
    /// <param name="chosen">The rows.</param>
    /// <param name="features">The features of each of them.</param>
    /// <param name="column">The name of their column.</param>
    public IDataView View(int[] chosen, float[][] features, string column)
    {
        Dictionary<int, int> counts = chosen.GroupBy(i => Classes[i]).ToDictionary(g => g.Key, g => g.Count());
        var builder = new ArrayDataViewBuilder(_host);
        builder.AddColumn(column, NumberDataViewType.Single, features);
        AddLabels(builder, chosen);
        builder.AddColumn(LinearModel.WeightColumn, NumberDataViewType.Single,
            [.. chosen.Select(i => (float)chosen.Length / (counts.Count * counts[Classes[i]]))]);
        return builder.GetDataView(chosen.Length);
    }

    private void AddLabels(ArrayDataViewBuilder builder, int[] rows)
    {
        VBuffer<ReadOnlyMemory<char>> names = new(Labels.Count, [.. Labels.Names.Select((n, i) => NameOf(n, i).AsMemory())]);
        builder.AddColumn(LabelColumn, (ref VBuffer<ReadOnlyMemory<char>> dst) => names.CopyTo(ref dst), (ulong)Labels.Count,
            [.. rows.Select(i => (uint)Classes[i] + 1)]);
    }

    /// <summary>Two keys may have one text, which a classifier's names of outputs may not.</summary>
    private string NameOf(string name, int index) =>
        Labels.Names.Count(n => n == name) == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} ({index})");
}
