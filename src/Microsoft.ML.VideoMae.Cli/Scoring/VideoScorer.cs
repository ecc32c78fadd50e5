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

    /// <summary>The names of the classes, all different.</summary>
    public string[] Classes { get; } = ReadClasses(ml, model, source);

    /// <summary>Scores labelled videos; those with a label that the model does not know are counted.</summary>
    /// <param name="data">Rows with VideoPath and Label.</param>
    /// <param name="progress">Is told how many were done, of how many.</param>
    /// <param name="stop">Ends the work.</param>
    public ScoredVideos Score(IDataView data, Action<int, int>? progress = null, CancellationToken stop = default)
    {
        (VideoInput[] rows, UnknownLabel[] unknown) = Known(data);
        long start = Stopwatch.GetTimestamp();
        PartRow[] scored = [.. Score(rows, [.. Enumerable.Range(0, rows.Length)], progress, stop)];
        return ScoredVideos.Of(Classes, scored, unknown, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>The labelled videos whose label the model knows, and the labels of the others.</summary>
    public (VideoInput[] Rows, UnknownLabel[] Unknown) Known(IDataView data)
    {
        VideoInput[] all = [.. ml.Data.CreateEnumerable<VideoInput>(data, reuseRowObject: false, ignoreMissingColumns: true)];
        VideoInput[] rows = [.. all.Where(row => Array.IndexOf(Classes, row.Label) >= 0)];
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
    public IEnumerable<(float[]? Scores, VideoReadException? Error)> ScoreRows(IReadOnlyList<VideoInput> rows,
        CancellationToken stop = default)
    {
        int done = 0;
        using (IEnumerator<ScoreRow> batches =
            ml.Data.CreateEnumerable<ScoreRow>(model.Transform(ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false).GetEnumerator())
        {
            while (done < rows.Count && TryNext(batches, stop) is float[] scores)
            {
                done++;
                yield return (scores, null);
            }
        }

        if (done == rows.Count)
            yield break;
        using PredictionEngine<VideoInput, ScoreRow> engine =
            ml.Model.CreatePredictionEngine<VideoInput, ScoreRow>(model, new PredictionEngineOptions { OwnsTransformer = false });
        for (; done < rows.Count; done++)
        {
            stop.ThrowIfCancellationRequested();
            yield return ScoreOne(engine, rows[done]);
        }
    }

    private static (float[]? Scores, VideoReadException? Error) ScoreOne(PredictionEngine<VideoInput, ScoreRow> engine, VideoInput row)
    {
        try
        {
            return (engine.Predict(row).Score, null);
        }
        catch (VideoReadException e) when (e.Error != VideoReadError.DecoderMissing)
        {
            return (null, e);
        }
    }

    private static float[]? TryNext(IEnumerator<ScoreRow> batches, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            return batches.MoveNext() ? batches.Current.Score : null;
        }
        catch (VideoReadException e) when (e.Error != VideoReadError.DecoderMissing)
        {
            return null;
        }
    }

    private static string[] ReadClasses(MLContext ml, ITransformer model, string source)
    {
        DataViewSchema schema = model.GetOutputSchema(ModelFile.Rows(ml, []).Schema);
        if (schema.GetColumnOrNull("Score") is not DataViewSchema.Column score || !score.HasSlotNames())
            throw new InvalidDataException(
                $"'{source}' is no classifier of videos: its output has no Score column with the names of classes.");
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
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
