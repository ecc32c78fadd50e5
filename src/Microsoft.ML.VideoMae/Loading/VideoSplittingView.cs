// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>A row for every window of every row's video.</summary>
internal sealed class VideoSplittingView(IHost host, IDataView input, VideoSplittingTransformer transformer, DataViewSchema schema) : IDataView
{
    public DataViewSchema Schema => schema;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(host, input, transformer, schema, [.. columnsNeeded.Select(c => c.Index)], rand);

    /// <summary>One cursor: a video is decoded along its windows.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        /// <summary>Videos whose windows may be read still by those that look ahead; of others, windows are read one by one.</summary>
        private const int OpenVideos = 3;

        private readonly VideoSplittingTransformer _transformer;
        private readonly HashSet<int> _active;
        private readonly int _inputColumns;
        private readonly DataViewRowCursor _rows;
        private readonly ValueGetter<MLVideo> _getVideo;
        private readonly ValueGetter<DataViewRowId> _getId;
        private readonly VideoReadOptions _options;
        private readonly Queue<WindowSource> _sources = new();
        private IEnumerator<MLVideo> _windows = Enumerable.Empty<MLVideo>().GetEnumerator();
        private ulong _window;
        private bool _disposed;

        public Cursor(IHost host, IDataView input, VideoSplittingTransformer transformer, DataViewSchema schema, HashSet<int> active,
            Random? rand)
            : base(host)
        {
            (_transformer, Schema, _active, _inputColumns) = (transformer, schema, active, input.Schema.Count);
            DataViewSchema.Column video = input.Schema[transformer.InputColumnName];
            _rows = input.GetRowCursor(
                input.Schema.Where(c => c.Index == video.Index || active.Contains(c.Index)), input.CanShuffle ? rand : null);
            _getVideo = _rows.GetGetter<MLVideo>(_rows.Schema[video.Index]);
            _getId = _rows.GetIdGetter();
            _options = VideoReadOptions.Default with { TempFilePath = TemporaryFiles.FolderOf(host) };
        }

        public override DataViewSchema Schema { get; }

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
        {
            _getId(ref id);
            id = id.Combine(new DataViewRowId(_window, 0));
        };

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
            if (column.Index < _inputColumns)
                return _rows.GetGetter<TValue>(_rows.Schema[column.Index]);
            Delegate getter = (column.Index - _inputColumns) switch
            {
                0 => (ValueGetter<MLVideo>)((ref MLVideo video) => video = _windows.Current),
                1 => (ValueGetter<float>)((ref float start) => start = (float)_windows.Current.Range!.Start),
                _ => (ValueGetter<float>)((ref float end) => end = (float)_windows.Current.Range!.End),
            };
            return getter as ValueGetter<TValue>
                ?? throw Ch.ExceptParam(nameof(TValue), $"Column '{column.Name}' holds {column.Type}, which is not read as {typeof(TValue)}.");
        }

        protected override bool MoveNextCore()
        {
            while (!_windows.MoveNext())
            {
                if (!_rows.MoveNext())
                    return false;
                Open();
            }

            _window++;
            return true;
        }

        private void Open()
        {
            MLVideo video = null!;
            _getVideo(ref video);
            _window = 0;
            try
            {
                FrameTimeline timeline = VideoReader.Default.TimelineOf(video, _options);
                _windows = _transformer.Grid.Over(video, timeline, out WindowSource source).GetEnumerator();
                _sources.Enqueue(source);
            }
            catch (VideoReadException e) when (_transformer.OnVideoError == VideoErrorPolicy.Skip)
            {
                Ch.Warning($"A video gets no rows: {e.Message}");
                _windows = Enumerable.Empty<MLVideo>().GetEnumerator();
            }

            while (_sources.Count > OpenVideos)
                _sources.Dequeue().Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (disposing)
            {
                foreach (WindowSource source in _sources)
                    source.Dispose();
                _rows.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
