// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Classes, by the keys of a column. Models are compared by log-loss.</summary>
internal class ClassesTask : ExperimentTask
{
    private ClassLabels _labels = ClassLabels.FromNames([]);
    private int[] _classes = [];

    public override string Name => "classes";

    public override IReadOnlyList<float> Strengths => [10000, 1000, 100, 10, 1, 0.1f];

    public override IReadOnlyList<int> Strata => _classes;

    public override bool LearnsEachStratum => true;

    public override void CheckSchema(IHost host, SchemaShape schema, string label, string video) =>
        TrainingRows.CheckSchema(host, schema, label, video);

    public override void Take(IHost host, IReadOnlyList<ClipExample> clips, DataViewSchema.Column label)
    {
        _labels = LabelsOf(host, label);
        TrainingRows.CheckClasses(host, clips, _labels, label.Name);
        _classes = [.. clips.Select(c => c.ClassIndex)];
        string[] single = [.. _classes.GroupBy(c => c).Where(g => g.Count() == 1).Select(g => $"'{_labels.Names[g.Key]}'")];
        if (single.Length > 0)
        {
            throw host.Except($"One video is too few for a class, since each has to be in two folds: {string.Join(", ", single)}. " +
                "Add videos, or leave these classes out.");
        }
    }

    public override void AddLabels(ArrayDataViewBuilder builder, string column, IReadOnlyList<int> rows)
    {
        VBuffer<ReadOnlyMemory<char>> names = new(_labels.Count, [.. _labels.Names.Select((n, i) => NameOf(n, i).AsMemory())]);
        builder.AddColumn(column, (ref VBuffer<ReadOnlyMemory<char>> dst) => names.CopyTo(ref dst), (ulong)_labels.Count,
            [.. rows.Select(i => (uint)_classes[i] + 1)]);
    }

    /// <summary>All classes count alike.</summary>
    public override float[] Weights(IReadOnlyList<int> rows)
    {
        Dictionary<int, int> counts = rows.GroupBy(i => _classes[i]).ToDictionary(g => g.Key, g => g.Count());
        return [.. rows.Select(i => (float)rows.Count / (counts.Count * counts[_classes[i]]))];
    }

    public override ITransformer TrainLinear(MLContext ml, IDataView data, float strength, string label, string features) =>
        ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = label,
            FeatureColumnName = features,
            ExampleWeightColumnName = LinearModel.WeightColumn,
            L1Regularization = 0,
            L2Regularization = strength,
            OptimizationTolerance = 1e-5f,
            MaximumNumberOfIterations = 300,
            NumberOfThreads = 1,
        }).Fit(data);

    public override VideoMaeTrainerOptions? OptionsOf(VideoExperimentCandidate candidate) => candidate.ClassTraining?.Invoke();

    public override ITransformer TrainTransformer(IHost host, VideoMaeTrainerOptions options, IDataView data) =>
        new VideoMaeTrainer(host, (VideoMaeTrainer.Options)options).Fit(data);

    public override IEnumerable<float[]> ReadScores(IDataView scored) => scored.GetColumn<float[]>(DefaultColumnNames.Score);

    public override OutOfFold Judge(float[]?[] scores) => ClassScores.Calibrated(scores, _classes);

    public override IEnumerable<ITransformer> Deliver(
        IHostEnvironment env, IReadOnlyList<ModelPart> parts, float sharpness, ICollection<string> temporary) =>
        [Averaged(env, parts, sharpness, DefaultColumnNames.PredictedLabel, DefaultColumnNames.Score)];

    public override IReadOnlyList<VideoSuspectLabel> Suspects(OutOfFold scores) =>
        VideoSuspectLabel.Find(scores.Scores, _classes, _labels.Names);

    private protected ScoreAveragingTransformer Averaged(
        IHostEnvironment env, IReadOnlyList<ModelPart> parts, float sharpness, string predictedLabel, string score) =>
        new(env, [.. parts.Select(p => (p.Score, p.Sharpness))], sharpness, _labels, predictedLabel, score);

    private protected virtual ClassLabels LabelsOf(IHost host, DataViewSchema.Column label) => ClassLabels.FromColumn(host, label);

    /// <summary>Two keys may have one text, which a classifier's names of outputs may not.</summary>
    private string NameOf(string name, int index) =>
        _labels.Names.Count(n => n == name) == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} ({index})");
}

/// <summary>Yes or no: two classes within, and the columns of a binary classifier outside.</summary>
internal sealed class BinaryTask : ClassesTask
{
    private const string Class = "VideoExperiment.Class";
    private const string Probabilities = "VideoExperiment.Probabilities";

    public override string Name => "yes or no";

    public override void CheckSchema(IHost host, SchemaShape schema, string label, string video)
    {
        TrainingRows.CheckClips(host, schema, video);
        TrainingRows.CheckLabel(host, schema, label, BooleanDataViewType.Instance);
    }

    public override IEnumerable<ITransformer> Deliver(
        IHostEnvironment env, IReadOnlyList<ModelPart> parts, float sharpness, ICollection<string> temporary)
    {
        temporary.Add(Class);
        temporary.Add(Probabilities);
        return [Averaged(env, parts, sharpness, Class, Probabilities), new BinaryScoreTransformer(env, Probabilities)];
    }

    private protected override ClassLabels LabelsOf(IHost host, DataViewSchema.Column label) => ClassLabels.FromNames(["False", "True"]);
}
