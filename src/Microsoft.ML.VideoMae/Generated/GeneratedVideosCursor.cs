// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>Goes over generated videos; makes a clip when one of its columns is read for the first time.</summary>
internal sealed class GeneratedVideosCursor : RootCursorBase
{
    private readonly GeneratedVideos _videos;
    private readonly HashSet<int> _active;
    private readonly long _first;
    private readonly long _step;
    private GeneratedClip? _clip;
    private long _made = -1;

    /// <param name="provider">Gets what is wrong.</param>
    /// <param name="videos">The videos.</param>
    /// <param name="active">The indices of the columns that were asked for.</param>
    /// <param name="first">The first row.</param>
    /// <param name="step">The number of cursors that share the rows.</param>
    public GeneratedVideosCursor(IChannelProvider provider, GeneratedVideos videos, HashSet<int> active, long first, long step)
        : base(provider) => (_videos, _active, _first, _step) = (videos, active, first, step);

    /// <inheritdoc/>
    public override DataViewSchema Schema => _videos.Schema;

    /// <inheritdoc/>
    public override long Batch => Row;

    private long Row => _first + Position * _step;

    private GeneratedClip Clip
    {
        get
        {
            Ch.Check(Position >= 0, "The cursor is not on a row: call MoveNext first.");
            if (_clip is null || _made != Row)
                (_clip, _made) = (_videos.Create(Row), Row);
            return _clip;
        }
    }

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Row, 0);

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Ch.CheckParam(IsColumnActive(column), nameof(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
        System.Delegate getter = column.Index == 0
            ? (ValueGetter<MLVideo>)((ref MLVideo value) => value = MLVideo.CreateFromFrames(Clip.Frames, $"generated {Row}"))
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
                value = new VBuffer<float>(Clip.Displacement.Length, Clip.Displacement.ToArray()));
        return getter as ValueGetter<TValue>
            ?? throw Ch.ExceptParam(nameof(TValue), $"Column '{column.Name}' holds {column.Type}, which is not read as {typeof(TValue)}.");
    }

    /// <inheritdoc/>
    protected override bool MoveNextCore() => _first + (Position + 1) * _step < _videos.GetRowCount();
}
