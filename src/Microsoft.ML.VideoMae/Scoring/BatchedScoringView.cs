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
/// Scored data, batch by batch: its cursor looks ahead, decodes on background threads, and runs the model on a batch at a time,
/// where ML.NET's own row mapping would score every row by itself.
/// </summary>
/// <param name="host">The host of the transformer.</param>
/// <param name="input">The data to score.</param>
/// <param name="rowByRow">The same data, mapped row by row: it defines the schema, and serves where no score is asked for.</param>
/// <param name="model">The model.</param>
/// <param name="videoColumn">The index of the column of clips in <paramref name="input"/>.</param>
/// <param name="createGetter">Makes the getter of an added column from the model's output for the current row.</param>
internal sealed class BatchedScoringView(IHost host, IDataView input, IDataView rowByRow, SharedModel model, int videoColumn,
    Func<int, Func<float[]>, Delegate> createGetter) : IDataView
{
    public DataViewSchema Schema => rowByRow.Schema;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        return NeedsScores(needed)
            ? new BatchedScoringCursor(host, Schema, input, model, videoColumn, createGetter, needed, rand)
            : rowByRow.GetRowCursor(needed, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        return NeedsScores(needed) ? [GetRowCursor(needed, rand)] : rowByRow.GetRowCursorSet(needed, n, rand);
    }

    private bool NeedsScores(DataViewSchema.Column[] needed) => needed.Any(c => c.Index >= input.Schema.Count);
}
