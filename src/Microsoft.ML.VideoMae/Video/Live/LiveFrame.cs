// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae.Live;

/// <summary>A frame that arrived.</summary>
/// <param name="pool">Where its memory goes once nobody wants it any more.</param>
/// <param name="pixels">RGB bytes, [height, width, 3].</param>
/// <param name="width">Its width.</param>
/// <param name="height">Its height.</param>
internal sealed class LiveFrame(FramePool pool, byte[] pixels, int width, int height)
{
    private int _users = 1;

    public byte[] Pixels => pixels;

    public int Width => width;

    public int Height => height;

    /// <summary>When it is shown, in seconds from the first frame of its connection.</summary>
    public double Time { get; set; }

    /// <summary>Whether nobody wants it any more.</summary>
    public bool IsFree => Volatile.Read(ref _users) == 0;

    public void Hold() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            pool.Return(pixels);
    }
}

/// <summary>Memory of frames that is used again: new arrays would be megabytes each, many times a second.</summary>
internal sealed class FramePool
{
    private const int MostFree = 16;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _free = new();

    public byte[] Rent(int length)
    {
        lock (_lock)
        {
            if (_free.TryPeek(out byte[]? pixels) && pixels.Length == length)
                return _free.Pop();
            _free.Clear();      // of another size
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    public void Return(byte[] pixels)
    {
        lock (_lock)
        {
            if (_free.Count < MostFree && (!_free.TryPeek(out byte[]? other) || other.Length == pixels.Length))
                _free.Push(pixels);
        }
    }
}

/// <summary>The frames of a window that arrived, of one size; they are given back once the window is scored.</summary>
/// <param name="frames">The frames.</param>
/// <param name="timeline">When they are shown.</param>
internal sealed class HeldFrames(LiveFrame[] frames, FrameTimeline timeline)
{
    private int _isReleased;

    public FrameTimeline Timeline => timeline;

    public int Width => frames[0].Width;

    public int Height => frames[0].Height;

    /// <summary>Copies the frames that a request wants.</summary>
    public VideoFrames Pick(VideoWindow window, FrameRequest request, VideoReadOptions options)
    {
        int[] wanted;
        try
        {
            wanted = request.Choose(timeline);
        }
        catch (Exception e) when (VideoReader.ErrorOf(e) is VideoReadError error)
        {
            throw new VideoReadException(window.Name, error, e.Message, e);
        }

        MLVideo video = window.Source.Video;
        FrameLimits.CheckIndices(video, wanted, frames.Length);
        var assembler = new FrameAssembler(video, wanted, options, request.Memory);
        while (!assembler.IsComplete)
        {
            frames[assembler.NextFrame].Pixels.CopyTo(assembler.Begin(Width, Height));
            assembler.Complete();
        }

        return assembler.ToFrames();
    }

    /// <summary>Nobody reads them any more.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 1)
            return;
        foreach (LiveFrame frame in frames)
            frame.Release();
    }
}
