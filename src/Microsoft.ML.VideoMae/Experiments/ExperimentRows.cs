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

    private ExperimentRows(IHost host, ExperimentTask task, List<ClipExample> clips, string label, string video)
    {
        (_host, Task, _clips, LabelColumn, VideoColumn) = (host, task, clips, label, video);
        Groups = [.. clips.Select(c => c.Group)];
    }

    /// <summary>What is to be learned, which has the labels.</summary>
    public ExperimentTask Task { get; }

    public string LabelColumn { get; }

    public string VideoColumn { get; }

    public int Count => _clips.Count;

    /// <summary>The group of every row; null for a row of its own.</summary>
    public IReadOnlyList<string?> Groups { get; private set; }

    /// <summary>The fold of every row.</summary>
    public IReadOnlyList<int> Folds { get; private set; } = [];

    public int FoldCount { get; private set; }

    /// <summary>The videos in words that tell one set of files from another, whatever their labels are.</summary>
    public IEnumerable<string> Identity => RunIdentity.OfClips(_clips.Select(c => new ClipExample(c.Video, 0)));

    /// <summary>Reads the rows; nothing is decoded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to learn, such as one class, or a class with a single row.</exception>
    public static ExperimentRows Read(
        IHost host, IChannel channel, IDataView data, ExperimentTask task, string label, string video, string? group)
    {
        var schema = SchemaShape.Create(data.Schema);
        task.CheckSchema(host, schema, label, video);
        if (data.Schema[video].Type is not VideoDataViewType)
            throw host.ExceptSchemaMismatch(nameof(data), "video", video, VideoDataViewType.Expected, data.Schema[video].Type.ToString());
        if (group is not null)
            TrainingRows.CheckGroup(host, schema, group);
        List<ClipExample> clips = TrainingRows.Read(host, channel, data, label, video, group);
        task.Take(host, clips, data.Schema[label]);
        return new ExperimentRows(host, task, clips, label, video);
    }

    /// <summary>Makes groups of rows that had none.</summary>
    public void GroupBy(IReadOnlyList<string?> groups) => Groups = groups;

    /// <summary>Divides the rows into folds.</summary>
    /// <param name="seed">The seed of the order in which groups are dealt out.</param>
    /// <returns>What should be said of it; null for nothing.</returns>
    public string? Divide(int seed)
    {
        int wanted = Count <= MostForFive ? 5 : Count <= MostForThree ? 3 : 2;
        int groups = Task.LearnsEachStratum
            ? Enumerable.Range(0, Count).GroupBy(i => Task.Strata[i]).Min(GroupsOf)
            : GroupsOf(Enumerable.Range(0, Count));
        FoldCount = Math.Clamp(groups, 2, wanted);
        Folds = GroupedFolds.Draw(Task.Strata, Groups, FoldCount, new Random(seed));
        if (groups >= 2)
            return null;
        return Task.LearnsEachStratum
            ? "A class comes from one group alone. The fold that holds it is scored by models that have not seen it, so all scores are " +
              "too low. Give videos of another group."
            : "All videos are of one group. Nothing is left to score models on. Give videos of another group.";
    }

    /// <summary>The video of a row.</summary>
    public MLVideo VideoOf(int row) => _clips[row].Video;

    /// <summary>Some of the rows as a trainer takes them.</summary>
    public IDataView View(IEnumerable<int> rows)
    {
        int[] chosen = [.. rows];
        var builder = new ArrayDataViewBuilder(_host);
        builder.AddColumn(VideoColumn, VideoDataViewType.Instance, [.. chosen.Select(i => _clips[i].Video)]);
        Task.AddLabels(builder, LabelColumn, chosen);
        return builder.GetDataView(chosen.Length);
    }

    /// <summary>Features of some of the rows, with labels and weights.</summary>
    /// <param name="chosen">The rows.</param>
    /// <param name="features">The features of each of them.</param>
    /// <param name="column">The name of their column.</param>
    public IDataView View(int[] chosen, float[][] features, string column)
    {
        var builder = new ArrayDataViewBuilder(_host);
        builder.AddColumn(column, NumberDataViewType.Single, features);
        Task.AddLabels(builder, LabelColumn, chosen);
        builder.AddColumn(LinearModel.WeightColumn, NumberDataViewType.Single, Task.Weights(chosen));
        return builder.GetDataView(chosen.Length);
    }

    private int GroupsOf(IEnumerable<int> rows) => rows.Select(i => Groups[i] ?? $"row {i}").Distinct().Count();
}
