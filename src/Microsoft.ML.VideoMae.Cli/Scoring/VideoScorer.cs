// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Scoring;

/// <summary>Scores videos with a classifier; one that cannot be read does not end the others.</summary>
/// <param name="ml">The context.</param>
/// <param name="model">The model, which stays the caller's.</param>
/// <param name="source">What messages call the model.</param>
internal sealed class VideoScorer(MLContext ml, ITransformer model, string source)
{
    private sealed class ScoreRow
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class AnswerRow
    {
        public float Probability { get; set; }
    }

    private sealed class NumberRow
    {
        public float Score { get; set; }
    }

    private readonly DataViewSchema _schema = model.GetOutputSchema(ModelFile.Rows(ml, []).Schema);
    private VideoTask? _task;
    private string[]? _classes;

    /// <summary>What the model was trained for.</summary>
    /// <exception cref="InvalidDataException">It was trained for nothing that is known here.</exception>
    public VideoTask Task => _task ??= VideoTasks.Of(_schema, source);

    /// <summary>The names of the classes, all different; none for numbers.</summary>
    public string[] Classes => _classes ??= Task switch
    {
        VideoTask.Regression => [],
        VideoTask.BinaryClassification => [.. VideoTasks.YesOrNo],
        _ => ReadClasses(_schema),
    };

    /// <summary>Measures the model on labelled videos; those with a label that it does not know are counted.</summary>
    /// <param name="data">Rows with VideoPath and Label.</param>
    /// <param name="progress">Is told how many were done, of how many.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="InvalidDataException">No video could be read.</exception>
    public ModelQuality Measure(IDataView data, Action<int, int>? progress = null, CancellationToken stop = default)
    {
        (VideoInput[] rows, UnknownLabel[] unknown) = Known(data);
        long start = Stopwatch.GetTimestamp();
        PartRow[] scored = [.. Score(rows, [.. Enumerable.Range(0, rows.Length)], progress, stop)];
        return ModelQuality.Of(ml, Task, Classes, scored, unknown, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>The labelled videos whose label the model knows, and the labels of the others.</summary>
    public (VideoInput[] Rows, UnknownLabel[] Unknown) Known(IDataView data)
    {
        VideoInput[] all = [.. ml.Data.CreateEnumerable<VideoInput>(data, reuseRowObject: false, ignoreMissingColumns: true)];
        foreach (VideoInput row in all)
            row.Label = VideoTasks.Canonical(Task, row.Label) ?? row.Label;
        VideoInput[] rows = [.. all.Where(row => Task == VideoTask.Regression
            ? VideoTasks.Number(row.Label) is not null
            : Array.IndexOf(Classes, row.Label) >= 0)];
        return (rows, UnknownLabel.Tally(all.Except(rows).Select(row => row.Label)));
    }

    /// <summary>Scores some of the labelled videos.</summary>
    /// <param name="rows">All of them.</param>
    /// <param name="own">Those to score.</param>
    /// <param name="progress">Is told how many were done, of how many.</param>
    /// <param name="stop">Ends the work.</param>
    public IEnumerable<PartRow> Score(VideoInput[] rows, int[] own, Action<int, int>? progress, CancellationToken stop)
    {
        int done = 0;
        foreach ((float[]? scores, VideoReadException? error) in ScoreRows([.. own.Select(i => rows[i])], stop))
        {
            int row = own[done++];
            yield return new PartRow(row, rows[row].VideoPath, scores, error?.Reason)
            {
                Label = rows[row].Label,
                ErrorKind = error?.Error ?? default,
            };
            progress?.Invoke(done, own.Length);
        }
    }

    /// <summary>
    /// Scores videos in order, each as soon as it is done: batches with the decoding ahead,
    /// and row by row from the first that cannot be read.
    /// </summary>
    /// <returns>A probability for each class, or a vector of one number.</returns>
    public IEnumerable<(float[]? Scores, VideoReadException? Error)> ScoreRows(
        IReadOnlyList<VideoInput> rows, CancellationToken stop = default) => Task switch
        {
            VideoTask.Regression => ScoreRows<NumberRow>(rows, row => [row.Score], stop),
            VideoTask.BinaryClassification => ScoreRows<AnswerRow>(rows, row => [1 - row.Probability, row.Probability], stop),
            _ => ScoreRows<ScoreRow>(rows, row => row.Score, stop),
        };

    private IEnumerable<(float[]? Scores, VideoReadException? Error)> ScoreRows<TRow>(
        IReadOnlyList<VideoInput> rows, Func<TRow, float[]> scoresOf, CancellationToken stop)
        where TRow : class, new()
    {
        int done = 0;
        using (IEnumerator<TRow> batches =
            ml.Data.CreateEnumerable<TRow>(model.Transform(ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false).GetEnumerator())
        {
            while (done < rows.Count && TryNext(batches, stop) is TRow row)
            {
                done++;
                yield return (scoresOf(row), null);
            }
        }

        if (done == rows.Count)
            yield break;
        using PredictionEngine<VideoInput, TRow> engine =
            ml.Model.CreatePredictionEngine<VideoInput, TRow>(model, new PredictionEngineOptions { OwnsTransformer = false });
        for (; done < rows.Count; done++)
        {
            stop.ThrowIfCancellationRequested();
            yield return ScoreOne(engine, rows[done], scoresOf);
        }
    }

    private static (float[]? Scores, VideoReadException? Error) ScoreOne<TRow>(
        PredictionEngine<VideoInput, TRow> engine, VideoInput row, Func<TRow, float[]> scoresOf)
        where TRow : class, new()
    {
        try
        {
            return (scoresOf(engine.Predict(row)), null);
        }
        catch (VideoReadException e) when (e.Error != VideoReadError.DecoderMissing)
        {
            return (null, e);
        }
    }

    private static TRow? TryNext<TRow>(IEnumerator<TRow> batches, CancellationToken stop)
        where TRow : class
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            return batches.MoveNext() ? batches.Current : null;
        }
        catch (VideoReadException e) when (e.Error != VideoReadError.DecoderMissing)
        {
            return null;
        }
    }

    private static string[] ReadClasses(DataViewSchema schema)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);
        return ClassNames.Distinct([.. names.DenseValues().Select(n => n.ToString())]);
    }
}

/// <summary>The names by which the tool shows classes: a name that several have is followed by the index of each.</summary>
internal static class ClassNames
{
    /// <summary>Names of which no two are alike, such as 'crane (134)' and 'crane (517)'.</summary>
    public static string[] Distinct(IReadOnlyList<string> names)
    {
        HashSet<string> several = [.. names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key)];
        string[] shown = [.. names.Select((name, i) => several.Contains(name) ? $"{name} ({i})" : name)];
        // A class may be called 'crane (1)' by itself.
        return several.Count == 0 || shown.Distinct().Count() == shown.Length ? shown : Distinct(shown);
    }
}
