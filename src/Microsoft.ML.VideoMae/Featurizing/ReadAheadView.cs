// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Prefetch;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>Rows as they are. While they are read in order, small videos of coming rows are decoded, many in a run of ffmpeg.</summary>
/// <param name="input">The rows.</param>
/// <param name="videoColumn">The column of videos.</param>
/// <param name="wanted">Makes the request for the frames that whoever describes a video asks for.</param>
/// <param name="options">How videos are read by whoever describes them.</param>
/// <param name="checkAlive">Throws where everything is stopped.</param>
internal sealed class ReadAheadView(
    IDataView input, DataViewSchema.Column videoColumn, Func<FrameRequest> wanted, VideoReadOptions options, Action checkAlive) : IDataView
{
    public DataViewSchema Schema => input.Schema;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        DataViewRowCursor rows = input.GetRowCursor(needed, rand);
        return LooksAhead(needed, rand) ? WithReadAhead([rows])[0] : rows;
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        DataViewRowCursor[] rows = input.GetRowCursorSet(needed, n, rand);
        return LooksAhead(needed, rand) ? WithReadAhead(rows) : rows;
    }

    /// <summary>
    /// Looking ahead takes a second cursor. Rows that are counted, or can be shuffled, can be read again; those of a stream would be lost
    /// to the first. Shuffled rows are read by training, which reads ahead itself.
    /// </summary>
    private bool LooksAhead(DataViewSchema.Column[] needed, Random? rand) =>
        rand is null && (input.CanShuffle || input.GetRowCount() is not null) && VideoReader.Default.KeepsFrames
        && needed.Any(c => c.Index == videoColumn.Index);

    private DataViewRowCursor[] WithReadAhead(DataViewRowCursor[] rows)
    {
        var ahead = new KeepingAhead(Videos(), wanted, options, checkAlive, rows.Length);
        return [.. rows.Select(r => new Cursor(r, ahead))];
    }

    private IEnumerable<MLVideo> Videos()
    {
        // A set of one: other cursors of ML.NET's read many rows ahead, in several threads, and what makes the videos may be slow.
        using DataViewRowCursor rows = input.GetRowCursorSet([videoColumn], 1)[0];
        ValueGetter<MLVideo> getter = rows.GetGetter<MLVideo>(videoColumn);
        MLVideo video = null!;
        while (rows.MoveNext())
        {
            getter(ref video);
            yield return video;
        }
    }

    private sealed class Cursor(DataViewRowCursor rows, KeepingAhead ahead) : DataViewRowCursor
    {
        private bool _isAtEnd;
        private bool _disposed;

        public override long Position => rows.Position;

        public override long Batch => rows.Batch;

        public override DataViewSchema Schema => rows.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => rows.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => rows.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        public override bool MoveNext()
        {
            // First: what comes before may read the same videos, and need not plan what is planned here.
            ahead.Advance();
            if (rows.MoveNext())
                return true;
            if (!_isAtEnd)
                ahead.Complete();
            _isAtEnd = true;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                ahead.Dispose();
                rows.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
