// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// Looks two batches ahead: while the model works on one batch, the clips of the next are decoded. Input columns are kept by
/// value; columns that cannot be kept (images, say) are read from a second cursor that moves along with the rows given out.
/// </summary>
internal sealed class BatchedScoringCursor : RootCursorBase
{
    private sealed class PendingRow(int slot, DataViewRowId id, Task<float[]?> pixelValues)
    {
        public int Slot { get; } = slot;

        public DataViewRowId Id { get; } = id;

        public Task<float[]?> PixelValues { get; } = pixelValues;

        public float[]? Scores { get; set; }
    }

    private readonly SharedScorer.Lease _scorer;
    private readonly DataViewRowCursor _upstream;
    private readonly DataViewRowCursor? _alongside;
    private readonly ValueGetter<MLVideo> _video;
    private readonly ValueGetter<DataViewRowId> _id;
    private readonly Dictionary<int, ColumnBuffer> _buffers = [];
    private readonly HashSet<int> _active;
    private readonly Queue<PendingRow> _rows = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _decoders = new(Environment.ProcessorCount);
    private readonly Func<int, Func<float[]>, Delegate> _createGetter;
    private readonly int _inputColumns;
    private readonly int _capacity;
    private long _taken;
    private bool _atEnd;
    private bool _disposed;
    private PendingRow? _current;

    public BatchedScoringCursor(IHost host, DataViewSchema schema, IDataView input, SharedScorer scorer, int videoColumn,
        Func<int, Func<float[]>, Delegate> createGetter, DataViewSchema.Column[] needed, Random? rand)
        : base(host)
    {
        Schema = schema;
        _createGetter = createGetter;
        _inputColumns = input.Schema.Count;
        _active = [.. needed.Select(c => c.Index)];
        DataViewSchema.Column[] inputs = [.. _active.Where(i => i < _inputColumns).Select(i => input.Schema[i])];
        DataViewSchema.Column[] unbuffered = [.. inputs.Where(c => !ColumnBuffer.CanBuffer(c.Type))];
        DataViewSchema.Column video = input.Schema[videoColumn];

        _scorer = scorer.Rent();
        _capacity = 2 * _scorer.Value.BatchSize;
        // Two cursors over shuffled rows have to be shuffled alike.
        int? seed = rand?.Next();
        _upstream = input.GetRowCursor(inputs.Except(unbuffered).Append(video).DistinctBy(c => c.Index), NewRandom(seed));
        _alongside = unbuffered.Length == 0 ? null : input.GetRowCursor(unbuffered, NewRandom(seed));
        _video = ClipColumn.Reader(_upstream, _upstream.Schema[videoColumn]);
        _id = _upstream.GetIdGetter();
        foreach (DataViewSchema.Column column in inputs.Except(unbuffered))
            _buffers.Add(column.Index, ColumnBuffer.Create(_upstream, column, _capacity));
    }

    public override DataViewSchema Schema { get; }

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId dst) => dst = Current.Id;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Ch.CheckParam(IsColumnActive(column), nameof(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
        Delegate getter = column.Index >= _inputColumns
            ? _createGetter(column.Index - _inputColumns, () => Current.Scores!)
            : _buffers.TryGetValue(column.Index, out ColumnBuffer? buffer)
                ? buffer.MakeGetter(() => Current.Slot)
                : _alongside!.GetGetter<TValue>(_alongside.Schema[column.Index]);
        return getter as ValueGetter<TValue>
            ?? throw Ch.ExceptParam(nameof(TValue), $"Column '{column.Name}' holds {column.Type}, which is not read as {typeof(TValue)}.");
    }

    protected override bool MoveNextCore()
    {
        _current = null;
        if (_rows.Count == 0 || _rows.Peek().Scores is null)
            ScoreNextBatch();
        if (_rows.Count == 0)
            return false;
        _current = _rows.Dequeue();
        Ch.Check(_alongside is null || _alongside.MoveNext(), "The input gave fewer rows the second time it was read.");
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        if (disposing)
        {
            _stop.Cancel();
            try
            {
                Task.WaitAll([.. _rows.Select(r => r.PixelValues)]);
            }
            catch (AggregateException)
            {
                // Rows that nobody asked for any more.
            }

            _upstream.Dispose();
            _alongside?.Dispose();
            _scorer.Dispose();
            _stop.Dispose();
            _decoders.Dispose();
        }

        base.Dispose(disposing);
    }

    private PendingRow Current => _current ?? throw Ch.Except("The cursor is not on a row: call MoveNext first.");

    private static Random? NewRandom(int? seed) => seed is int value ? new Random(value) : null;

    private void ScoreNextBatch()
    {
        LookAhead(_capacity);
        PendingRow[] batch = [.. _rows.Take(_scorer.Value.BatchSize)];
        if (batch.Length == 0)
            return;
        float[]?[] pixelValues = [.. batch.Select(r => r.PixelValues.GetAwaiter().GetResult())];
        float[][] scores = _scorer.Value.Score(pixelValues);
        for (int i = 0; i < batch.Length; i++)
            batch[i].Scores = scores[i];
    }

    private void LookAhead(int rows)
    {
        while (!_atEnd && _rows.Count < rows)
        {
            if (!_upstream.MoveNext())
            {
                _atEnd = true;
                return;
            }

            int slot = (int)(_taken++ % _capacity);
            foreach (ColumnBuffer buffer in _buffers.Values)
                buffer.Capture(slot);
            MLVideo? video = null;
            _video(ref video!);
            DataViewRowId id = default;
            _id(ref id);
            _rows.Enqueue(new PendingRow(slot, id, DecodeAsync(video)));
        }
    }

    private async Task<float[]?> DecodeAsync(MLVideo video)
    {
        await _decoders.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => _scorer.Value.TryReadPixelValues(video, Ch, _stop.Token), _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _decoders.Release();
        }
    }
}
