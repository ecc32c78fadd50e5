// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>
/// Looks two batches ahead: while the model works on one batch, the clips of the next are decoded. Input columns are kept by
/// value; columns that cannot be kept (images, say) are read from a second cursor that moves along with the rows given out.
/// </summary>
internal sealed class BatchedScoringCursor : RootCursorBase
{
    private readonly SharedModel.Lease _model;
    private readonly RowsAhead _rows;
    private readonly DataViewRowCursor? _alongside;
    private readonly HashSet<int> _active;
    private readonly Func<int, Func<float[]>, Delegate> _createGetter;
    private readonly ScoringColumns _columns;
    private bool _disposed;
    private PendingRow? _current;

    public BatchedScoringCursor(IHost host, ScoringColumns columns, IDataView input, SharedModel model, int videoColumn,
        Func<int, Func<float[]>, Delegate> createGetter, DataViewSchema.Column[] needed, Random? rand)
        : base(host)
    {
        _columns = columns;
        _createGetter = createGetter;
        _active = [.. needed.Select(c => c.Index)];
        DataViewSchema.Column[] inputs = [.. _active.Select(columns.InputOf).OfType<int>().Select(i => input.Schema[i])];
        DataViewSchema.Column[] unbuffered = [.. inputs.Where(c => !ColumnBuffer.CanBuffer(c.Type))];
        DataViewSchema.Column[] buffered = [.. inputs.Except(unbuffered)];
        // Two cursors over shuffled rows have to be shuffled alike.
        int? seed = rand?.Next();
        _model = model.Rent();
        DataViewRowCursor upstream = input.GetRowCursor(
            buffered.Append(input.Schema[videoColumn]).DistinctBy(c => c.Index), NewRandom(seed));
        _rows = new RowsAhead(Ch, _model.Value, upstream, videoColumn, buffered);
        _alongside = unbuffered.Length == 0 ? null : input.GetRowCursor(unbuffered, NewRandom(seed));
    }

    public override DataViewSchema Schema => _columns.Schema;

    public override long Batch => 0;

    private PendingRow Current => _current ?? throw Ch.Except("The cursor is not on a row: call MoveNext first.");

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId dst) => dst = Current.Id;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Ch.CheckParam(IsColumnActive(column), nameof(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
        Delegate getter = _columns.InputOf(column.Index) is not int input
            ? _createGetter(_columns.OutputOf(column.Index)!.Value, () => Current.Scores!)
            : _rows.Buffer(input)?.MakeGetter(() => Current.Slot) ?? _alongside!.GetGetter<TValue>(_alongside.Schema[input]);
        return getter as ValueGetter<TValue>
            ?? throw Ch.ExceptParam(nameof(TValue), $"Column '{column.Name}' holds {column.Type}, which is not read as {typeof(TValue)}.");
    }

    protected override bool MoveNextCore()
    {
        _current = null;
        _current = _rows.Next();
        if (_current is null)
            return false;
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
            _rows.Dispose();
            _alongside?.Dispose();
            _model.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Random? NewRandom(int? seed) => seed is int value ? new Random(value) : null;
}
