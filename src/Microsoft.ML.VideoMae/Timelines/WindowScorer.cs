// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae.Timelines;

/// <summary>Scores windows with any classifier that has a Video column.</summary>
internal sealed class WindowScorer
{
    /// <summary>The class of a model that says yes or no.</summary>
    private const string Yes = "True";

    private readonly MLContext _ml;
    private readonly Action<string>? _note;
    private readonly SchemaDefinition _schema = SchemaDefinition.Create(typeof(Row));
    private readonly string _score;
    private readonly bool _isBinary;

    /// <summary>A row as models know them: what was trained with labels may ask for the column still.</summary>
    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;

        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    public WindowScorer(MLContext ml, ITransformer model, VideoTimelineOptions options)
    {
        (_ml, _note) = (ml, options.Note);
        ITransformer[] all = [.. All(model)];
        string video = all.OfType<VideoLoadingTransformer>().LastOrDefault()?.OutputColumnName ?? options.VideoColumnName;
        Steps = [.. all.Where(step => step is not VideoLoadingTransformer)];
        _schema[nameof(Row.Video)].ColumnName = video;
        DataViewSchema output = Apply([]).Schema;
        (_score, _isBinary, Labels) = ReadClasses(output, options.ScoreColumnName);
    }

    /// <summary>The steps of the model after its videos are loaded.</summary>
    public IReadOnlyList<ITransformer> Steps { get; }

    public IReadOnlyList<string> Labels { get; }

    /// <summary>Scores windows in order. One that cannot be read has no scores, and those after it are scored.</summary>
    public IEnumerable<VideoWindowScore> Score(IEnumerable<MLVideo> windows, WindowSource source, CancellationToken cancellationToken)
    {
        using WindowSource owned = source;
        using IEnumerator<MLVideo> input = windows.GetEnumerator();
        var pending = new Queue<MLVideo>();
        for (bool more = true; more;)
        {
            // A pass ends with the windows, or with one that cannot be read.
            var taken = new Queue<MLVideo>();
            using IEnumerator<float[]> pass = Pass(Feed(pending, input, taken)).GetEnumerator();
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                float[]? scores = null;
                try
                {
                    more = pass.MoveNext();
                    scores = more ? pass.Current : null;
                }
                catch (VideoReadException e) when (e.Error is not (VideoReadError.DecoderMissing or VideoReadError.Refused))
                {
                    more = source.ShorterCount is null;     // else the file holds less than it promised: there is nothing after it
                    _note?.Invoke(more ? e.Message : Shorter(source));
                }

                if (!more)
                    break;
                VideoWindow range = taken.Dequeue().Range!;
                yield return new VideoWindowScore(TimeSpan.FromSeconds(range.Start), TimeSpan.FromSeconds(range.End), scores);
                if (scores is not null)
                    continue;
                pending = new Queue<MLVideo>(taken.Concat(pending));    // what was looked ahead to is scored by the next pass
                break;
            }
        }
    }

    private static string Shorter(WindowSource source) =>
        $"{source.Video.Name} ends after {source.ShorterCount} frames, before the end that it promises: what is there was scored.";

    private static IEnumerable<MLVideo> Feed(Queue<MLVideo> pending, IEnumerator<MLVideo> input, Queue<MLVideo> taken)
    {
        while (pending.TryDequeue(out MLVideo? window) || input.MoveNext())
        {
            window ??= input.Current;
            taken.Enqueue(window);
            yield return window;
        }
    }

    private IEnumerable<float[]> Pass(IEnumerable<MLVideo> windows)
    {
        IDataView scored = Apply(windows);
        DataViewSchema.Column column = scored.Schema[_score];
        using DataViewRowCursor cursor = scored.GetRowCursor([column]);
        if (_isBinary)
        {
            ValueGetter<float> getOne = cursor.GetGetter<float>(column);
            float one = 0;
            while (cursor.MoveNext())
            {
                getOne(ref one);
                yield return [one];
            }

            yield break;
        }

        ValueGetter<VBuffer<float>> get = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> scores = default;
        while (cursor.MoveNext())
        {
            get(ref scores);
            yield return [.. scores.DenseValues()];
        }
    }

    private IDataView Apply(IEnumerable<MLVideo> windows)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(windows.Select(w => new Row { Video = w }), _schema);
        foreach (ITransformer step in Steps)
            data = step.Transform(data);
        return data;
    }

    private static (string Column, bool IsBinary, string[] Labels) ReadClasses(DataViewSchema schema, string score)
    {
        if (schema.GetColumnOrNull(score) is { Type: VectorDataViewType } column && column.HasSlotNames())
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetSlotNames(ref names);
            return (score, false, [.. names.DenseValues().Select(n => n.ToString())]);
        }

        if (schema.GetColumnOrNull("Probability") is { } probability && probability.Type == NumberDataViewType.Single)
            return (probability.Name, true, [Yes]);
        throw new InvalidOperationException($"The model gives no column '{score}' with the names of classes, and no Probability: it is no " +
            $"classifier of videos. It gives {string.Join(", ", schema.Select(c => c.Name).Distinct())}.");
    }

    private static IEnumerable<ITransformer> All(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(All) : [transformer];
}
