// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>
/// The images of all rows' videos, one a row: what a pipeline for images is fitted on. A video is read when its images are.
/// </summary>
internal sealed class FrameImagesView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _input;
    private readonly VideoColumns _columns;
    private readonly FrameImages _images;

    public FrameImagesView(IHost host, IDataView input, VideoColumns columns, FrameImages images, DataViewSchema schema)
    {
        (_host, _input, _columns, _images) = (host, input, columns, images);
        Schema = schema;
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded.Any());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly FrameImagesView _view;
        private readonly bool _isActive;
        private readonly DataViewRowCursor _rows;
        private readonly ValueGetter<MLVideo> _getVideo;
        private readonly VideoReadOptions _options;
        private readonly FeaturizingPass _pass;
        private readonly FrameMemory _memory = new();
        private readonly ImageSource _source = new();
        private VideoFrames? _frames;
        private FrameCutter? _cutter;
        private int _image; // The place of the current image among those of its video.
        private bool _disposed;

        public Cursor(FrameImagesView view, bool isActive)
            : base(view._host)
        {
            (_view, _isActive) = (view, isActive);
            DataViewSchema.Column video = view._columns.FindIn(Ch, view._input.Schema);
            _rows = view._input.GetRowCursor([video]);
            _getVideo = _rows.GetGetter<MLVideo>(_rows.Schema[video.Index]);
            _options = VideoFeaturizingTransformer.ReadOptions(view._host, view._images.MaxShortSide);
            _pass = new FeaturizingPass(view._host);
            _pass.Enter();
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _isActive;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(_isActive, nameof(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
            return _source.Getter<TValue>(column);
        }

        protected override bool MoveNextCore()
        {
            _image++;
            while (_frames is null || _image >= _frames.Count * _view._images.CellCount)
            {
                if (!_rows.MoveNext())
                    return false;
                _frames = Read();
                _image = 0;
            }

            int cells = _view._images.CellCount;
            _source.Set(_cutter!.Cut(_frames.Frame(_image / cells), _image % cells), _cutter.Height, _cutter.Width);
            return true;
        }

        /// <summary>Reads a row's video; null where it cannot be read and is left out.</summary>
        private VideoFrames? Read()
        {
            MLVideo video = null!;
            _getVideo(ref video);
            try
            {
                VideoFrames frames = VideoReader.Default.Read(video, new UniformFrameSampler(_view._images.Frames), _memory, _options);
                _pass.Add(video, frames);
                _cutter = new FrameCutter(_view._images, frames.Height, frames.Width);
                return frames;
            }
            catch (VideoReadException e) when (_view._columns.OnVideoError == VideoErrorPolicy.Skip)
            {
                _pass.Skip(e);
                return null;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (disposing)
            {
                _pass.Leave();
                _rows.Dispose();
                _memory.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
