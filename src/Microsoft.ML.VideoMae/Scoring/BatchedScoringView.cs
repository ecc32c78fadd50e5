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
/// <param name="outputs">The names of the columns of scores.</param>
/// <param name="createGetter">Makes the getter of an added column from the model's output for the current row.</param>
internal sealed class BatchedScoringView(IHost host, IDataView input, IDataView rowByRow, SharedModel model, int videoColumn,
    IReadOnlyList<string> outputs, Func<int, Func<float[]>, Delegate> createGetter) : IDataView
{
    private readonly ScoringColumns _columns = new(rowByRow.Schema, input.Schema, outputs);

    public DataViewSchema Schema => rowByRow.Schema;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        return NeedsScores(needed)
            ? new BatchedScoringCursor(host, _columns, input, model, videoColumn, createGetter, needed, rand)
            : rowByRow.GetRowCursor(needed, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        return NeedsScores(needed) ? [GetRowCursor(needed, rand)] : rowByRow.GetRowCursorSet(needed, n, rand);
    }

    private bool NeedsScores(DataViewSchema.Column[] needed) => needed.Any(c => _columns.OutputOf(c.Index) is not null);
}

/// <summary>
/// Where the columns of scored data come from. An added column with the name of another one stands right behind it, in the middle of the
/// input's columns.
/// </summary>
internal sealed class ScoringColumns
{
    private readonly int[] _places; // The index of the column in the input, or the complement of that of an output.

    /// <param name="schema">The scored data.</param>
    /// <param name="input">What was scored.</param>
    /// <param name="outputs">The names of the columns that scoring adds.</param>
    public ScoringColumns(DataViewSchema schema, DataViewSchema input, IReadOnlyList<string> outputs)
    {
        Schema = schema;
        var inputs = input.GroupBy(c => c.Name).ToDictionary(g => g.Key, g => new Queue<int>(g.Select(c => c.Index)));
        List<string> added = [.. outputs];
        _places = [.. schema.Select(c => inputs.TryGetValue(c.Name, out Queue<int>? left) && left.TryDequeue(out int index)
            ? index : ~added.IndexOf(c.Name))];
    }

    public DataViewSchema Schema { get; }

    /// <summary>The index of a column among those that scoring adds; null for one of the input.</summary>
    public int? OutputOf(int column) => _places[column] < 0 ? ~_places[column] : null;

    /// <summary>The index of a column in the input; null for one that scoring adds.</summary>
    public int? InputOf(int column) => _places[column] < 0 ? null : _places[column];
}
