// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae;

namespace WatchStream;

/// <summary>Some seconds of a stream.</summary>
/// <param name="Frames">Its frames.</param>
/// <param name="Frame">The number of frames of the stream up to its end.</param>
/// <param name="Arrived">When its last frame arrived.</param>
internal sealed record Window(VideoFrames Frames, long Frame, long Arrived)
{
    /// <summary>The time since its last frame arrived.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Arrived);
}

/// <summary>Overlapping windows of a stream, of which only the newest waits for its reader.</summary>
internal sealed class SlidingWindows
{
    private readonly FrameStream _stream;
    private readonly int _length;
    private readonly int _step;
    private readonly Channel<Window> _newest;

    /// <param name="stream">The stream.</param>
    /// <param name="length">The number of frames of a window.</param>
    /// <param name="step">The number of frames from the end of one window to that of the next.</param>
    public SlidingWindows(FrameStream stream, int length, int step)
    {
        (_stream, _length, _step) = (stream, length, step);
        _newest = Channel.CreateBounded<Window>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => LeftOut++);
    }

    /// <summary>The number of windows that came and went while their reader was busy.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Reads the windows to the end of the stream.</summary>
    public IAsyncEnumerable<Window> ReadAsync(CancellationToken cancellation)
    {
        _ = Task.Run(() => FillAsync(cancellation), CancellationToken.None);
        return _newest.Reader.ReadAllAsync(cancellation);
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        try
        {
            var last = new Queue<byte[]>();
            long frame = 0;
            await foreach ((byte[] pixels, long arrived) in _stream.ReadAsync(cancellation))
            {
                last.Enqueue(pixels);
                frame++;
                if (last.Count > _length)
                    last.Dequeue();
                if (last.Count == _length && (frame - _length) % _step == 0)
                    _newest.Writer.TryWrite(new Window(Join(last), frame, arrived));
            }

            _newest.Writer.Complete();
        }
        catch (Exception e)
        {
            // The reader gets it.
            _newest.Writer.Complete(e);
        }
    }

    private VideoFrames Join(IEnumerable<byte[]> frames)
    {
        var pixels = new byte[_length * _stream.Height * _stream.Width * VideoFrames.Channels];
        int at = 0;
        foreach (byte[] frame in frames)
        {
            frame.CopyTo(pixels, at);
            at += frame.Length;
        }

        return new VideoFrames(pixels, _length, _stream.Height, _stream.Width);
    }
}
