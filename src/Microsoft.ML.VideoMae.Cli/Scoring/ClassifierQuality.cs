// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Scoring;

/// <summary>How good a classifier is on labelled videos.</summary>
internal sealed class ClassifierQuality : ModelQuality
{
    private sealed class Row
    {
        public uint Label { get; set; }

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class Answer
    {
        public bool Label { get; set; }

        public bool PredictedLabel { get; set; }

        public float Probability { get; set; }

        public float Score { get; set; }
    }

    private ClassifierQuality(ScoredVideos scored, MulticlassClassificationMetrics metrics, VideoTask task,
        BinaryClassificationMetrics? answers) =>
        (Scored, Metrics, Task, Answers) = (scored, metrics, task, answers);

    public ScoredVideos Scored { get; }

    /// <summary>What the model was trained for.</summary>
    public VideoTask Task { get; }

    /// <summary>ML.NET's own.</summary>
    public MulticlassClassificationMetrics Metrics { get; }

    /// <summary>ML.NET's own of yes or no; null for classes, and where all videos have one answer.</summary>
    public BinaryClassificationMetrics? Answers { get; }

    public string[] Classes => Scored.Classes;

    public override int Count => Scored.Videos.Count;

    public override TimeSpan Elapsed => Scored.Elapsed;

    public override IReadOnlyList<VideoReadException> Unreadable => Scored.Unreadable;

    public override IReadOnlyList<UnknownLabel> Unknown => Scored.Unknown;

    public override string Known => $"Its classes are: {string.Join(", ", Classes)}.";

    /// <summary>How many videos of a true class (first) were given a class (second).</summary>
    public IReadOnlyList<IReadOnlyList<double>> Confusion => Metrics.ConfusionMatrix.Counts;

    /// <exception cref="InvalidDataException">No video could be read.</exception>
    public static ClassifierQuality Measure(MLContext ml, VideoTask task, ScoredVideos scored)
    {
        if (scored.Videos.Count == 0)
        {
            throw new InvalidDataException(scored.Unreadable.Count > 0
                ? $"None of the {scored.Unreadable.Count} videos can be read. The first: {scored.Unreadable[0].Message}"
                : scored.Unknown.Count > 0
                ? $"No video has a label that the model knows: {UnknownLabel.Describe(scored.Unknown)}. " +
                    $"Its classes are: {string.Join(", ", scored.Classes)}."
                : "There are no videos to measure on.");
        }

        // ML.NET measures on columns: keys with the names of the classes, counted from 0 in objects, and a vector of known length.
        VBuffer<ReadOnlyMemory<char>> names = new(scored.Classes.Length, [.. scored.Classes.Select(c => c.AsMemory())]);
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        foreach (string key in (string[])[nameof(Row.Label), nameof(Row.PredictedLabel)])
        {
            schema[key].ColumnType = new KeyDataViewType(typeof(uint), scored.Classes.Length);
            schema[key].AddAnnotation("KeyValues", names, new VectorDataViewType(TextDataViewType.Instance, scored.Classes.Length));
        }

        schema[nameof(Row.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, scored.Classes.Length);
        schema[nameof(Row.Score)].AddAnnotation("SlotNames", names,
            new VectorDataViewType(TextDataViewType.Instance, scored.Classes.Length));
        IDataView rows = ml.Data.LoadFromEnumerable(
            scored.Videos.Select(v => new Row { Label = (uint)v.Label, PredictedLabel = (uint)v.Predicted, Score = v.Scores }), schema);
        return new ClassifierQuality(scored, ml.MulticlassClassification.Evaluate(rows), task,
            task == VideoTask.BinaryClassification ? MeasureAnswers(ml, scored) : null);
    }

    public override void Print() => MetricsReport.Print(this);

    public override JsonObject ToJson(string which) => MetricsReport.ToJson(this, which);

    private static BinaryClassificationMetrics? MeasureAnswers(MLContext ml, ScoredVideos scored)
    {
        if (scored.Videos.DistinctBy(v => v.Label).Count() < 2)
            return null;
        int yes = Array.IndexOf(scored.Classes, bool.TrueString);
        return ml.BinaryClassification.EvaluateNonCalibrated(ml.Data.LoadFromEnumerable(scored.Videos.Select(v => new Answer
        {
            Label = v.Label == yes,
            PredictedLabel = v.Predicted == yes,
            Probability = v.Scores[yes],
            Score = (2 * v.Scores[yes]) - 1, // ML.NET takes what is above 0 for yes.
        })));
    }

    /// <summary>Bins of confidence: how sure the model was, and how often it was right.</summary>
    public IReadOnlyList<CalibrationBin> Calibration(int bins = 10) =>
    [
        .. Scored.Videos.GroupBy(v => Math.Min(bins - 1, (int)(v.Confidence * bins))).OrderBy(g => g.Key)
            .Select(g =>
                new CalibrationBin(g.Average(v => (double)v.Confidence), g.Average(v => v.Predicted == v.Label ? 1.0 : 0), g.Count())),
    ];

    /// <summary>
    /// The mean distance of confidence from accuracy over the bins, weighted by their videos (expected calibration error).
    /// </summary>
    public double CalibrationError => Calibration().Sum(b => b.Count * Math.Abs(b.Confidence - b.Accuracy)) / Scored.Videos.Count;
}

/// <summary>Videos that the model was about equally sure of.</summary>
internal sealed record CalibrationBin(double Confidence, double Accuracy, int Count);
