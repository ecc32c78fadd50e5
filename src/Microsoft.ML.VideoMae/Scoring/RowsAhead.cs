// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// The rows that a cursor has looked ahead to: their columns are kept by value, and their clips decoded on background threads. The rows
/// themselves are read on the thread of the caller, as those who made the data may expect.
/// </summary>
internal sealed class RowsAhead : IDisposable
{
    private readonly IChannel _channel;
    private readonly VideoModel _model;
    private readonly DataViewRowCursor _upstream;
    private readonly ValueGetter<MLVideo> _video;
    private readonly ValueGetter<DataViewRowId> _id;
    private readonly Dictionary<int, ColumnBuffer> _buffers = [];
    private readonly Queue<PendingRow> _rows = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly VideoNotes _notes = new();
    private readonly SemaphoreSlim _decoders = new(Environment.ProcessorCount);
    private readonly int _rowsAtATime;
    private readonly int _capacity;
    private readonly int _views;
    private readonly int _rowLength;
    private readonly float[] _pixelValues; // [capacity, views, T, C, H, W]
    private readonly ReadsAhead _ahead;
    private readonly ConcurrentDictionary<int, MLVideo> _videos = [];    // those of rows that wait to be read, by the number of the row
    private volatile int _taken;
    private bool _atEnd;

    /// <param name="channel">Gets a warning about every clip that is passed over.</param>
    /// <param name="model">The model.</param>
    /// <param name="upstream">The rows; disposed of with this object.</param>
    /// <param name="videoColumn">The index of the column of clips.</param>
    /// <param name="kept">The columns to keep.</param>
    public RowsAhead(
        IChannel channel, VideoModel model, DataViewRowCursor upstream, int videoColumn, IEnumerable<DataViewSchema.Column> kept)
    {
        _channel = channel;
        _model = model;
        _upstream = upstream;
        DataViewSchema.Column clips = upstream.Schema[videoColumn];
        _views = clips.Type is VideoDataViewType ? model.Views.Count : model.Views.CountOfProcessed;
        _rowsAtATime = Math.Max(1, model.BatchSize / _views);
        _capacity = 2 * _rowsAtATime;
        _video = ClipColumn.Reader(upstream, clips);
        _id = upstream.GetIdGetter();
        foreach (DataViewSchema.Column column in kept)
            _buffers.Add(column.Index, ColumnBuffer.Create(upstream, column, _capacity));
        // Clips are read to where the model takes them from. New arrays for them, of megabytes each, would cost a collection of everything
        // now and then.
        _rowLength = checked(_views * model.ClipLength);
        _pixelValues = ArrayPool<float>.Shared.Rent(checked(_capacity * _rowLength));
        _ahead = new ReadsAhead(VideoReader.Default, model.ReadOptions, () => _taken,
            row => _videos.TryGetValue(row, out MLVideo? video) ? model.PlanReadOfViews(video) : null, Environment.ProcessorCount,
            _stop.Token);
    }

    /// <summary>What is kept of a column; null if it is not kept.</summary>
    public ColumnBuffer? Buffer(int column) => _buffers.GetValueOrDefault(column);

    /// <summary>The next row, scored; null at the end.</summary>
    public PendingRow? Next()
    {
        if (_rows.Count == 0 || _rows.Peek().Scores is null)
            ScoreNextBatch();
        return _rows.TryDequeue(out PendingRow? row) ? row : null;
    }

    /// <summary>Ends the decoding and waits for it.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            Task.WaitAll([.. _rows.Select(r => r.IsRead)]);
        }
        catch (AggregateException)
        {
            // Rows that nobody asked for any more.
        }

        _ahead.Dispose();
        _notes.Report(text => _channel.Warning(text));
        ArrayPool<float>.Shared.Return(_pixelValues);
        _upstream.Dispose();
        _stop.Dispose();
        _decoders.Dispose();
    }

    private void ScoreNextBatch()
    {
        LookAhead();
        if (_rows.Count == 0)
            return;
        int first = _rows.Peek().Slot;
        var read = new List<bool>();
        foreach (PendingRow row in _rows.Take(Math.Min(_rowsAtATime, _capacity - first)))
        {
            try
            {
                read.Add(row.IsRead.GetAwaiter().GetResult());
            }
            catch (Exception) when (read.Count > 0)
            {
                break; // The rows before it are given out first; then it is this row's turn to fail.
            }
        }

        float[][] scores = read.Contains(true) ? _model.ScoreRows(PixelValues(first, read.Count), _views) : [];
        foreach ((PendingRow row, int i) in _rows.Take(read.Count).Select((row, i) => (row, i)))
            row.Scores = read[i] ? scores[i] : _model.Missing();
    }

    private ArraySegment<float> PixelValues(int slot, int rows) => new(_pixelValues, slot * _rowLength, rows * _rowLength);

    private void LookAhead()
    {
        // All rows are known before the first is read, so that small videos are read together.
        var rows = new List<(int Number, int Slot, DataViewRowId Id, MLVideo Video)>();
        int taken = _taken;
        for (; !_atEnd && _rows.Count + rows.Count < _capacity; taken++)
        {
            if (!_upstream.MoveNext())
            {
                _atEnd = true;
                break;
            }

            int slot = taken % _capacity;
            foreach (ColumnBuffer buffer in _buffers.Values)
                buffer.Capture(slot);
            MLVideo? video = null;
            _video(ref video!);
            DataViewRowId id = default;
            _id(ref id);
            _videos[taken] = video;
            rows.Add((taken, slot, id, video));
        }

        _taken = taken;
        foreach ((int number, int slot, DataViewRowId id, MLVideo video) in rows)
            _rows.Enqueue(new PendingRow(slot, id, DecodeAsync(video, number, slot)));
    }

    private async Task<bool> DecodeAsync(MLVideo video, int number, int slot)
    {
        await _decoders.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            var ahead = new ReadAhead(_ahead, number);
            return await Task.Run(
                () => _model.TryReadViews(video, ahead, PixelValues(slot, 1), _channel, _notes, _stop.Token), _stop.Token)
                .ConfigureAwait(false);
        }
        finally
        {
            _videos.TryRemove(number, out _);
            _decoders.Release();
        }
    }
}
