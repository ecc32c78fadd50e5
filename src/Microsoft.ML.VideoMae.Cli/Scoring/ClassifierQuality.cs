// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace VideoMaeCli.Scoring;

/// <summary>How good a classifier is on labelled videos.</summary>
internal sealed class ClassifierQuality
{
    private sealed class Row
    {
        public uint Label { get; set; }

        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private ClassifierQuality(ScoredVideos scored, MulticlassClassificationMetrics metrics)
    {
        Scored = scored;
        Metrics = metrics;
    }

    public ScoredVideos Scored { get; }

    /// <summary>ML.NET's own.</summary>
    public MulticlassClassificationMetrics Metrics { get; }

    public string[] Classes => Scored.Classes;

    /// <summary>How many videos of a true class (first) were given a class (second).</summary>
    public IReadOnlyList<IReadOnlyList<double>> Confusion => Metrics.ConfusionMatrix.Counts;

    /// <exception cref="InvalidDataException">No video could be read.</exception>
    public static ClassifierQuality Measure(MLContext ml, ScoredVideos scored)
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
        return new ClassifierQuality(scored, ml.MulticlassClassification.Evaluate(rows));
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
